/// From a session's decrypted RTP and RTCP to its frames, and the RTCP that goes back: without I/O, it is told of packets
/// and of time. After each call, frames and RTCP are to be taken.
public struct MediaReceiver: Sendable {
    private static let reportInterval: Int64 = 1_000_000

    private let settings: ReceiverSettings
    private let extensions: HeaderExtensionIDs
    private var router: StreamRouter
    private var tracks: [TrackReceiver]
    private var sink = FrameSink()
    private var writer: RTCPWriter
    private var feedback = TransportFeedback()
    private var cap: BitrateCap
    private var roundTrip = RoundTrip()
    private var totals = ReceiverStatistics()
    private var reportDue: MonotonicTime
    /// Of the packet that came last.
    private var lastSSRC: UInt32 = 0
    private var bytes = 0
    private var bytesSince: MonotonicTime

    /// For what offer and answer agreed on.
    public init(
        tracks: [NegotiatedTrack], extensions: HeaderExtensionIDs, settings: ReceiverSettings, now: MonotonicTime
    ) {
        self.settings = settings
        self.extensions = HeaderExtensionIDs(
            mid: extensions.mid,
            transportCC: tracks.contains { $0.usesTransportCC } ? extensions.transportCC : nil)
        self.tracks = tracks.map { TrackReceiver($0, keyframeInterval: settings.keyframeInterval) }
        router = StreamRouter(tracks)
        writer = RTCPWriter(ssrc: settings.localSSRC, cname: settings.cname)
        cap = BitrateCap(most: settings.maxBitrate, isGuidedByTransport: self.extensions.transportCC != nil)
        reportDue = now
        bytesSince = now
    }

    // MARK: Packets

    /// Takes a decrypted RTP packet.
    public mutating func receiveRTP(_ packet: UnsafeRawBufferPointer, at now: MonotonicTime) {
        guard let header = RTPHeader(packet, extensions: extensions) else {
            totals.malformed += 1
            return
        }
        bytes += packet.count
        // Whatever the packet is for, it crossed the link.
        if let number = header.transportSequence {
            feedback.record(number, at: now)
            lastSSRC = header.ssrc
        }
        guard let index = router.track(of: header, in: packet) else {
            totals.malformed += 1
            return
        }
        tracks[index].receive(header, packet, roundTrip: &roundTrip, at: now, into: &sink)
        if tracks[index].needsReport { reportDue = min(reportDue, now) }
        if nextDeadline <= now { tick(at: now) }
    }

    /// Takes a decrypted RTCP packet.
    public mutating func receiveRTCP(_ packet: UnsafeRawBufferPointer, at now: MonotonicTime) {
        guard let packets = RTCPPacket.parse(packet) else {
            totals.malformed += 1
            return
        }
        for packet in packets {
            switch packet {
            case .senderReport(let ssrc, let ntp, let timestamp):
                guard let index = tracks.firstIndex(where: { $0.ssrc == ssrc }) else { continue }
                tracks[index].senderReport(ntp: ntp, rtpTimestamp: timestamp, at: now, into: &sink)
                if tracks[index].needsReport { reportDue = min(reportDue, now) }
            case .delaySinceReference(let ssrc, let reference, let delay) where ssrc == settings.localSSRC:
                roundTrip.report(reference: reference, delay: delay, at: now)
            default: break
            }
        }
        if nextDeadline <= now { tick(at: now) }
    }

    // MARK: Time

    /// When `tick` is to be called; it may be in the past.
    public var nextDeadline: MonotonicTime {
        var deadline = min(reportDue, feedback.due)
        for index in tracks.indices { deadline = min(deadline, tracks[index].nextDeadline(roundTrip: roundTrip)) }
        return deadline
    }

    /// Does what is due.
    public mutating func tick(at now: MonotonicTime) {
        for index in tracks.indices {
            tracks[index].release(roundTrip: roundTrip, at: now, into: &sink)
            ask(index, at: now)
        }
        if feedback.due <= now { feedback.report(about: lastSSRC, to: &writer) }
        if reportDue <= now { report(at: now) }
    }

    private mutating func ask(_ index: Int, at now: MonotonicTime) {
        let asked = tracks[index].ask(roundTrip: roundTrip, at: now, in: &writer)
        totals.nacksSent += asked.packets
        totals.plisSent += asked.keyframe ? 1 : 0
    }

    private mutating func report(at now: MonotonicTime) {
        var blocks: [ReceptionReport.Block] = []
        for index in tracks.indices {
            if let block = tracks[index].report(at: now), blocks.count < 31 { blocks.append(block) }
        }
        writer.receiverReport(blocks)
        writer.referenceTime(now.ntp)
        measureRate(loss: blocks.map(\.fractionLost).max() ?? 0, at: now)
        let streams = tracks.prefix(31).compactMap { $0.track.usesREMB ? $0.ssrc : nil }
        if !streams.isEmpty { writer.maximumBitrate(cap.current, for: streams) }
        reportDue = now.adding(microseconds: Self.reportInterval)
    }

    private mutating func measureRate(loss: UInt8, at now: MonotonicTime) {
        let time = now.microseconds(since: bytesSince)
        // A report that was sent early has too little to tell.
        guard time >= Self.reportInterval * 9 / 10 else { return }
        totals.estimatedBitrate = Int(Int64(bytes) * 8_000_000 / time)
        bytes = 0
        bytesSince = now
        cap.update(loss: loss, rate: totals.estimatedBitrate)
    }

    // MARK: What comes of it

    /// The frames that are complete, which are forgotten here.
    public mutating func takeFrames() -> [ReceivedFrame] { sink.take() }

    /// Compound RTCP packets of at most 1200 bytes, to be encrypted and sent; they are forgotten here.
    public mutating func takeRTCP() -> [[UInt8]] { writer.take() }

    // MARK: Wishes

    /// Asks for a keyframe, now or as soon as the sender may be asked again, until one comes.
    public mutating func requestKeyframe(at now: MonotonicTime) {
        for index in tracks.indices {
            tracks[index].wantKeyframe()
            ask(index, at: now)
        }
    }

    /// Changes how much the peer may send, in bits a second, and tells it at the next tick.
    public mutating func setMaxBitrate(_ bitsPerSecond: Int) {
        cap.most = bitsPerSecond
        reportDue = MonotonicTime(microseconds: 0)
    }

    /// As of now.
    public var statistics: ReceiverStatistics {
        var statistics = totals
        statistics.roundTripSeconds = roundTrip.measured.map { Double($0) / 1_000_000 }
        for track in tracks {
            switch track.track.kind {
            case .audio: statistics.audio.add(track.currentStatistics)
            case .video: statistics.video.add(track.currentStatistics)
            }
        }
        return statistics
    }
}

extension ReceiverStatistics.Track {
    /// Puts two tracks of a kind together.
    fileprivate mutating func add(_ other: Self) {
        packets += other.packets
        payloadBytes += other.payloadBytes
        lost += other.lost
        repaired += other.repaired
        late += other.late
        malformed += other.malformed
        jitterSeconds = max(jitterSeconds, other.jitterSeconds)
        frames += other.frames
        framesDropped += other.framesDropped
        lacksParameterSets = lacksParameterSets || other.lacksParameterSets
    }
}
