import ServiceLifecycle
import Synchronization

/// Counts the transcoders of SRS, and what the cleanup has ended of them, for metrics.
public final class TranscoderWatch: Service {
    private let place: Transcoder.Place
    private let report: CleanupReport?
    private let metrics: LiveMetrics
    private let processes: @Sendable () -> [ProcessEntry]
    private let reaped = Mutex<Int?>(nil)

    /// With the embedded engine there is nothing to count.
    public init(
        settings: LiveSettings, rtmpPort: Int, metrics: LiveMetrics,
        processes: @escaping @Sendable () -> [ProcessEntry] = ProcessTable.read
    ) {
        place = Transcoder.Place(rtmpPort: rtmpPort, ladderVhost: settings.ladderVhost)
        report = settings.cleanupReport.map(CleanupReport.init)
        self.metrics = metrics
        self.processes = processes
    }

    /// Counts until the service is asked to stop.
    public func run() async {
        await Repeating.every(.seconds(15)) { self.count() }
    }

    func count() {
        metrics.srs?.transcoders.set(processes().count { Transcoder($0, at: place) != nil })
        guard let total = report?.total() else { return }
        // What was ended before this agent started isn't in its counter.
        let more = reaped.withLock { reaped in
            defer { reaped = total }
            return total - (reaped ?? total)
        }
        metrics.srs?.transcodersReaped.increment(by: max(0, more))
    }
}
