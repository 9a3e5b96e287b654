import Synchronization

/// Everything that becomes of a broadcast's frames: Opus to AAC, VP8 to H.264, then to the outputs. One for a broadcast,
/// with one thread of its own, which codes and writes, so that nobody else ever waits for an output.
///
/// What waits for the thread is bounded: when an output blocks for longer than that, frames are dropped to the next
/// keyframe.
public final class MediaPipeline: Sendable {
    private let inbox = FrameInbox()
    private let interrupt = InterruptFlag(clock: MonotonicClock.now)
    private let ended = Completion()
    private let shared = Shared()

    /// What the thread tells others.
    private final class Shared: Sendable {
        let statistics = Mutex(PipelineStatistics())
        let mayResume = Atomic(false)
    }

    /// Within so long `finish` returns, in microseconds.
    private static let endTimeout: Int64 = 5_000_000

    /// Starts the thread; outputs begin with the first packets. Fails if there are no threads to be had.
    public init(
        _ settings: PipelineSettings, onEvent: @escaping @Sendable (PipelineEvent) -> Void
    ) throws(MediaError) {
        let (inbox, interrupt, ended, shared) = (inbox, interrupt, ended, shared)
        try WorkerThread.run(named: settings.name) {
            let core = PipelineCore(settings, interrupt: interrupt, onEvent: onEvent)
            Self.run(core, inbox, shared)
            ended.complete()
        }
    }

    deinit {
        inbox.finish()
        interrupt.end(within: Self.endTimeout)
    }

    /// Hands a frame over, from any thread. Never blocks; drops it if too much waits.
    public func send(_ frame: MediaFrame) {
        inbox.send(frame)
    }

    /// Writes what was sent, ends the outputs in good order, and returns when that is done, after 5 s at the latest. If the
    /// broadcaster was lost and `mayResume`, players of HLS aren't told that it is over.
    public func finish(mayResume: Bool = false) async {
        shared.mayResume.store(mayResume, ordering: .relaxed)
        inbox.finish()
        interrupt.end(within: Self.endTimeout - 500_000)
        let ended = ended
        // A disk that hangs can't be interrupted: it is left to itself.
        let timeout = Task {
            try? await Task.sleep(for: .microseconds(Self.endTimeout))
            ended.complete()
        }
        await ended.wait()
        timeout.cancel()
    }

    /// What it has done so far, at most 0.2 s old.
    public var statistics: PipelineStatistics { shared.statistics.withLock { $0 } }

    private static func run(_ core: PipelineCore, _ inbox: FrameInbox, _ shared: Shared) {
        var frames: [MediaFrame] = []
        var lastTick = MonotonicClock.now()
        while true {
            let delivery = inbox.receive(&frames, waiting: 100)
            core.note(dropped: delivery.dropped)
            let (count, bytes) = (frames.count, delivery.bytes)
            for index in frames.indices {
                core.receive(frames[index])
                // It isn't needed while the rest waits for an output.
                frames[index].data = []
            }
            frames.removeAll(keepingCapacity: frames.count <= 64)
            let now = MonotonicClock.now()
            if now - lastTick >= 100_000 || delivery.isFinished {
                lastTick = now
                if delivery.isFinished {
                    core.finish(mayResume: shared.mayResume.load(ordering: .relaxed))
                } else {
                    core.tick()
                }
                var statistics = core.statistics
                statistics.queueFrames = count
                statistics.queueBytes = bytes
                shared.statistics.withLock { $0 = statistics }
            }
            if delivery.isFinished { return }
        }
    }
}
