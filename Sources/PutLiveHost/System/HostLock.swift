#if canImport(Glibc)
    import Glibc
#endif

/// Only one process at a time changes the host. The kernel gives the lock back when its holder ends, however it ends.
final class HostLock {
    private let file: Descriptor

    /// Waits until the lock on the file at `path`, which is made if need be, is free.
    ///
    /// - Parameters:
    ///   - isFolder: It is a folder that is there, and nothing is made.
    ///   - limit: How long, counted by `sleep`.
    ///   - isWaiting: Called once when another holds it.
    init(
        path: String, isFolder: Bool = false, limit: Duration, sleep: (Duration) -> Void, isWaiting: () -> Void = {}
    ) throws(SystemError) {
        let flags = isFolder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT
        guard let file = Descriptor(open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)) else {
            throw SystemError("the lock \(path) can't be opened", errno: errno)
        }
        self.file = file
        var waited = Duration.zero
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw SystemError("\(path) can't be locked", errno: errno) }
            guard waited < limit else {
                throw SystemError("another reconcile has held \(path) for \(limit): wait for its end, then try again")
            }
            if waited == .zero { isWaiting() }
            let step = min(Duration.milliseconds(100), limit - waited)
            sleep(step)
            waited += step
        }
    }
}
