import Logging
import PutLiveStore
import ServiceLifecycle
import Synchronization

/// Hands finished minutes, countries and events to the store, every few seconds and at the end. What the store doesn't
/// take stays here and is tried again: a full disk loses nothing that a bounded memory can keep.
public final class MinuteWriter: Service {
    private let viewers: Viewers
    private let live: LiveState
    private let sink: any AnalyticsSink
    private let logger: Logger
    private let interval: Duration
    private let pending = Mutex(PendingAnalytics())

    /// It writes at most every `interval`.
    public init(
        viewers: Viewers, live: LiveState, sink: any AnalyticsSink, logger: Logger, interval: Duration = .seconds(5)
    ) {
        self.viewers = viewers
        self.live = live
        self.sink = sink
        self.logger = logger
        self.interval = interval
    }

    /// Writes until the service is asked to stop, and then what is left, the minute that runs among it.
    public func run() async {
        await Repeating.every(interval) { await self.write() }
        await write(all: true)
    }

    /// Writes what is finished; with `all`, what isn't as well.
    func write(all: Bool = false) async {
        let (minutes, countries) = viewers.take(all: all)
        var batch = pending.withLock { pending in
            pending.add(minutes: minutes, countries: countries)
            defer { pending = PendingAnalytics() }
            return pending
        }
        let hadFailed = batch.hasFailed
        var events = live.takeEvents()
        do {
            if !batch.minutes.isEmpty {
                try await sink.add(minutes: batch.minutes)
                batch.minutes = []
            }
            if !batch.countries.isEmpty {
                try await sink.add(countries: batch.countries)
                batch.countries = []
            }
            while let event = events.first {
                try await sink.add(event: event)
                events.removeFirst()
            }
            if hadFailed { logger.info("analytics_written_again") }
        } catch {
            // Said once, not every few seconds for as long as the disk is full.
            if !hadFailed {
                logger.error("analytics_not_written", metadata: ["reason": "\(error)"])
            }
            batch.hasFailed = true
            live.putBack(events)
            let left = batch
            pending.withLock { $0 = left }
        }
    }
}

/// What waits to be written.
struct PendingAnalytics: Sendable {
    var minutes: [ViewerMinute] = []
    var countries: [CountryDay] = []
    /// The store didn't take it the last time.
    var hasFailed = false
    /// A week of three streams; some 5 MB.
    private static let mostMinutes = 30_240

    /// The oldest minutes go if there are too many. Countries are summed by day, so they don't pile up.
    mutating func add(minutes more: [ViewerMinute], countries days: [CountryDay]) {
        minutes += more
        if minutes.count > Self.mostMinutes { minutes.removeFirst(minutes.count - Self.mostMinutes) }
        for day in days {
            if let index = countries.firstIndex(where: { $0.country == day.country && $0.day == day.day }) {
                countries[index].watchSeconds += day.watchSeconds
            } else if countries.count < 4096 {
                countries.append(day)
            }
        }
    }
}
