import Logging
import PutLiveStore
import Synchronization

/// What is on air. Every call is short, waits for nothing and may be made from any thread: HTTP handlers read it as
/// often as they like.
public final class LiveState: Sendable {
    /// What can change while it runs.
    public struct Limits: Sendable, Equatable {
        /// Most streams on air at once.
        public var maxConcurrentStreams: Int
        /// The rungs, which name qualities.
        public var ladder: [LadderQuality]

        /// As the settings have it.
        public init(_ settings: LiveSettings) {
            maxConcurrentStreams = settings.maxConcurrentStreams
            ladder = settings.ladder
        }
    }

    private struct State {
        var table = LiveTable()
        var limits: Limits
        var events: [Event] = []
    }

    /// Who watches.
    public let viewers: Viewers
    private let metrics: LiveMetrics
    private let logger: Logger
    private let clock: @Sendable () -> UnixMilliseconds
    private let state: Mutex<State>
    private static let mostEvents = 1000

    /// An empty one.
    public init(
        settings: LiveSettings, viewers: Viewers, metrics: LiveMetrics, logger: Logger,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        self.viewers = viewers
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        state = Mutex(State(limits: Limits(settings)))
        metrics.streamsLimit.set(settings.maxConcurrentStreams)
    }

    // MARK: Reading

    /// The status of `stream`; with nil that of the stream called `stream`, or where that is off air, of the one that has
    /// been on air for longest.
    public func status(of stream: StreamName? = nil) -> StreamStatus {
        let now = clock()
        let (found, ladder) = state.withLock { state -> (Broadcast?, [LadderQuality]) in
            let onAir = state.table.broadcasts
            let found = onAir[stream ?? .standard]
            if found != nil || stream != nil { return (found, state.limits.ladder) }
            return (onAir.values.min(by: Self.isOlder), state.limits.ladder)
        }
        guard let found else { return StreamStatus(offAir: stream ?? .standard) }
        return StreamStatus(found, viewers: viewers.of(found.stream), ladder: ladder, now: now)
    }

    /// All that is on air, the oldest first, and how many may be.
    public func streams() -> (streams: [StreamDetails], limit: Int) {
        let now = clock()
        let (onAir, limits) = state.withLock { (Array($0.table.broadcasts.values), $0.limits) }
        let details = onAir.sorted(by: Self.isOlder).map { broadcast in
            let watching = viewers.of(broadcast.stream)
            return StreamDetails(
                status: StreamStatus(broadcast, viewers: watching, ladder: limits.ladder, now: now),
                source: broadcast.source, videoCodec: broadcast.facts.videoCodec,
                audioCodec: broadcast.facts.audioCodec, peakViewers: watching.peak,
                startedAt: broadcast.startedAt / 1000, renditions: broadcast.delivered.renditions)
        }
        return (details, limits.maxConcurrentStreams)
    }

    /// All broadcasts on air, by name.
    public func broadcasts() -> [StreamName: Broadcast] { state.withLock { $0.table.broadcasts } }

    /// Those of `clientIDs` that have ended, and why, without the agent's own.
    func left(among clientIDs: [String]) -> [String: EndReason] { state.withLock { $0.table.left(among: clientIDs) } }

    /// Sets the gauges of how many are on air. For each scrape: the reconcile goes by them before it restarts anything.
    public func showActive() {
        let onAir = broadcasts()
        for (source, gauge) in metrics.streamsActive {
            gauge.set(onAir.values.count { $0.source == source })
        }
    }

    /// What isn't written to the store yet, oldest first; it is forgotten here.
    func takeEvents() -> [Event] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    /// Puts back what couldn't be written.
    func putBack(_ events: [Event]) {
        state.withLock { state in
            state.events.insert(contentsOf: events, at: 0)
            trim(&state)
        }
    }

    // MARK: Changing

    /// Takes new limits; what is on air stays.
    public func set(_ limits: Limits) {
        state.withLock { $0.limits = limits }
        metrics.streamsLimit.set(limits.maxConcurrentStreams)
    }

    /// Decides on a wish to publish and carries the decision out, in one step: of two that come at once, one gets the
    /// name. Who is displaced must be ended by the caller.
    public func publish(_ request: PublishRequest) -> PublishDecision {
        change { table, limits, now in
            table.publish(request, limit: limits.maxConcurrentStreams, now: now)
        }
    }

    /// Ends a broadcast, if it is still the one of this connection; with nil, whatever its connection is. False if it
    /// wasn't on air.
    @discardableResult
    public func end(_ stream: StreamName, clientID: String?, reason: EndReason) -> Bool {
        change { table, _, now in
            let effects = table.end(stream, clientID: clientID, reason: reason, now: now)
            return (!effects.isEmpty, effects)
        }
    }

    /// Takes in a publisher that the media server has and this state doesn't.
    func adopt(_ stream: StreamName, clientID: String, address: String?, startedAt: UnixMilliseconds) {
        change { table, _, now in
            let effects = table.adopt(
                stream, clientID: clientID, address: address, startedAt: min(startedAt, now), now: now)
            return ((), effects)
        }
    }

    /// Takes in what is known of a broadcast now, and the bytes that came since the last time.
    public func update(_ stream: StreamName, clientID: String?, facts: StreamFacts, receivedBytes: Int64) {
        let source = state.withLock { $0.table.update(stream, clientID: clientID, facts: facts) }
        if let source { metrics.ingestBytes[source]?.increment(by: max(0, receivedBytes)) }
    }

    /// Takes in what is delivered.
    func setDelivered(_ streams: [StreamName: DeliveredStream]) {
        state.withLock { $0.table.setDelivered(streams) }
    }

    /// Adds a line to the list of events, which is written soon.
    public func note(_ kind: String, stream: StreamName? = nil, detail: String) {
        let event = Event(time: clock() / 1000, kind: kind, stream: stream?.text, detail: detail)
        state.withLock { state in
            state.events.append(event)
            trim(&state)
        }
    }

    // MARK: Effects

    private func change<Result: Sendable>(
        _ body: (inout LiveTable, Limits, UnixMilliseconds) -> (Result, [LiveEffect])
    ) -> Result {
        let now = clock()
        let (result, effects) = state.withLock { state -> (Result, [LiveEffect]) in
            let (result, effects) = body(&state.table, state.limits, now)
            // Before the lock is left, so that whoever reads the new stream doesn't see the old one's viewers.
            for effect in effects {
                switch effect {
                case .started(let broadcast): viewers.began(broadcast.stream)
                case .ended(let broadcast, _, _): viewers.ended(broadcast.stream)
                }
            }
            return (result, effects)
        }
        for effect in effects { report(effect) }
        return result
    }

    private func report(_ effect: LiveEffect) {
        switch effect {
        case .started(let broadcast):
            metrics.started[broadcast.source]?.increment()
            logger.info("stream_started", metadata: metadata(broadcast, ["source": "\(broadcast.source.rawValue)"]))
            note("stream_started", stream: broadcast.stream, detail: "by \(broadcast.source.rawValue)")
        case .ended(let broadcast, let reason, let time):
            let seconds = max(0, time - broadcast.startedAt) / 1000
            metrics.ended(broadcast.source, reason)
            logger.info(
                "stream_ended",
                metadata: metadata(
                    broadcast,
                    [
                        "source": "\(broadcast.source.rawValue)", "reason": "\(reason.rawValue)",
                        "seconds": "\(seconds)",
                    ]))
            note("stream_ended", stream: broadcast.stream, detail: "\(reason.rawValue) after \(seconds) s")
        }
    }

    private func metadata(_ broadcast: Broadcast, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["stream"] = "\(broadcast.stream)"
        if let address = broadcast.address { metadata["ip"] = "\(address)" }
        return metadata
    }

    private func trim(_ state: inout State) {
        let surplus = state.events.count - Self.mostEvents
        guard surplus > 0 else { return }
        state.events.removeFirst(surplus)
    }

    private static func isOlder(_ one: Broadcast, _ other: Broadcast) -> Bool {
        (one.startedAt, one.stream) < (other.startedAt, other.stream)
    }
}
