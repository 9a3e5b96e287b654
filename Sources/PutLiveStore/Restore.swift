import GRDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Puts a backup in the database's place.
public struct Restore: Sendable {
    /// The backup's file; it isn't changed.
    public let backup: String
    /// The database's file.
    public let database: String
    /// Seconds to wait for another process to finish.
    var patience = StoreConnection.patience

    /// From the backup at `backup` to the database at `database`.
    public init(backup: String, database: String) {
        self.backup = backup
        self.database = database
    }

    /// Restores; gives the name that the old database has now, or nil where there was none.
    ///
    /// The backup is copied and verified first. Refused are a bad or newer one, an existing database unless `force`,
    /// and a database that an agent serves. Whatever fails or crashes, either the old database or the new one is at its
    /// place. All tokens issued before `now` are void afterwards: which of them were revoked since the backup was made,
    /// nobody knows any more.
    public func run(force: Bool, now: UnixTime) throws(StoreError) -> String? {
        guard StoreFile.isFile(backup) else {
            throw .unusable(path: backup, detail: "there is no such file, or this user can't see it")
        }
        if StoreFile.isSame(backup, database) {
            throw .unusable(path: backup, detail: "it is the database itself, not a backup")
        }
        if StoreFile.size(backup + "-wal") > 0 {
            throw .unusable(
                path: backup,
                detail: "it has a log beside it, so it is a database in use or a part of one: make a backup of it with "
                    + "`putlive-agent backup`")
        }
        if !force && StoreFile.exists(database) { throw .exists(path: database) }
        let lock = try ServingLock(path: database)
        defer { withExtendedLifetime(lock) {} }

        let staged = database + ".restoring"
        do {
            try Self.removeFiles(staged)
            _ = try StoreFile.create(staged, mode: StoreFile.databaseMode)
            defer { try? Self.removeFiles(staged) }
            try StoreFile.copy(backup, into: staged)
            do {
                try DatabaseFile.verify(staged)
            } catch {
                throw error.at(backup)
            }
            try Self.voidTokens(staged, now: now)
            try StoreFile.sync(staged)
            let aside = try moveAside(now: now)
            try StoreFile.move(staged, to: database)
            try StoreFile.sync(StoreFile.folder(of: database))
            return aside
        } catch {
            throw StoreError(error, path: database)
        }
    }

    private static func voidTokens(_ path: String, now: UnixTime) throws {
        let queue = try StoreConnection.queue(path: path)
        try queue.write { db in
            try db.execute(sql: "UPDATE sessions SET revoked_at = ? WHERE revoked_at IS NULL", arguments: [now])
            try Meta.set(db, .sessionsNotBefore, to: now)
        }
        try queue.close()
    }

    /// Gives the old database a second name; it loses its first when the new one takes it, in one step.
    private func moveAside(now: UnixTime) throws -> String? {
        guard StoreFile.exists(database) else {
            // A log without its database would be taken for the new one's.
            for suffix in ["-wal", "-shm"] { try StoreFile.remove(database + suffix) }
            return nil
        }
        try foldLog()
        let aside = "\(database).before-restore-\(UTCTime.text(now))"
        if StoreFile.exists(aside) { throw SystemFault("link", aside, EEXIST) }
        // Where the file system has no links, there is no database for a moment.
        if link(database, aside) != 0 { try StoreFile.move(database, to: aside) }
        // Still there if the old database is too damaged to be opened.
        if StoreFile.exists(database + "-wal") { try StoreFile.move(database + "-wal", to: aside + "-wal") }
        try StoreFile.remove(database + "-shm")
        return aside
    }

    /// Writes the old database's log into it, so that it is a single file. That needs the database for itself, so it
    /// also shows whether another process, such as `putlive-agent user`, is using it right now.
    private func foldLog() throws {
        do {
            let queue = try StoreConnection.queue(path: database, inspects: false, patience: patience)
            try queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
            try queue.close()
        } catch {
            switch StoreError(error, path: database) {
            // Damaged: the reason for restoring.
            case .corrupt, .unusable: return
            case let failure: throw failure
            }
        }
    }

    private static func removeFiles(_ path: String) throws(SystemFault) {
        for suffix in ["", "-journal", "-wal", "-shm"] { try StoreFile.remove(path + suffix) }
    }
}

extension StoreError {
    /// The same said of another path: of the file that was copied, not of the copy.
    fileprivate func at(_ path: String) -> StoreError {
        switch self {
        case .newer(_, let version, let known): .newer(path: path, version: version, known: known)
        case .foreign: .foreign(path: path)
        case .corrupt(_, let detail): .corrupt(path: path, detail: detail)
        default: self
        }
    }
}
