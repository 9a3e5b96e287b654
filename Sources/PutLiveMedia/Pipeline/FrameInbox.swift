#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Hands frames from any thread to the pipeline's, which sleeps meanwhile.
///
/// `@unchecked Sendable`: every access to the mutable state is between `lock` and `unlock` of the one mutex, which, like
/// the condition, stays where it is in memory from `init` to `deinit`.
final class FrameInbox: @unchecked Sendable {
    /// What the pipeline's thread gets.
    struct Delivery {
        /// All that were ever dropped.
        var dropped = DroppedCount()
        /// Bytes of the frames that were waiting.
        var bytes = 0
        /// Nothing comes after these frames.
        var isFinished = false
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: FrameQueue
    private var isFinished = false

    /// Packets of sound wait for the next picture, which wakes the thread anyway: a wake costs more than a packet. Without
    /// pictures so many wait.
    private static let soundBatch = 3

    init(limits: FrameQueue.Limits = FrameQueue.Limits()) {
        queue = FrameQueue(limits: limits)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if canImport(Glibc)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Never blocks but for the moment of another's append.
    func send(_ frame: MediaFrame) {
        pthread_mutex_lock(mutex)
        if !isFinished { queue.append(frame) }
        let wakes = frame.track == .video || queue.frames.count >= Self.soundBatch
        pthread_mutex_unlock(mutex)
        if wakes { pthread_cond_signal(condition) }
    }

    /// Frames sent from now on are dropped.
    func finish() {
        pthread_mutex_lock(mutex)
        isFinished = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    /// Waits for frames, at most so long, and swaps them for `frames`, which is empty.
    func receive(_ frames: inout [MediaFrame], waiting milliseconds: Int) -> Delivery {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if queue.frames.isEmpty && !isFinished { wait(milliseconds) }
        let delivery = Delivery(dropped: queue.dropped, bytes: queue.bytes, isFinished: isFinished)
        queue.take(&frames)
        return delivery
    }

    private func wait(_ milliseconds: Int) {
        var until = timespec()
        #if canImport(Glibc)
            clock_gettime(CLOCK_MONOTONIC, &until)
        #else
            clock_gettime(CLOCK_REALTIME, &until)
        #endif
        let nanoseconds = until.tv_nsec + milliseconds * 1_000_000
        until.tv_sec += nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_cond_timedwait(condition, mutex, &until)
    }
}
