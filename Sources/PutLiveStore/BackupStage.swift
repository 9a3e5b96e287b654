#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file in a folder in which a backup grows before it gets its name. The folder is locked meanwhile; what a run left
/// behind that was killed, the next one removes.
struct BackupStage: ~Copyable {
    let path: String
    private let descriptor: Int32

    private static let name = ".putlive-backup.tmp"

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Locks the folder, which is made if it is missing, and makes the empty file.
    static func make(in folder: String) throws(StoreError) -> BackupStage {
        do throws(SystemFault) {
            try StoreFile.makeFolder(folder)
            let stage = BackupStage(path: "\(folder)/\(name)", descriptor: try lock(folder))
            try remove(stage.path)
            _ = try StoreFile.create(stage.path, mode: 0o600)
            return stage
        } catch {
            if error.number == EWOULDBLOCK {
                throw .unusable(path: folder, detail: "another backup is being made there: try again when it is done")
            }
            throw error.storeError
        }
    }

    private static func lock(_ folder: String) throws(SystemFault) -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open", folder) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let fault = SystemFault("flock", folder)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    /// Removes what is left of it.
    borrowing func clear() {
        // The next run tries again.
        try? Self.remove(path)
    }

    deinit {
        close(descriptor)
    }

    private static func remove(_ path: String) throws(SystemFault) {
        for suffix in ["", "-journal", "-wal", "-shm"] { try StoreFile.remove(path + suffix) }
    }
}
