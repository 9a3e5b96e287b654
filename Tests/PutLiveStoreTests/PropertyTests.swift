import GRDB
import Testing

@testable import PutLiveStore

/// Random sequences of operations; after each one everything that is promised holds.
@Suite struct PropertyTests {
    @Test(arguments: 1...4) func invariantsHold(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let store = try folder.store()
        var random = SplitMix(state: seed)
        var now = start
        var users: [User] = [try await store.user("first", .admin)]
        var keys: [String] = []
        var sessions: [String] = []
        var everRevoked: [String: UnixTime] = [:]

        for step in 0..<200 {
            now += Int64.random(in: 0...hour, using: &random)
            let user = users.randomElement(using: &random)!
            let kind = Int.random(in: 0..<12, using: &random)
            do throws(StoreError) {
                switch kind {
                case 0:
                    users.append(
                        try await store.users.add(
                            username: "u\(Int.random(in: 0..<30, using: &random))",
                            role: Role.allCases.randomElement(using: &random)!, passwordHash: "x", now: now))
                case 1:
                    let change = try await store.users.update(
                        user.id, role: Role.allCases.randomElement(using: &random)!, now: now)
                    for token in change.revoked { everRevoked[token.id] = token.expiresAt }
                case 2:
                    let change = try await store.users.update(
                        user.id, disabled: Bool.random(using: &random), now: now)
                    for token in change.revoked { everRevoked[token.id] = token.expiresAt }
                case 3:
                    let change = try await store.users.delete(user.id, now: now)
                    for token in change.revoked { everRevoked[token.id] = token.expiresAt }
                case 4, 5, 6:
                    let id = "s\(step)"
                    let replaced = Bool.random(using: &random) ? nil : sessions.randomElement(using: &random)
                    let change = try await store.sessions.add(
                        Session(
                            id: id, userID: user.id, issuedAt: now,
                            expiresAt: now + Int64.random(in: 1...3 * hour, using: &random)), replacing: replaced,
                        now: now)
                    sessions.append(id)
                    for token in change.revoked { everRevoked[token.id] = token.expiresAt }
                case 7:
                    if let id = sessions.randomElement(using: &random),
                        let token = try await store.sessions.revoke(id, now: now)
                    {
                        everRevoked[token.id] = token.expiresAt
                    }
                case 8: try await store.sessions.purgeExpired(now: now)
                case 9, 10:
                    let expiry = Bool.random(using: &random) ? nil : now + Int64.random(in: 1...hour, using: &random)
                    keys.append(
                        try await store.keys.add(
                            userID: user.id, stream: "stream-\(Int.random(in: 0..<4, using: &random))",
                            expiresAt: expiry, exclusive: true, now: now
                        ).key.id)
                default:
                    if let key = keys.randomElement(using: &random) { try await store.keys.revoke(key, now: now) }
                }
            } catch {
                #expect(!error.isFault)
            }
            try await check(store, now: now, everRevoked: everRevoked)
        }
        let made = try Backup(database: folder.database).make(in: folder.path, retention: day, now: now)
        #expect(made.size > 0)
    }

    private func check(_ store: Store, now: UnixTime, everRevoked: [String: UnixTime]) async throws {
        let users = try await store.users.list()
        #expect(users.contains { $0.role == .admin && !$0.disabled })
        #expect(Set(users.map { $0.username.lowercased() }).count == users.count)
        #expect(try await store.users.countByRole().values.reduce(0, +) == users.count)

        // What was revoked once stays so until it expires.
        let revoked = try await store.revoked(now)
        #expect(revoked.isSuperset(of: everRevoked.filter { $0.value > now }.keys))
        try await store.read { db in
            let orphans = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM sessions LEFT JOIN users ON users.id = user_id
                    WHERE revoked_at IS NULL AND expires_at > ? AND (users.id IS NULL OR disabled = 1)
                    """, arguments: [now])
            #expect(orphans == 0)
            try StoreConnection.checkAll(db, path: store.path)
        }
        // Keys that count belong to users that may publish.
        let byID = Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0) })
        let keys = try await store.keys.list()
        for key in keys where key.status(at: now) == .active {
            let owner = try #require(byID[key.key.userID])
            #expect(!owner.disabled && owner.role != .viewer)
        }
        #expect(try await store.keys.countActive(now: now) == keys.count { $0.status(at: now) == .active })
    }
}
