import GRDB
import Synchronization

/// What the agent remembers: accounts, keys, sessions, analytics. One SQLite file in WAL mode, so readers and the one
/// writer don't wait for each other, and other processes (`putlive-agent user`, `backup`) may work on it meanwhile.
///
/// SQLite runs on queues of GRDB's own, so nothing here blocks an event loop. What a method does, it does in one
/// transaction: an error or a cancelled task leaves everything as it was.
public final class Store: Sendable {
    /// Kinds of accesses, for metrics.
    public enum QueryKind: String, Sendable, CaseIterable {
        case read
        case write
    }

    /// Is told of every access: its kind, its seconds (waiting for the connection included), and whether the database
    /// failed. A refused request, such as a name that is taken, is no failure. Called on any thread; must be fast.
    public typealias Observer = @Sendable (_ kind: QueryKind, _ seconds: Double, _ failed: Bool) -> Void

    /// The database's file.
    public let path: String
    /// Where ids come from.
    let random: @Sendable () -> UInt64
    private let pool: DatabasePool
    private let observe: Observer
    /// Whether the last write failed, so that the next check has to write, too.
    private let writeFailed = Atomic(false)

    private init(
        path: String, pool: DatabasePool, random: @escaping @Sendable () -> UInt64, observe: @escaping Observer
    ) {
        self.path = path
        self.pool = pool
        self.random = random
        self.observe = observe
    }

    /// Opens the database at `path` and brings its layout up to date. Blocks: some milliseconds, or up to
    /// `StoreConnection.patience` while another process makes it.
    ///
    /// Where there is none, one is made (mode 0640, its folder 0750), unless `create` is false. What isn't a healthy
    /// database of this agent's version or an older one is refused and left as it is. A small file is checked as a
    /// whole; backups check larger ones.
    public static func open(
        path: String, create: Bool = true, now: UnixTime, random: @escaping @Sendable () -> UInt64 = RandomText.system,
        observe: @escaping Observer = { _, _, _ in }
    ) throws(StoreError) -> Store {
        do {
            if create {
                try StoreFile.makeFolder(StoreFile.folder(of: path))
                _ = try StoreFile.create(path, mode: StoreFile.databaseMode)
            } else if let absence = StoreFile.absence(path) {
                throw absence
            }
            let pool = try StoreConnection.whileBusy { try StoreConnection.pool(path: path) }
            try pool.writeWithoutTransaction { db in
                try Schema.migrate(db, path: path, now: now)
                if StoreFile.size(path) <= wholeCheckSize { try StoreConnection.checkPages(db, path: path) }
            }
            return Store(path: path, pool: pool, random: random, observe: observe)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Up to this size, opening reads every page, which takes at most some 2 ms.
    static let wholeCheckSize: Int64 = 512 << 10

    /// Writes the log back into the database and closes it. Later calls fail. Without it, the end of the process does
    /// the same but for the tidying up.
    public func close() throws(StoreError) {
        // Readers first: only a writer that is the last connection can write the log back.
        pool.releaseMemory()
        do { try pool.close() } catch { throw StoreError(error, path: path) }
    }
}

extension Store {
    /// Reads a consistent state, beside any writer.
    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        try await timed(.read) { try await pool.read(body) }
    }

    /// Does all or nothing.
    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do throws(StoreError) {
            let value = try await timed(.write) { try await pool.write(body) }
            writeFailed.store(false, ordering: .relaxed)
            return value
        } catch {
            if error.isFault { writeFailed.store(true, ordering: .relaxed) }
            throw error
        }
    }

    private func timed<Value: Sendable>(
        _ kind: QueryKind, _ body: () async throws -> Value
    ) async throws(StoreError) -> Value {
        let start = ContinuousClock.now
        do {
            let value = try await body()
            observe(kind, Self.seconds(since: start), false)
            return value
        } catch {
            let failure = StoreError(error, path: path)
            observe(kind, Self.seconds(since: start), failure.isFault)
            throw failure
        }
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }
}

/// The state of the database itself.
extension Store {
    /// A number that changes when another process has changed the database, and only then (a checkpoint by another
    /// process may count as a change): for noticing what `putlive-agent user` did.
    ///
    /// SQLite's `data_version` changes with commits of other connections, never with those of the connection that asks.
    /// All writes of this store go over its one writer, so the writer is asked.
    public func dataVersion() async throws(StoreError) -> Int {
        try await timed(.read) {
            try await pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        }
    }

    /// Bytes of the database and of its write-ahead log.
    public func size() -> (database: Int64, log: Int64) {
        (StoreFile.size(path), StoreFile.size(path + "-wal"))
    }

    /// Whether the database answers and takes writes: reads a row under the write lock. Writes one only if the last
    /// write failed, so that an idle agent writes nothing. Takes 50 µs, or 5 s where another process holds the lock.
    public func check() async throws(StoreError) {
        guard writeFailed.load(ordering: .relaxed) else {
            return try await timed(.read) {
                try await pool.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        _ = try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'created_at'")
                        return .rollback
                    }
                }
            }
        }
        try await write { db in
            try db.execute(
                sql: "INSERT INTO meta VALUES ('probe', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1")
        }
    }
}
