import NIOCore
import NIOPosix

/// The threads that do everything but blocking work: two event loops, on which Swift's tasks run as well.
///
/// A request is then read, answered and written on one thread, which halves its cost. What blocks (passwords, files,
/// SQLite) has threads of its own.
final class EventLoops: TaskExecutor {
    /// Of the whole process.
    static let shared = EventLoops(threads: min(2, System.coreCount))

    /// For servers and clients.
    let group: MultiThreadedEventLoopGroup

    private init(threads: Int) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    }

    /// Runs a task's next piece on the event loop that asks for it, or else on any.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Which is this thread's own, where it has one.
        group.any().execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
