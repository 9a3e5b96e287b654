import Logging
import ServiceLifecycle
import Synchronization

/// Keeps the folder of HLS as it should be, once a second, in both engines: masters written, what ended marked and
/// removed. What it sees there it tells LiveState and the metrics. It works from the disk alone, so what goes on air
/// while the agent restarts is delivered as well.
public final class DeliveryLoop: Service {
    private struct State {
        var folder: LiveFolder
        var planner: DeliveryPlanner
        var failure: FolderFailure?
    }

    private let live: LiveState
    private let metrics: LiveMetrics
    private let logger: Logger
    private let clock: @Sendable () -> UnixMilliseconds
    private let state: Mutex<State>

    /// Of a folder that may not be there yet.
    public init(
        live: LiveState, settings: LiveSettings, metrics: LiveMetrics, logger: Logger,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        self.live = live
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        state = Mutex(
            State(folder: LiveFolder(path: settings.liveFolder), planner: DeliveryPlanner(settings)))
    }

    /// Why the folder can't be used now; nil if it can. For health.
    public var failure: String? { state.withLock { $0.failure?.description } }

    /// How full the file system is; nil if that can't be told. For health.
    public var tmpfs: (sizeBytes: Int64, usedBytes: Int64)? {
        state.withLock { $0.folder.space() }.map { (sizeBytes: $0.size, usedBytes: $0.used) }
    }

    /// Looks at the folder each second until the service is asked to stop.
    public func run() async {
        await Repeating.every(.seconds(1)) { self.tick() }
    }

    /// One look.
    func tick() {
        let now = clock()
        let onAir = live.broadcasts()
        let (plan, removed, news) = state.withLock { state in
            let before = state.failure
            let (plan, removed) = Self.work(&state, onAir, now)
            return (plan, removed, state.failure == before ? nil : state.failure ?? before)
        }
        live.setDelivered(plan.streams)
        metrics.segmentsWritten(plan.newSegments)
        metrics.segmentsRemoved.increment(by: removed)
        metrics.streams.set(live.broadcasts(), viewers: live.viewers.of, segments: plan.lastSegments)
        setTotals()
        // Said when it changes, not each second.
        if let news { report(news, isOver: failure == nil) }
    }

    private static func work(
        _ state: inout State, _ onAir: [StreamName: Broadcast], _ now: UnixMilliseconds
    ) -> (DeliveryPlan, Int) {
        state.failure = nil
        let listing: HLSListing
        do throws(FolderFailure) {
            listing = try state.folder.read()
        } catch {
            state.failure = error
            return (DeliveryPlan(), 0)
        }
        var plan = state.planner.plan(listing, onAir: onAir, now: now)
        if !plan.probes.isEmpty {
            for probe in plan.probes {
                let limit = min(max(0, Int(probe.bytes)), SegmentProbe.limit)
                let start = try? state.folder.start(of: probe.segment, limit: limit)
                state.planner.learn(start.map(SegmentProbe.init), of: probe)
            }
            // The master is written once, with what was learnt.
            let segments = plan.newSegments
            plan = state.planner.plan(listing, onAir: onAir, now: now)
            plan.newSegments = segments
        }
        var removed = 0
        for name in plan.removals {
            do throws(FolderFailure) {
                try state.folder.remove(name)
                removed += 1
            } catch {
                state.failure = error
            }
        }
        // Removing comes first: it makes room.
        for write in plan.writes {
            do throws(FolderFailure) {
                try state.folder.write(write.name, write.text)
                state.planner.didWrite(write)
            } catch {
                state.failure = error
            }
        }
        return (plan, removed)
    }

    private func setTotals() {
        let totals = live.viewers.takeTotals()
        metrics.sessions.increment(by: totals.sessions)
        metrics.watchSeconds.increment(by: totals.watchSeconds)
        if let tmpfs {
            metrics.tmpfsSize.set(tmpfs.sizeBytes)
            metrics.tmpfsUsed.set(tmpfs.usedBytes)
        }
    }

    private func report(_ failure: FolderFailure, isOver: Bool) {
        if isOver {
            logger.info("hls_folder_usable")
        } else {
            logger.error("hls_folder_unusable", metadata: ["reason": "\(failure)"])
        }
    }
}
