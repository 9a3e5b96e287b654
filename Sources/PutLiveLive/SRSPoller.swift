import Logging
import ServiceLifecycle
import Synchronization

/// How SRS does, for health.
public struct SRSHealth: Sendable, Equatable {
    /// It answered the last poll.
    public var isUp = false
    /// Its process.
    public var pid: Int?
    /// Its version.
    public var version: String?
    /// Resident.
    public var memoryBytes: Int64 = 0
    /// When it started.
    public var startedAt: UnixMilliseconds?
    /// Why it isn't up; nil before the first poll.
    public var failure: String?
}

/// Asks SRS's API again and again, and puts our state right. It starts whether or not SRS is there.
public final class SRSPoller: Service {
    private struct State {
        var reconciler = SRSReconciler()
        var health = SRSHealth()
        var cpuSeconds: Double?
        /// Connections to be ended.
        var leaving: Set<String> = []
    }

    private let client: SRSClient
    private let live: LiveState
    private let interval: Duration
    private let metrics: LiveMetrics
    private let logger: Logger
    private let clock: @Sendable () -> UnixMilliseconds
    private let cpuSeconds: @Sendable (Int) -> Double?
    private let state = Mutex(State())
    private let kicks: AsyncStream<String>
    private let kicking: AsyncStream<String>.Continuation

    /// `cpuSeconds` tells what a process has used.
    public init(
        client: SRSClient, live: LiveState, settings: LiveSettings, metrics: LiveMetrics, logger: Logger,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now,
        cpuSeconds: @escaping @Sendable (Int) -> Double? = ProcessTable.cpuSeconds
    ) {
        self.client = client
        self.live = live
        interval = settings.pollInterval
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.cpuSeconds = cpuSeconds
        (kicks, kicking) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// As of the last poll.
    public var health: SRSHealth { state.withLock { $0.health } }

    /// Ends a connection soon, without waiting for it: SRS takes up to three seconds. It isn't asked again meanwhile.
    public func kick(_ clientID: String) {
        guard state.withLock({ $0.leaving.insert(clientID).inserted }) else { return }
        if case .dropped(let other) = kicking.yield(clientID) { forget(other) }
    }

    private func forget(_ clientID: String) {
        state.withLock { _ = $0.leaving.remove(clientID) }
    }

    /// Polls until the service is asked to stop.
    public func run() async {
        await withTaskGroup { group in
            group.addTask { await Repeating.every(self.interval) { await self.poll() } }
            group.addTask {
                for await clientID in self.kicks.cancelOnGracefulShutdown() { await self.end(clientID) }
            }
            await group.waitForAll()
        }
    }

    /// One poll.
    func poll() async {
        do throws(SRSFailure) {
            take(try await client.poll())
        } catch {
            failed(error)
        }
    }

    /// Connections that wait for their end.
    var leaving: Set<String> { state.withLock { $0.leaving } }

    func end(_ clientID: String) async {
        defer { forget(clientID) }
        do throws(SRSFailure) {
            try await client.kick(clientID)
        } catch {
            logger.warning("srs_kick_failed", metadata: ["reason": "\(error)"])
        }
    }

    private func take(_ poll: SRSPoll) {
        let now = clock()
        let onAir = live.broadcasts()
        let left = live.left(among: poll.streams.compactMap(\.publish.cid))
        let cpu = poll.summary.pid.flatMap(cpuSeconds)
        let (actions, isNew, cpuSpent) = state.withLock { state -> ([SRSReconciler.Action], Bool, Double) in
            let isNew = !state.health.isUp
            let isSame = state.health.pid == poll.summary.pid
            // What it has used before we looked isn't counted: this is a counter of ours.
            let spent = isSame ? max(0, (cpu ?? 0) - (state.cpuSeconds ?? cpu ?? 0)) : 0
            state.cpuSeconds = cpu
            let startedAt = poll.summary.srs_uptime.map { now - max(0, $0) * 1000 }
            // SRS tells its age in whole seconds, so the difference wavers.
            if let old = state.health.startedAt, let new = startedAt, isSame, abs(new - old) < 5000 {
                state.health.startedAt = old
            } else {
                state.health.startedAt = startedAt
            }
            state.health.isUp = true
            state.health.failure = nil
            state.health.pid = poll.summary.pid
            state.health.version = poll.summary.version
            state.health.memoryBytes = (poll.summary.mem_kbyte ?? 0) * 1024
            return (state.reconciler.reconcile(poll, with: onAir, left: left, now: now), isNew, spent)
        }
        if isNew { logger.info("srs_up", metadata: ["version": "\(poll.summary.version ?? "unknown")"]) }
        metrics.srs?.set(health, clients: poll.clients.count, streams: poll.streams.count)
        metrics.srs?.cpuSeconds.increment(by: cpuSpent)
        carryOut(actions)
    }

    private func failed(_ failure: SRSFailure) {
        let onAir = live.broadcasts()
        let (actions, isNew) = state.withLock { state -> ([SRSReconciler.Action], Bool) in
            // The first failure is news even though it wasn't up before.
            let isNew = state.health.isUp || state.health.failure == nil
            state.health = SRSHealth(failure: failure.description)
            return (state.reconciler.unanswered(onAir), isNew)
        }
        if isNew { logger.warning("srs_down", metadata: ["reason": "\(failure)"]) }
        metrics.srs?.apiErrors.increment()
        metrics.srs?.set(health, clients: 0, streams: 0)
        carryOut(actions)
    }

    private func carryOut(_ actions: [SRSReconciler.Action]) {
        for action in actions {
            switch action {
            case .adopt(let stream, let clientID, let address, let startedAt):
                live.adopt(stream, clientID: clientID, address: address, startedAt: startedAt)
            case .kick(let clientID):
                kick(clientID)
            case .end(let stream, let clientID, let reason):
                live.end(stream, clientID: clientID, reason: reason)
            case .update(let stream, let clientID, let facts, let receivedBytes):
                live.update(stream, clientID: clientID, facts: facts, receivedBytes: receivedBytes)
            }
        }
    }
}
