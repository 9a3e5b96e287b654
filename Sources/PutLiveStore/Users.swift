import GRDB

extension Store {
    /// The accounts.
    public var users: Users { Users(store: self) }
}

/// The accounts. There is always an enabled admin once there was one.
public struct Users: Sendable {
    let store: Store

    /// Makes an account. `.conflict` if the name is taken, in whatever case.
    @discardableResult
    public func add(
        username: String, role: Role, passwordHash: String, now: UnixTime
    ) async throws(StoreError) -> User {
        if let problem = AccountRules.problem(username: username) {
            throw .invalid(field: "username", message: problem)
        }
        let user = User(
            id: RandomText.id("usr_", random: store.random), username: username, role: role, createdAt: now)
        try await store.write { db in
            if try Self.row(db, "username = ?", username) != nil { throw StoreError.conflict("a user \(username)") }
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM users") ?? 0
            if count >= AccountRules.users { throw StoreError.limit("\(AccountRules.users) users") }
            try db.execute(
                sql: "INSERT INTO users (id, username, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [user.id, username, role.rawValue, passwordHash, now])
        }
        return user
    }

    /// By name, without regard to case.
    public func list(limit: Int = 1_000, offset: Int = 0) async throws(StoreError) -> [User] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM users ORDER BY username LIMIT ? OFFSET ?", arguments: [limit, offset]
            ).map(User.init)
        }
    }

    /// How many there are.
    public func count() async throws(StoreError) -> Int {
        try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") ?? 0 }
    }

    /// How many of each role there are; every role has its number.
    public func countByRole() async throws(StoreError) -> [Role: Int] {
        try await store.read { db in
            var counts = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, 0) })
            for row in try Row.fetchAll(db, sql: "SELECT role, count(*) FROM users GROUP BY role") {
                counts[row.role] = row[1]
            }
            return counts
        }
    }

    /// The account with this id.
    public func find(id: String) async throws(StoreError) -> User? {
        try await store.read { try Self.row($0, "id = ?", id).map(User.init) }
    }

    /// The account with this name, without regard to case.
    public func find(username: String) async throws(StoreError) -> User? {
        try await store.read { try Self.row($0, "username = ?", username).map(User.init) }
    }

    /// What a login as `username` is checked against; of disabled users, too.
    public func credentials(username: String) async throws(StoreError) -> Credentials? {
        try await store.read { db in
            try Self.row(db, "username = ?", username).map {
                Credentials(user: User($0), passwordHash: $0["password_hash"])
            }
        }
    }

    /// Changes what is given, all or nothing. Every token of the user is revoked, since tokens carry the role; but not
    /// `keeping`, the session that changes its own password.
    @discardableResult
    public func update(
        _ id: String, role: Role? = nil, disabled: Bool? = nil, passwordHash: String? = nil,
        keeping: String? = nil, now: UnixTime
    ) async throws(StoreError) -> UserChange {
        try await store.write { db in
            guard let row = try Self.row(db, "id = ?", id) else { throw StoreError.notFound("user") }
            var user = User(row)
            let was = user
            user.role = role ?? user.role
            user.disabled = disabled ?? user.disabled
            let hash: String = passwordHash ?? row["password_hash"]
            try db.execute(
                sql: "UPDATE users SET role = ?, disabled = ?, password_hash = ? WHERE id = ?",
                arguments: [user.role.rawValue, user.disabled, hash, id])
            try Self.requireAdmin(db, insteadOf: was)
            guard user != was || passwordHash != nil else { return UserChange(user: user, revoked: []) }
            return UserChange(
                user: user, revoked: try Sessions.revokeAll(db, userID: id, keeping: keeping, now: now))
        }
    }

    /// Removes an account with its keys, and revokes its tokens.
    @discardableResult
    public func delete(_ id: String, now: UnixTime) async throws(StoreError) -> UserChange {
        try await store.write { db in
            guard let user = try Self.row(db, "id = ?", id).map(User.init) else { throw StoreError.notFound("user") }
            try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id])
            try Self.requireAdmin(db, insteadOf: user)
            return UserChange(user: user, revoked: try Sessions.revokeAll(db, userID: id, keeping: nil, now: now))
        }
    }

    /// Notes a good login.
    public func touchLogin(_ id: String, now: UnixTime) async throws(StoreError) {
        try await store.write { db in
            try db.execute(sql: "UPDATE users SET last_login_at = ? WHERE id = ?", arguments: [now, id])
        }
    }

    private static func row(_ db: Database, _ condition: String, _ value: String) throws -> Row? {
        try Row.fetchOne(db, sql: "SELECT * FROM users WHERE \(condition)", arguments: [value])
    }

    /// Within the transaction of the change, so two changes at once can't each take the other's admin for the last.
    private static func requireAdmin(_ db: Database, insteadOf user: User) throws {
        guard user.role == .admin && !user.disabled else { return }
        let isThere = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0)")
        if isThere != true { throw StoreError.lastAdmin }
    }
}

extension User {
    init(_ row: Row) {
        self.init(
            id: row["id"], username: row["username"], role: row.role, disabled: row["disabled"],
            createdAt: row["created_at"], lastLoginAt: row["last_login_at"])
    }
}

extension Row {
    /// A check of the table keeps others out; if one came in all the same, it may do least.
    var role: Role { Role(rawValue: self["role"]) ?? .viewer }
}
