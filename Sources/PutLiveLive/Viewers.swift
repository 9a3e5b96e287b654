import PutLiveStore
import Synchronization

/// Who watches, for all threads. Every call is short and waits for nothing.
public final class Viewers: Sendable {
    private let counter: Mutex<ViewerCounter>
    private let metrics: LiveMetrics
    private let clock: @Sendable () -> UnixMilliseconds

    /// An empty one.
    public init(
        settings: LiveSettings, metrics: LiveMetrics,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        counter = Mutex(ViewerCounter(windowSeconds: settings.viewerWindowSeconds))
        self.metrics = metrics
        self.clock = clock
    }

    /// Takes in a request under /live: from nginx's log, or from the agent's own handler.
    public func record(_ hit: ViewerHit) {
        metrics.hit(hit)
        var hit = hit
        // A log may come late, but its clock is this host's; a time of another world isn't believed.
        let now = clock()
        hit.time = min(max(hit.time, now - 5000), now)
        counter.withLock { $0.record(hit) }
    }

    /// Who watches a stream now.
    public func of(_ stream: StreamName) -> StreamViewers {
        let now = clock() / 1000
        return counter.withLock { counter in
            counter.advance(to: now)
            return counter.viewers(of: stream)
        }
    }

    func began(_ stream: StreamName) { counter.withLock { $0.began(stream) } }

    func ended(_ stream: StreamName) { counter.withLock { $0.ended(stream) } }

    func take(all: Bool) -> (minutes: [ViewerMinute], countries: [CountryDay]) {
        let now = clock() / 1000
        return counter.withLock { counter in
            counter.advance(to: now)
            return counter.take(all: all)
        }
    }

    func takeTotals() -> ViewerCounter.Totals { counter.withLock { $0.takeTotals() } }
}
