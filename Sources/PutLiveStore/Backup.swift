import GRDB

/// Makes backups of a database, from this process or another one than the agent, while the agent serves.
public struct Backup: Sendable {
    /// The database's file.
    public let database: String

    /// For the database at `path`.
    public init(database path: String) {
        database = path
    }

    /// A backup in a folder.
    public struct Made: Sendable, Equatable {
        /// Its file.
        public var path: String
        /// In bytes.
        public var size: Int64
        /// The names of the backups that were removed for their age.
        public var removed: [String]
    }

    /// Puts a verified copy, named after the time (`BackupName`), into `folder`, then removes those older than
    /// `retention` seconds. The copy is the database as it was at one moment. A folder that is missing is made.
    ///
    /// On a full disk, those that are too old go first, but for the newest there is, and it is tried once more.
    ///
    /// Blocks for as long as it takes to read the database three times. Leaves nothing behind when it fails.
    public func make(in folder: String, retention: Int64, now: UnixTime) throws(StoreError) -> Made {
        try Self.makingRoom(in: folder, retention: retention, now: now) { () throws(StoreError) in
            try makeOnce(in: folder, retention: retention, now: now)
        }
    }

    /// Does `attempt`, and once more if the disk was full and old backups could be removed.
    static func makingRoom(
        in folder: String, retention: Int64, now: UnixTime, _ attempt: () throws(StoreError) -> Made
    ) throws(StoreError) -> Made {
        do throws(StoreError) {
            return try attempt()
        } catch {
            guard case .full = error, let names = try? StoreFile.names(in: folder),
                let newest = names.compactMap({ BackupName($0) }).max()
            else { throw error }
            let expired = BackupName.expired(names, retention: retention, now: now, kept: newest)
            guard !expired.isEmpty else { throw error }
            do throws(SystemFault) {
                for old in expired { try StoreFile.remove("\(folder)/\(old)") }
            } catch let fault {
                throw fault.storeError
            }
            var made = try attempt()
            made.removed = expired + made.removed
            return made
        }
    }

    private func makeOnce(in folder: String, retention: Int64, now: UnixTime) throws(StoreError) -> Made {
        let name = BackupName(time: now)
        let path = "\(folder)/\(name.text)"
        let made = try staged(in: folder) { (copy, size) throws(StoreError) in
            do throws(SystemFault) {
                try StoreFile.move(copy, to: path)
                try StoreFile.sync(folder)
                let expired = BackupName.expired(
                    try StoreFile.names(in: folder), retention: retention, now: now, kept: name)
                for old in expired { try StoreFile.remove("\(folder)/\(old)") }
                return Made(path: path, size: size, removed: expired)
            } catch {
                throw error.storeError
            }
        }
        return made
    }

    /// Makes a verified copy in a file of mode 0600 in `folder` and hands it to `body` with its size; afterwards the
    /// file is gone, if `body` didn't move it. One at a time in a folder.
    public func staged<Value>(
        in folder: String, _ body: (_ path: String, _ size: Int64) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let stage = try BackupStage.make(in: folder)
        defer { stage.clear() }
        let size = try copy(to: stage.path)
        return try body(stage.path, size)
    }

    /// The same for a body that waits, such as an upload.
    public func staged<Value: Sendable>(
        in folder: String, _ body: @Sendable (_ path: String, _ size: Int64) async throws -> Value
    ) async throws -> Value {
        let stage = try BackupStage.make(in: folder)
        defer { stage.clear() }
        let size = try copy(to: stage.path)
        return try await body(stage.path, size)
    }

    private func copy(to target: String) throws(StoreError) -> Int64 {
        if let absence = StoreFile.absence(database) { throw absence }
        do {
            let source = try StoreConnection.queue(path: database)
            let copy = try StoreConnection.queue(path: target)
            do {
                try copy.writeWithoutTransaction { db in
                    // Nobody reads it before it is synced as a whole.
                    try db.execute(sql: "PRAGMA synchronous = OFF")
                }
                // In one read transaction, so writers go on and the copy is of one moment.
                try source.backup(to: copy, pagesPerStep: 256)
                // The copy says of itself that it has a log, as its original does. A backup is a single file.
                try copy.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
                try copy.close()
                try source.close()
            } catch {
                // Reading may fail for the original, and writing for the copy.
                switch StoreError(error, path: target) {
                case .corrupt(_, let detail): throw StoreError.corrupt(path: database, detail: detail)
                case .busy: throw StoreError.busy(path: database)
                case let failure: throw failure
                }
            }
            try DatabaseFile.verify(target)
            try StoreFile.sync(target)
            return StoreFile.size(target)
        } catch {
            throw StoreError(error, path: database)
        }
    }

    /// Notes in the database that a backup to `place` is good.
    public func noteSuccess(_ place: BackupPlace, size: Int64, now: UnixTime) throws(StoreError) {
        try note { try BackupRecord.success($0, place, size: size, now: now) }
    }

    /// Notes in the database that a backup to `place` failed.
    public func noteFailure(_ place: BackupPlace) throws(StoreError) {
        try note { try BackupRecord.failure($0, place) }
    }

    private func note(_ body: (Database) throws -> Void) throws(StoreError) {
        if let absence = StoreFile.absence(database) { throw absence }
        do {
            try StoreConnection.queue(path: database).write(body)
        } catch {
            throw StoreError(error, path: database)
        }
    }
}
