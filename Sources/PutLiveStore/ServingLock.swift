#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Held by the one agent that serves a database, and by a restore: `<database>.lock`, locked by `flock`. The kernel
/// lets it go when the process ends, however it ends; the file stays.
public final class ServingLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the database at `path`, or throws `.serving` when it is held.
    public init(path: String) throws(StoreError) {
        // Held by the class once it is sure to be: a throwing init would run deinit, too.
        descriptor = try Self.lock(path)
        // For the message alone, so its failure, as on a full disk, is none of the lock.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        close(descriptor)
    }

    private static func lock(_ path: String) throws(StoreError) -> Int32 {
        let file = path + ".lock"
        do {
            try StoreFile.makeFolder(StoreFile.folder(of: path))
            _ = try StoreFile.create(file, mode: StoreFile.databaseMode)
        } catch {
            throw error.storeError
        }
        // Closed on exec: a transcoder that outlives the agent must not keep the lock.
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open", file).storeError }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let fault = SystemFault("flock", file)
        let holder = process(descriptor)
        close(descriptor)
        throw fault.number == EWOULDBLOCK ? .serving(path: path, process: holder) : fault.storeError
    }

    private static func process(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
