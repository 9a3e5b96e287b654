import NIOCore
import NIOPosix
import PutLiveStore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Hashes passwords off the event loops, on two threads of low priority: a hash takes 16 MiB and tens of milliseconds of
/// a core, and a burst of logins must neither fill the memory nor delay anything else.
final class PasswordChecker: Sendable {
    /// Hashes at once.
    static let threads = 2
    /// Hashes that may wait; more are turned away.
    static let queueLimit = 64

    private let pool = NIOThreadPool(numberOfThreads: threads)
    private let waiting = Atomic<Int>(0)

    init() {
        pool.start()
    }

    /// Is `password` the one of `hash`? Without a hash it takes the same time and is false.
    func matches(_ password: String, hash: String?) async throws -> Bool {
        try await run {
            let stored = hash.flatMap { PasswordHash($0) }
            let matches = try (stored ?? PasswordHash.decoy).verify(password)
            return stored != nil && matches
        }
    }

    /// The hash of a new password.
    func hash(_ password: String) async throws -> String {
        try await run { try PasswordHash(password: password).text }
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.queueLimit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            throw Problem.unavailable("Too many logins at once; try again.", retryAfter: 2)
        }
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        return try await pool.runIfActive {
            Self.lowerPriority()
            return try work()
        }
    }

    /// Of this thread alone, which is what 0 names: Linux gives each thread its own nice value.
    private static func lowerPriority() {
        #if canImport(Glibc)
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #endif
    }

    func shutDown() async throws {
        try await pool.shutdownGracefully()
    }
}
