import Metrics

/// The metrics of the live side, by the names of docs/metrics.md. A series of every label value that is known beforehand
/// is there from the start; those of a stream come and go with it.
public final class LiveMetrics: Sendable {
    let streamsLimit: Meter
    let streamsActive: [StreamSource: Meter]
    let started: [StreamSource: Counter]
    let ingestBytes: [StreamSource: Counter]
    let sessions: Counter
    let watchSeconds: Counter
    let segmentsRemoved: Counter
    let tmpfsSize: Meter
    let tmpfsUsed: Meter
    let accessLog: [AccessLogResult: Counter]
    /// Nil with the embedded engine.
    let srs: SRSMetrics?
    let streams: StreamMetrics
    private let endedBy: [Pair<StreamSource, EndReason>: Counter]
    private let rejections: [Pair<PublishProtocol, PublishRefusal>: Counter]
    private let hits: [HitKind: HitMetrics]
    private let segmentsWritten: [String: Counter]

    /// Registers all of them with `factory`, the process's own unless told otherwise.
    public init(settings: LiveSettings, factory: any MetricsFactory = MetricsSystem.factory) {
        let make = MetricMaker(factory: factory)
        streamsLimit = make.gauge("putlive_streams_limit")
        streamsActive = make.each(StreamSource.allCases) {
            make.gauge("putlive_streams_active", ["source": $0.rawValue])
        }
        started = make.each(StreamSource.allCases) {
            make.counter("putlive_streams_started_total", ["source": $0.rawValue])
        }
        ingestBytes = make.each(StreamSource.allCases) {
            make.counter("putlive_ingest_bytes_total", ["source": $0.rawValue])
        }
        endedBy = make.pairs(StreamSource.allCases, EndReason.allCases) {
            make.counter("putlive_streams_ended_total", ["source": $0.rawValue, "reason": $1.rawValue])
        }
        rejections = make.pairs(PublishProtocol.allCases, PublishRefusal.allCases) {
            make.counter(
                "putlive_stream_key_rejections_total", ["protocol": $0.rawValue, "reason": $1.rawValue])
        }
        sessions = make.counter("putlive_viewer_sessions_total")
        watchSeconds = make.counter("putlive_watch_seconds_total")
        hits = make.each(HitKind.allCases) { HitMetrics($0, make) }
        let qualities = [Rendition.source] + settings.activeLadder.map(\.name)
        segmentsWritten = make.each(qualities) {
            make.counter("putlive_hls_segments_written_total", ["quality": $0])
        }
        segmentsRemoved = make.counter("putlive_hls_segments_removed_total")
        tmpfsSize = make.gauge("putlive_hls_tmpfs_size_bytes")
        tmpfsUsed = make.gauge("putlive_hls_tmpfs_used_bytes")
        accessLog = make.each(AccessLogResult.allCases) {
            make.counter("putlive_access_log_messages_total", ["result": $0.rawValue])
        }
        srs = settings.engine == .srs ? SRSMetrics(make) : nil
        streams = StreamMetrics(make, expectedRenditions: qualities.count)
    }

    func ended(_ source: StreamSource, _ reason: EndReason) { endedBy[Pair(source, reason)]?.increment() }

    func keyRejected(_ method: PublishProtocol, _ refusal: PublishRefusal) {
        rejections[Pair(method, refusal)]?.increment()
    }

    func hook(_ action: SRSHook.Action, allowed: Bool) { srs?.hooks[Pair(action, allowed)]?.increment() }

    func hit(_ hit: ViewerHit) { hits[hit.kind]?.record(hit) }

    /// A quality that the ladder doesn't have isn't counted: labels are bounded.
    func segmentsWritten(_ counts: [String: Int]) {
        for (quality, count) in counts { segmentsWritten[quality]?.increment(by: count) }
    }
}

/// Requests of one kind under /live.
final class HitMetrics: Sendable {
    private let byStatus: [Counter]
    private let bytes: Counter
    private let duration: Timer

    init(_ kind: HitKind, _ make: MetricMaker) {
        byStatus = (2...5).map {
            make.counter("putlive_hls_requests_total", ["kind": kind.rawValue, "status": "\($0)xx"])
        }
        bytes = make.counter("putlive_hls_response_bytes_total", ["kind": kind.rawValue])
        duration = make.timer("putlive_hls_request_duration_seconds", ["kind": kind.rawValue])
    }

    func record(_ hit: ViewerHit) {
        // nginx logs 000 for a client that left in the head, 499 for one that left later.
        byStatus[min(max(2, hit.status / 100), 5) - 2].increment()
        bytes.increment(by: max(0, hit.bytes))
        duration.recordNanoseconds(Int64(min(max(0, hit.seconds), 86_400) * 1e9))
    }
}

/// SRS, its hooks and its transcoders.
final class SRSMetrics: Sendable {
    let up: Meter
    let memory: Meter
    let cpuSeconds: FloatingPointCounter
    let start: Meter
    let clients: Meter
    let streams: Meter
    let apiErrors: Counter
    let hooks: [Pair<SRSHook.Action, Bool>: Counter]
    let transcoders: Meter
    let transcodersReaped: Counter

    init(_ make: MetricMaker) {
        up = make.gauge("putlive_srs_up")
        memory = make.gauge("putlive_srs_resident_memory_bytes")
        cpuSeconds = make.fractionalCounter("putlive_srs_cpu_seconds_total")
        start = make.gauge("putlive_srs_start_timestamp_seconds")
        clients = make.gauge("putlive_srs_clients")
        streams = make.gauge("putlive_srs_streams")
        apiErrors = make.counter("putlive_srs_api_errors_total")
        hooks = make.pairs(SRSHook.Action.allCases, [true, false]) {
            make.counter("putlive_srs_hooks_total", ["hook": $0.rawValue, "result": $1 ? "allowed" : "refused"])
        }
        transcoders = make.gauge("putlive_ffmpeg_processes")
        transcodersReaped = make.counter("putlive_ffmpeg_reaped_total")
    }

    func set(_ health: SRSHealth, clients: Int, streams: Int) {
        up.set(health.isUp ? 1 : 0)
        memory.set(health.memoryBytes)
        if let startedAt = health.startedAt { start.set(Double(startedAt) / 1000) }
        self.clients.set(clients)
        self.streams.set(streams)
    }
}

/// Two labels.
struct Pair<One: Hashable & Sendable, Two: Hashable & Sendable>: Hashable, Sendable {
    var one: One
    var two: Two

    init(_ one: One, _ two: Two) {
        self.one = one
        self.two = two
    }
}

/// Makes metrics with one factory. Counters are there at 0.
struct MetricMaker: Sendable {
    let factory: any MetricsFactory

    func counter(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let counter = Counter(label: name, dimensions: pairs(labels), factory: factory)
        counter.increment(by: 0)
        return counter
    }

    func fractionalCounter(_ name: String) -> FloatingPointCounter {
        let counter = FloatingPointCounter(label: name, dimensions: [], factory: factory)
        counter.increment(by: 0.0)
        return counter
    }

    func gauge(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Meter {
        Meter(label: name, dimensions: pairs(labels), factory: factory)
    }

    func timer(_ name: String, _ labels: KeyValuePairs<String, String>) -> Timer {
        Timer(label: name, dimensions: pairs(labels), preferredDisplayUnit: .seconds, factory: factory)
    }

    func each<Key: Hashable, Metric>(_ keys: [Key], _ make: (Key) -> Metric) -> [Key: Metric] {
        Dictionary(keys.map { ($0, make($0)) }, uniquingKeysWith: { first, _ in first })
    }

    func pairs<One: Hashable, Two: Hashable, Metric>(
        _ ones: [One], _ twos: [Two], _ make: (One, Two) -> Metric
    ) -> [Pair<One, Two>: Metric] {
        var metrics: [Pair<One, Two>: Metric] = [:]
        for one in ones {
            for two in twos { metrics[Pair(one, two)] = make(one, two) }
        }
        return metrics
    }

    private func pairs(_ labels: KeyValuePairs<String, String>) -> [(String, String)] { labels.map { ($0, $1) } }
}
