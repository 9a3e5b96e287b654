import GRDB

extension Store {
    /// The stream keys.
    public var keys: Keys { Keys(store: self) }
}

/// The stream keys. A key counts while it is neither expired nor revoked and its owner is enabled and no viewer.
public struct Keys: Sendable {
    let store: Store

    /// Makes a key. With `exclusive`, as for streamers, `.conflict` if a key of another user that counts allows the
    /// same stream. The user's oldest keys that no longer count are forgotten beyond a hundred.
    @discardableResult
    public func add(
        userID: String, stream: String, label: String = "", expiresAt: UnixTime? = nil, exclusive: Bool, now: UnixTime
    ) async throws(StoreError) -> OwnedKey {
        if let problem = AccountRules.problem(stream: stream) { throw .invalid(field: "stream", message: problem) }
        if let problem = AccountRules.problem(label: label) { throw .invalid(field: "label", message: problem) }
        if let expiresAt, expiresAt <= now { throw .invalid(field: "expires_at", message: "must lie in the future") }
        let key = StreamKey(
            id: RandomText.id("key_", random: store.random), userID: userID, stream: stream, label: label,
            createdAt: now, expiresAt: expiresAt)
        return try await store.write { db in
            if exclusive {
                let isHeld = try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 \(Self.tables) WHERE stream = ? AND user_id <> ? AND \(Self.isActive))
                        """, arguments: [stream, userID, now])
                if isHeld == true { throw StoreError.conflict("a key of another user for the stream \(stream)") }
            }
            let active = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM stream_keys WHERE user_id = ? AND \(Self.isInForce)",
                arguments: [userID, now])
            if active ?? 0 >= AccountRules.activeKeys {
                throw StoreError.limit("\(AccountRules.activeKeys) active keys of one user")
            }
            try db.execute(
                sql: """
                    DELETE FROM stream_keys WHERE id IN (
                        SELECT id FROM stream_keys WHERE user_id = ? AND NOT (\(Self.isInForce))
                        ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET ?)
                    """, arguments: [userID, now, AccountRules.inactiveKeys])
            // An unknown user breaks the reference.
            try db.execute(
                sql: """
                    INSERT INTO stream_keys (id, user_id, stream, label, created_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, arguments: [key.id, userID, stream, label, now, expiresAt])
            guard let owned = try Self.find(db, key.id) else { throw StoreError.notFound("user") }
            return owned
        }
    }

    /// The newest first; of one user, or of all. With `activeAt`, those that count at that time come before the others.
    public func list(
        userID: String? = nil, activeAt now: UnixTime? = nil, limit: Int = 1_000, offset: Int = 0
    ) async throws(StoreError) -> [OwnedKey] {
        try await store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.columns) \(Self.tables) \(userID == nil ? "" : "WHERE user_id = ?")
                    ORDER BY \(now == nil ? "" : "(\(Self.isActive)) DESC,")
                        stream_keys.created_at DESC, stream_keys.rowid DESC LIMIT ? OFFSET ?
                    """,
                arguments: StatementArguments(userID.map { [$0] } ?? []) + StatementArguments(now.map { [$0] } ?? [])
                    + [limit, offset]
            ).map(OwnedKey.init)
        }
    }

    /// How many there are, in force or not; of one user, or of all.
    public func count(userID: String? = nil) async throws(StoreError) -> Int {
        try await store.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM stream_keys \(userID == nil ? "" : "WHERE user_id = ?")",
                arguments: userID.map { [$0] } ?? []) ?? 0
        }
    }

    /// How many count at `now`.
    public func countActive(now: UnixTime) async throws(StoreError) -> Int {
        try await store.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) \(Self.tables) WHERE \(Self.isActive)", arguments: [now]) ?? 0
        }
    }

    /// Whether anybody has a key for the stream that nobody took away, be it expired.
    public func isHeld(stream: String) async throws(StoreError) -> Bool {
        try await store.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 \(Self.tables) WHERE stream = ? AND revoked_at IS NULL AND \(Self.mayPublish))
                    """, arguments: [stream]) ?? false
        }
    }

    /// The key with this id, whether it counts or not.
    public func find(_ id: String) async throws(StoreError) -> OwnedKey? {
        try await store.read { try Self.find($0, id) }
    }

    /// Revokes a key; one that is revoked already stays as it is. `.notFound` if there is none.
    @discardableResult
    public func revoke(_ id: String, now: UnixTime) async throws(StoreError) -> OwnedKey {
        try await store.write { db in
            try db.execute(
                sql: "UPDATE stream_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", arguments: [now, id])
            guard let key = try Self.find(db, id) else { throw StoreError.notFound("stream key") }
            return key
        }
    }

    /// Notes that a publisher used it.
    public func touch(_ id: String, now: UnixTime) async throws(StoreError) {
        try await store.write { db in
            try db.execute(sql: "UPDATE stream_keys SET last_used_at = ? WHERE id = ?", arguments: [now, id])
        }
    }

    private static func find(_ db: Database, _ id: String) throws -> OwnedKey? {
        try Row.fetchOne(
            db, sql: "SELECT \(columns) \(tables) WHERE stream_keys.id = ?", arguments: [id]
        ).map(OwnedKey.init)
    }

    private static let columns = "stream_keys.*, username, \(mayPublish) AS may_publish"
    private static let tables = "FROM stream_keys JOIN users ON users.id = user_id"
    private static let mayPublish = "(disabled = 0 AND role <> 'viewer')"
    private static let isInForce = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"
    private static let isActive = "\(isInForce) AND \(mayPublish)"
}

extension OwnedKey {
    init(_ row: Row) {
        key = StreamKey(
            id: row["id"], userID: row["user_id"], stream: row["stream"], label: row["label"],
            createdAt: row["created_at"], expiresAt: row["expires_at"], revokedAt: row["revoked_at"],
            lastUsedAt: row["last_used_at"])
        username = row["username"]
        ownerMayPublish = row["may_publish"]
    }
}
