import GRDB

extension Store {
    /// What happened.
    public var events: Events { Events(store: self) }
}

/// What happened, for people to read: the newest ten thousand.
public struct Events: Sendable {
    let store: Store

    /// As many are kept, whatever their age.
    public static let limit = 10_000

    /// Stores an event and gives its id. A text that is too long is cut.
    @discardableResult
    public func add(_ event: Event) async throws(StoreError) -> Int64 {
        let detail = String(String.UnicodeScalarView(event.detail.unicodeScalars.prefix(500)))
        return try await store.write { db in
            try db.execute(
                sql: "INSERT INTO events (time, kind, stream, detail) VALUES (?, ?, ?, ?)",
                arguments: [event.time, event.kind, event.stream, detail])
            let id = db.lastInsertedRowID
            try db.execute(sql: "DELETE FROM events WHERE id <= ?", arguments: [id - Int64(Self.limit)])
            return id
        }
    }

    /// The newest first, without those of some kinds.
    public func list(
        limit: Int = 50, offset: Int = 0, without kinds: [String] = []
    ) async throws(StoreError) -> [Event] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM events \(Self.others(kinds)) ORDER BY id DESC LIMIT ? OFFSET ?",
                arguments: StatementArguments(kinds) + [limit, offset]
            ).map {
                Event(id: $0["id"], time: $0["time"], kind: $0["kind"], stream: $0["stream"], detail: $0["detail"])
            }
        }
    }

    /// How many there are, without those of some kinds.
    public func count(without kinds: [String] = []) async throws(StoreError) -> Int {
        try await store.read {
            try Int.fetchOne(
                $0, sql: "SELECT count(*) FROM events \(Self.others(kinds))", arguments: StatementArguments(kinds)) ?? 0
        }
    }

    private static func others(_ kinds: [String]) -> String {
        kinds.isEmpty ? "" : "WHERE kind NOT IN (\(kinds.map { _ in "?" }.joined(separator: ", ")))"
    }

    /// Forgets what happened before `time`; gives their number.
    @discardableResult
    public func prune(before time: UnixTime) async throws(StoreError) -> Int {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM events WHERE time < ?", arguments: [time])
            return db.changesCount
        }
    }
}
