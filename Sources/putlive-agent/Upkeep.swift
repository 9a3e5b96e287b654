import Logging
import NIOPosix
import PutLiveAPI
import PutLiveLive
import PutLiveStore
import ServiceLifecycle

/// What is done again and again while the agent serves: health, changes by other processes, and forgetting what is old.
struct Upkeep: Service {
    let store: Store
    let server: APIServer
    let review: PublisherReview
    let recordings: RecordingCleanup
    let health: HealthService
    let gauges: AgentGauges
    let system: SystemMonitor
    let logger: Logger
    let clock: @Sendable () -> UnixTime

    private static let interval = Duration.seconds(2)
    /// In turns of `interval`.
    private static let turnsToCleanup = 1800
    /// In turns of `interval`.
    private static let turnsToGauges = 5
    /// How long viewers' numbers and events are kept, in seconds.
    private static let retention: UnixTime = 400 * 86400

    func run() async {
        var version: Int?
        var turn = 0
        let ticks = AsyncStream<Void>(unfolding: { try? await Task.sleep(for: Self.interval) })
        for await _ in ticks.cancelOnGracefulShutdown() {
            await health.check()
            version = await takeOverChanges(since: version)
            await review.run()
            if turn % Self.turnsToGauges == 0 { await refreshGauges() }
            if turn % Self.turnsToCleanup == 0 {
                await forgetOld()
                // Large files take the disk a while.
                try? await NIOThreadPool.singleton.runIfActive { recordings.run() }
            }
            turn += 1
        }
    }

    /// What `putlive-agent user` and others did meanwhile.
    private func takeOverChanges(since known: Int?) async -> Int? {
        do {
            let version = try await store.dataVersion()
            if known != version { try await server.refreshAccounts() }
            return version
        } catch {
            logger.error("accounts_not_refreshed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func refreshGauges() async {
        // Rates are of two readings: one now and then, so that whoever asks gets those of the last seconds.
        system.snapshot()
        do {
            try await gauges.refresh(now: clock())
        } catch {
            // The store counts its failures itself, and health tells them.
            logger.debug("gauges_not_refreshed", metadata: ["error": "\(error)"])
        }
    }

    private func forgetOld() async {
        let now = clock()
        do {
            try await store.sessions.purgeExpired(now: now)
            try await store.analytics.prune(before: now - Self.retention)
            try await store.events.prune(before: now - Self.retention)
        } catch {
            logger.error("cleanup_failed", metadata: ["error": "\(error)"])
        }
    }
}
