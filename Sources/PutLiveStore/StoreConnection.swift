import GRDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How connections to a database are set up, and what every one of them checks first.
enum StoreConnection {
    /// How long a statement waits for another connection's lock.
    static let patience = 5.0
    /// Of each connection; SQLite's own default is four times as much.
    private static let cacheKiB = 512
    /// What the log is cut back to after a burst of writes.
    private static let logBytes = 4 << 20

    /// The connections of a serving agent: a writer and at most two readers. Bounded since every one has a cache.
    static func pool(path: String) throws -> DatabasePool {
        var configuration = configuration(path: path)
        configuration.maximumReaderCount = 2
        // Makes it WAL with synchronous = NORMAL: a commit doesn't wait for the disk, a checkpoint does. A power cut
        // may take the last commits with it but never damages the file, and the agent's writes of every minute stay
        // cheap.
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// One connection, for backups; the journal mode stays as it is.
    static func queue(
        path: String, readonly: Bool = false, inspects: Bool = true, patience: Double = patience
    ) throws -> DatabaseQueue {
        var configuration = configuration(path: path, inspects: inspects)
        configuration.busyMode = .timeout(patience)
        configuration.readonly = readonly
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func configuration(path: String, inspects: Bool = true) -> Configuration {
        var configuration = Configuration()
        configuration.label = "putlive.store"
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
            // The file's own schema is data, too: it may call no function with side effects.
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            if db.configuration.readonly { return }
            try db.execute(sql: "PRAGMA journal_size_limit = \(logBytes)")
            // Before GRDB turns the file to WAL: another program's stays as it was.
            if inspects { _ = try Schema.inspect(db, path: path) }
        }
        return configuration
    }

    /// Tries again for as long as another process holds the file. SQLite waits by itself but where that could be a
    /// deadlock, as when two processes turn a new file to WAL at once.
    static func whileBusy<Value>(_ body: () throws -> Value) throws -> Value {
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            do {
                return try body()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                if ContinuousClock.now >= deadline { throw error }
                usleep(10_000)
            }
        }
    }

    /// Reads every page and finds what is malformed.
    static func checkPages(_ db: Database, path: String) throws {
        try report(try String.fetchAll(db, sql: "PRAGMA quick_check(3)"), path: path)
    }

    /// The same with indexes and references: what a backup has to pass.
    static func checkAll(_ db: Database, path: String) throws {
        try report(try String.fetchAll(db, sql: "PRAGMA integrity_check(3)"), path: path)
        if let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") {
            let table: String = row[0]
            throw StoreError.corrupt(path: path, detail: "a row of \(table) belongs to none of its parent table")
        }
    }

    private static func report(_ found: [String], path: String) throws {
        if found != ["ok"] { throw StoreError.corrupt(path: path, detail: found.joined(separator: "; ")) }
    }
}
