import Metrics
import PutLiveMedia
import PutLiveWebRTC
import Synchronization

/// The metrics of browsers' broadcasts and of their way to the media server, by the names of docs/metrics.md.
final class BridgeMetrics: Sendable {
    /// What became of an accepted offer.
    enum Connect: String, CaseIterable {
        case connected, abandoned
        case iceFailed = "ice_failed"
        case dtlsFailed = "dtls_failed"
    }

    enum Attempt: String, CaseIterable {
        case connected, refused, failed
    }

    /// What is measured of one session.
    struct Measured: Sendable {
        var stream: StreamName
        var peer: PeerStatistics
        var pipeline: PipelineStatistics?
    }

    /// Counters of one session, as they were at the last look.
    private struct Seen: Sendable {
        var statistics: PeerStatistics?
        var pipeline: PipelineStatistics?
    }

    private struct Media: Sendable {
        let bytes: Counter
        let packets: Counter
        let lost: Counter
        let repaired: Counter
        let dropped: Counter

        init(_ kind: MediaKind, _ make: MetricMaker) {
            let counter = { (name: String) in make.counter(name, ["media": kind.rawValue]) }
            bytes = counter("putlive_webrtc_received_bytes_total")
            packets = counter("putlive_webrtc_packets_received_total")
            lost = counter("putlive_webrtc_packets_lost_total")
            repaired = counter("putlive_webrtc_packets_repaired_total")
            dropped = counter("putlive_rtmp_packets_dropped_total")
        }
    }

    private struct Series: Sendable {
        let roundTrip: Meter
        let jitter: [MediaKind: Meter]
        let estimate: Meter

        init(_ stream: StreamName, _ make: MetricMaker) {
            roundTrip = make.gauge("putlive_webrtc_rtt_seconds", ["stream": stream.text])
            jitter = make.each(MediaKind.allCases) {
                make.gauge("putlive_webrtc_jitter_seconds", ["stream": stream.text, "media": $0.rawValue])
            }
            estimate = make.gauge(
                "putlive_webrtc_bandwidth_estimate_bytes_per_second", ["stream": stream.text])
        }

        func destroy() {
            for gauge in [roundTrip, estimate] + Array(jitter.values) { gauge.destroy() }
        }
    }

    private struct State: Sendable {
        var seen: [String: Seen] = [:]
        var series: [StreamName: Series] = [:]
    }

    private let make: MetricMaker
    private let sessions: [Bool: Meter]
    private let overTCP: Meter
    private let offers: [Pair<PublishProtocol, Bool>: Counter]
    private let connects: [Connect: Counter]
    private let connectDuration: Timer
    private let iceFailures: [String: Counter]
    private let dtlsFailures: [String: Counter]
    private let media: [MediaKind: Media]
    private let discarded: [String: Counter]
    private let nacks: Counter
    private let keyframeRequests: Counter
    private let framesDropped: Counter
    private let publishers: Meter
    private let attempts: [Attempt: Counter]
    private let retries: Counter
    private let queued: Meter
    private let sent: Counter
    private let state = Mutex(State())

    init(factory: any MetricsFactory) {
        let make = MetricMaker(factory: factory)
        self.make = make
        sessions = make.each([true, false]) {
            make.gauge("putlive_webrtc_sessions_active", ["state": $0 ? "connected" : "connecting"])
        }
        overTCP = make.gauge("putlive_webrtc_tcp_sessions_active")
        offers = make.pairs([.whip, .offer], [true, false]) {
            make.counter(
                "putlive_webrtc_offers_total", ["protocol": $0.rawValue, "result": $1 ? "accepted" : "rejected"])
        }
        connects = make.each(Connect.allCases) {
            make.counter("putlive_webrtc_connects_total", ["result": $0.rawValue])
        }
        connectDuration = make.timer("putlive_webrtc_connect_duration_seconds", [:])
        iceFailures = make.each(["timeout", "consent_lost", "credentials"]) {
            make.counter("putlive_webrtc_ice_failures_total", ["reason": $0])
        }
        dtlsFailures = make.each(["timeout", "fingerprint", "alert", "profile"]) {
            make.counter("putlive_webrtc_dtls_failures_total", ["reason": $0])
        }
        media = make.each(MediaKind.allCases) { Media($0, make) }
        discarded = make.each(["authentication", "replay", "late", "malformed"]) {
            make.counter("putlive_webrtc_packets_discarded_total", ["reason": $0])
        }
        nacks = make.counter("putlive_webrtc_nacks_sent_total")
        keyframeRequests = make.counter("putlive_webrtc_plis_sent_total")
        framesDropped = make.counter("putlive_webrtc_frames_dropped_total")
        publishers = make.gauge("putlive_rtmp_publishers_active")
        attempts = make.each(Attempt.allCases) {
            make.counter("putlive_rtmp_publish_attempts_total", ["result": $0.rawValue])
        }
        retries = make.counter("putlive_rtmp_publish_retries_total")
        queued = make.gauge("putlive_rtmp_queue_bytes")
        sent = make.counter("putlive_rtmp_sent_bytes_total")
    }

    func offer(_ method: PublishProtocol, accepted: Bool) { offers[Pair(method, accepted)]?.increment() }

    func firstMedia(after milliseconds: UnixMilliseconds) {
        connectDuration.recordMilliseconds(max(0, milliseconds))
    }

    func connected() { connects[.connected]?.increment() }

    /// `wasConnected`: before it ended.
    func ended(_ end: PeerEnd, wasConnected: Bool) {
        switch end {
        case .neverConnected:
            connects[.iceFailed]?.increment()
            iceFailures["timeout"]?.increment()
        case .consentLost:
            if !wasConnected { connects[.abandoned]?.increment() }
            iceFailures["consent_lost"]?.increment()
        case .handshakeFailed(let failure):
            if !wasConnected { connects[.dtlsFailed]?.increment() }
            dtlsFailures[failure.label]?.increment()
        case .closed, .closedByPeer:
            if !wasConnected { connects[.abandoned]?.increment() }
        }
    }

    /// Takes in what is measured now of all sessions, by id.
    func set(_ all: [String: Measured]) {
        sessions[true]?.set(all.values.count { $0.peer.isConnected })
        sessions[false]?.set(all.values.count { !$0.peer.isConnected })
        overTCP.set(all.values.count { $0.peer.usesTCP })
        publishers.set(all.values.count { $0.pipeline?.rtmp?.isConnected == true })
        queued.set(all.values.reduce(0) { $0 + ($1.pipeline?.rtmp?.queueBytes ?? 0) })
        state.withLock { state in
            for (id, one) in all {
                let seen = state.seen[id] ?? Seen()
                count(one.peer, since: seen.statistics)
                if let pipeline = one.pipeline { count(pipeline, since: seen.pipeline) }
                state.seen[id] = Seen(statistics: one.peer, pipeline: one.pipeline)
                let series = state.series[one.stream] ?? Series(one.stream, make)
                state.series[one.stream] = series
                if let seconds = one.peer.media.roundTripSeconds { series.roundTrip.set(seconds) }
                series.jitter[.audio]?.set(one.peer.media.audio.jitterSeconds)
                series.jitter[.video]?.set(one.peer.media.video.jitterSeconds)
                series.estimate.set(Double(one.peer.media.estimatedBitrate) / 8)
            }
            state.seen = state.seen.filter { all[$0.key] != nil }
            let streams = Set(all.values.map(\.stream))
            for (stream, series) in state.series where !streams.contains(stream) {
                series.destroy()
                state.series[stream] = nil
            }
        }
    }

    private func count(_ now: PeerStatistics, since before: PeerStatistics?) {
        for kind in MediaKind.allCases {
            let new = kind == .audio ? now.media.audio : now.media.video
            let old = kind == .audio ? before?.media.audio : before?.media.video
            guard let media = media[kind] else { continue }
            media.bytes.increment(by: new.payloadBytes - (old?.payloadBytes ?? 0))
            media.packets.increment(by: new.packets - (old?.packets ?? 0))
            // A packet that was given up may still come.
            media.lost.increment(by: max(0, new.lost - (old?.lost ?? 0)))
            media.repaired.increment(by: new.repaired - (old?.repaired ?? 0))
            discarded["late"]?.increment(by: new.late - (old?.late ?? 0))
            discarded["malformed"]?.increment(by: new.malformed - (old?.malformed ?? 0))
            framesDropped.increment(by: new.framesDropped - (old?.framesDropped ?? 0))
        }
        discarded["authentication"]?.increment(by: now.unauthentic - (before?.unauthentic ?? 0))
        discarded["replay"]?.increment(by: now.replayed - (before?.replayed ?? 0))
        nacks.increment(by: now.media.nacksSent - (before?.media.nacksSent ?? 0))
        keyframeRequests.increment(by: now.media.plisSent - (before?.media.plisSent ?? 0))
    }

    private func count(_ now: PipelineStatistics, since before: PipelineStatistics?) {
        guard let now = now.rtmp else { return }
        let before = before?.rtmp ?? RTMPStatistics()
        sent.increment(by: now.sentBytes - before.sentBytes)
        attempts[.connected]?.increment(by: now.connects - before.connects)
        attempts[.refused]?.increment(by: now.refusals - before.refusals)
        attempts[.failed]?.increment(by: now.failures - before.failures)
        retries.increment(by: max(0, now.attempts - 1) - max(0, before.attempts - 1))
        media[.video]?.dropped.increment(by: now.dropped.video - before.dropped.video)
        media[.audio]?.dropped.increment(by: now.dropped.audio - before.dropped.audio)
    }
}

extension DTLSFailure {
    /// The label `reason`.
    fileprivate var label: String {
        switch self {
        case .timeout: "timeout"
        case .fingerprint: "fingerprint"
        case .profile: "profile"
        // Whose alert it was makes no difference here.
        case .alert, .refused: "alert"
        }
    }
}
