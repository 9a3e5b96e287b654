import GRDB

extension Store {
    /// The tokens that were issued.
    public var sessions: Sessions { Sessions(store: self) }
}

/// The tokens that were issued and haven't expired.
public struct Sessions: Sendable {
    let store: Store

    /// Stores a token that is about to be handed out; gives back the user as it is now, and the tokens that this
    /// revoked: the `replaced` one of a refresh, and the oldest beyond `AccountRules.liveSessions`.
    ///
    /// Beyond `AccountRules.sessions` the older half of the user's tokens is made void as a whole (`voided`).
    ///
    /// `.notFound` if the user is gone or disabled, if the password is no longer `passwordHash`, or if `replaced` was
    /// revoked meanwhile: checking a password takes long enough for that.
    @discardableResult
    public func add(
        _ session: Session, ifPasswordHash passwordHash: String? = nil, replacing replaced: String? = nil,
        now: UnixTime
    ) async throws(StoreError) -> SessionChange {
        try await store.write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM users WHERE id = ? AND disabled = 0", arguments: [session.userID])
            guard let row, passwordHash == nil || passwordHash == row["password_hash"] else {
                throw StoreError.notFound("user")
            }
            var revoked: [Revocation] = []
            if let replaced {
                revoked = try Self.revoke(
                    db, "id = ? AND user_id = ? AND expires_at > ?", [replaced, session.userID, now], now: now)
                if revoked.isEmpty { throw StoreError.notFound("session") }
            }
            try db.execute(
                sql: "DELETE FROM sessions WHERE user_id = ? AND expires_at <= ?", arguments: [session.userID, now])
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sessions WHERE user_id = ?", arguments: [session.userID])
            let voided = count ?? 0 >= AccountRules.sessions ? try Self.voidOlderHalf(db, session) : nil
            try db.execute(
                sql: "INSERT INTO sessions (id, user_id, issued_at, expires_at) VALUES (?, ?, ?, ?)",
                arguments: [session.id, session.userID, session.issuedAt, session.expiresAt])
            revoked += try Self.revoke(
                db,
                """
                id IN (SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL
                    ORDER BY issued_at DESC, rowid DESC LIMIT -1 OFFSET ?)
                """, [session.userID, AccountRules.liveSessions], now: now)
            return SessionChange(user: User(row), revoked: revoked, voided: voided)
        }
    }

    /// Revokes one token; nil if there is none, or if it was revoked before.
    @discardableResult
    public func revoke(_ id: String, now: UnixTime) async throws(StoreError) -> Revocation? {
        try await store.write { try Self.revoke($0, "id = ?", [id], now: now).first }
    }

    /// Revokes every token of a user but `keeping`.
    @discardableResult
    public func revokeAll(
        userID: String, keeping: String? = nil, now: UnixTime
    ) async throws(StoreError) -> [Revocation] {
        try await store.write { try Self.revokeAll($0, userID: userID, keeping: keeping, now: now) }
    }

    /// What must not be believed at `now`, for the memory of a serving agent. Bounded by the limits of `AccountRules`.
    public func revocations(now: UnixTime) async throws(StoreError) -> Revocations {
        try await store.read { db in
            let tokens = try Row.fetchAll(
                db, sql: "SELECT id, expires_at FROM sessions WHERE expires_at > ? AND revoked_at IS NOT NULL",
                arguments: [now]
            ).map(Revocation.init)
            return Revocations(
                notBefore: try Meta.value(db, .sessionsNotBefore) ?? 0,
                notBeforeByUser: try Meta.values(db, prefix: Self.notBeforePrefix), tokens: tokens)
        }
    }

    /// The token with this `jti`.
    public func find(_ id: String) async throws(StoreError) -> Session? {
        try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM sessions WHERE id = ?", arguments: [id]).map(Session.init)
        }
    }

    /// How many tokens are valid at `now`.
    public func countActive(now: UnixTime) async throws(StoreError) -> Int {
        try await store.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sessions WHERE expires_at > ? AND revoked_at IS NULL", arguments: [now])
                ?? 0
        }
    }

    /// Forgets the tokens that have expired; gives their number.
    @discardableResult
    public func purgeExpired(now: UnixTime) async throws(StoreError) -> Int {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE expires_at <= ?", arguments: [now])
            return db.changesCount
        }
    }

    /// Before the user's id, in the database's own numbers.
    private static let notBeforePrefix = "sessions_not_before_of:"

    /// Makes room for `session`: what its user was given before some second is void from now on, so that none of it has
    /// to be remembered. `.limit` where all of it was given in this second.
    private static func voidOlderHalf(_ db: Database, _ session: Session) throws -> Voided {
        let newest = try Int64.fetchOne(
            db, sql: "SELECT issued_at FROM sessions WHERE user_id = ? ORDER BY issued_at LIMIT 1 OFFSET ?",
            arguments: [session.userID, AccountRules.sessions / 2])
        let before = (newest ?? session.issuedAt) + 1
        guard before <= session.issuedAt else {
            throw StoreError.limit("\(AccountRules.sessions) logins of one user in one second")
        }
        let tokens = try String.fetchAll(
            db, sql: "DELETE FROM sessions WHERE user_id = ? AND issued_at < ? RETURNING id",
            arguments: [session.userID, before])
        try Meta.set(db, notBeforePrefix + session.userID, to: before)
        return Voided(before: before, tokens: tokens)
    }

    static func revokeAll(_ db: Database, userID: String, keeping: String?, now: UnixTime) throws -> [Revocation] {
        try revoke(db, "user_id = ? AND expires_at > ? AND id IS NOT ?", [userID, now, keeping], now: now)
    }

    private static func revoke(
        _ db: Database, _ condition: String, _ arguments: [(any DatabaseValueConvertible)?], now: UnixTime
    ) throws -> [Revocation] {
        try Row.fetchAll(
            db,
            sql: """
                UPDATE sessions SET revoked_at = ? WHERE revoked_at IS NULL AND \(condition) RETURNING id, expires_at
                """, arguments: StatementArguments([now] + arguments)
        ).map(Revocation.init)
    }
}

extension Revocation {
    init(_ row: Row) {
        self.init(id: row["id"], expiresAt: row["expires_at"])
    }
}

extension Session {
    init(_ row: Row) {
        self.init(
            id: row["id"], userID: row["user_id"], issuedAt: row["issued_at"], expiresAt: row["expires_at"],
            revokedAt: row["revoked_at"])
    }
}
