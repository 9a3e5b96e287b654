import Testing

@testable import PutLiveStore

@Suite struct UserTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.store()
    }

    @Test func addsListsAndFinds() async throws {
        let bob = try await store.user("Bob", .admin)
        let ann = try await store.user("ann", .viewer)
        #expect(bob.id.hasPrefix("usr_") && bob.id.utf8.count == 20)
        #expect(bob.id != ann.id)
        #expect(try await store.users.list() == [ann, bob])
        #expect(try await store.users.list(limit: 1, offset: 1) == [bob])
        #expect(try await store.users.count() == 2)
        #expect(try await store.users.countByRole() == [.admin: 1, .streamer: 0, .viewer: 1])
        #expect(try await store.users.find(id: bob.id) == bob)
        #expect(try await store.users.find(id: "usr_nobody") == nil)
        #expect(try await store.users.find(username: "BOB") == bob)
        #expect(try await store.users.find(username: "bo") == nil)
        #expect(
            try await store.users.credentials(username: "bob")
                == Credentials(user: bob, passwordHash: "hash of Bob"))
        #expect(try await store.users.credentials(username: "nobody") == nil)
    }

    @Test func namesAreUniqueInWhateverCase() async throws {
        _ = try await store.user("ann")
        await expect(.conflict("a user ANN")) { _ = try await store.user("ANN") }
    }

    @Test(arguments: ["", "a b", "ann\n", "ann\0", "änn", String(repeating: "a", count: 65), "a/b", "a\u{301}"])
    func refusesBadNames(name: String) async throws {
        await expect(
            .invalid(
                field: "username", message: "must be 1 to 64 letters (a to z), digits, dots, dashes and underscores")
        ) { _ = try await store.user(name) }
    }

    @Test func takesTheLongestName() async throws {
        _ = try await store.user(String(repeating: "Z", count: 64))
        _ = try await store.user("a.B_c-9")
    }

    @Test func theLastEnabledAdminStays() async throws {
        let ann = try await store.user("ann", .admin)
        let bob = try await store.user("bob", .admin)
        let eve = try await store.user("eve", .viewer)
        try await store.users.update(bob.id, disabled: true, now: start)
        await expect(.lastAdmin) { try await store.users.delete(ann.id, now: start) }
        await expect(.lastAdmin) { try await store.users.update(ann.id, disabled: true, now: start) }
        await expect(.lastAdmin) { try await store.users.update(ann.id, role: .streamer, now: start) }
        // Nothing of a refused change remains.
        #expect(try await store.users.find(id: ann.id) == ann)
        try await store.users.update(eve.id, role: .admin, now: start)
        try await store.users.delete(ann.id, now: start)
        try await store.users.delete(bob.id, now: start)
        await expect(.lastAdmin) { try await store.users.delete(eve.id, now: start) }
        await expect(.notFound("user")) { try await store.users.delete(ann.id, now: start) }
    }

    @Test func withoutAnAdminOthersMayGo() async throws {
        let ann = try await store.user("ann", .viewer)
        try await store.users.delete(ann.id, now: start)
        #expect(try await store.users.count() == 0)
    }

    @Test func oneOfTwoAdminsWins() async throws {
        let admins = [try await store.user("ann", .admin), try await store.user("bob", .admin)]
        let other = try folder.store()
        let stores = [store, other]
        let refused = await withTaskGroup(of: Bool.self) { group in
            for (admin, store) in zip(admins, stores) {
                group.addTask {
                    do throws(StoreError) {
                        try await store.users.update(admin.id, role: .viewer, now: start)
                        return false
                    } catch {
                        return error == .lastAdmin
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused == 1)
        #expect(try await store.users.countByRole()[.admin] == 1)
    }

    @Test func changesRevokeSessions() async throws {
        let ann = try await store.user("ann", .admin)
        let bob = try await store.user("bob")
        try await store.session("other", ann)
        try await store.session("a", bob)
        #expect(try await store.users.update(bob.id, disabled: false, now: start).revoked == [])
        let change = try await store.users.update(bob.id, disabled: true, now: start + 1)
        #expect(change.user.disabled)
        #expect(change.revoked == [Revocation(id: "a", expiresAt: start + day)])
        #expect(try await store.revoked() == ["a"])
        #expect(try await store.sessions.find("a")?.revokedAt == start + 1)

        try await store.users.update(bob.id, disabled: false, now: start)
        try await store.session("b", bob)
        #expect(try await store.users.update(bob.id, role: .viewer, now: start).revoked.map(\.id) == ["b"])
        try await store.session("c", bob)
        try await store.session("d", bob)
        let hash = try await store.users.update(bob.id, passwordHash: "new", keeping: "d", now: start)
        #expect(hash.revoked.map(\.id) == ["c"])
        #expect(try await store.users.credentials(username: "bob")?.passwordHash == "new")
        #expect(try await store.users.delete(bob.id, now: start).revoked.map(\.id) == ["d"])
        // Still known as revoked, though their user is gone.
        #expect(try await store.revoked() == ["a", "b", "c", "d"])
        #expect(try await store.sessions.countActive(now: start) == 1)
        await expect(.notFound("user")) { try await store.users.update(bob.id, role: .admin, now: start) }
    }

    @Test func deletingTakesTheKeys() async throws {
        let bob = try await store.user("bob")
        let key = try await store.keys.add(userID: bob.id, stream: "stream", exclusive: true, now: start)
        try await store.users.delete(bob.id, now: start)
        #expect(try await store.keys.find(key.key.id) == nil)
        #expect(try await store.keys.count() == 0)
    }

    @Test func notesLogins() async throws {
        let ann = try await store.user("ann")
        try await store.users.touchLogin(ann.id, now: start + 9)
        #expect(try await store.users.find(id: ann.id)?.lastLoginAt == start + 9)
    }

    @Test func atMostTenThousand() async throws {
        try await store.execute(
            """
            INSERT INTO users (id, username, role, password_hash, created_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
            SELECT 'usr_' || i, 'user' || i, 'viewer', 'x', 0 FROM n
            """)
        _ = try await store.user("last")
        await expect(.limit("10000 users")) { _ = try await store.user("more") }
    }

    /// The tables hold the rules too, whoever writes.
    @Test(arguments: [
        "UPDATE users SET role = 'root'", "UPDATE users SET username = 'a b'", "UPDATE users SET disabled = 2",
        "UPDATE users SET created_at = 'soon'", "UPDATE users SET password_hash = NULL",
        "INSERT INTO stream_keys (id, user_id, stream, created_at) SELECT 'k', id, 'A', 0 FROM users",
        "INSERT INTO viewer_minutes VALUES ('s', 61, 0, 0, 0, 0)",
        "INSERT INTO viewer_minutes VALUES ('s', 60, 0, -1, 0, 0)",
        "INSERT INTO country_days VALUES (5, 'DE', 0)",
        "INSERT INTO schedules (id, video_id, stream, start_time, end_time, created_at) VALUES ('s','v','s', 1, 2, 0)",
        "INSERT INTO videos (id, title, filename, size_bytes, status, created_at) VALUES ('v', 't', 'f', 1, 'odd', 0)",
    ])
    func tablesCheck(sql: String) async throws {
        _ = try await store.user("ann")
        await #expect(throws: StoreError.self) { try await store.execute(sql) }
    }

    @Test func videosOutliveTheirOwner() async throws {
        let ann = try await store.user("ann")
        try await store.execute(
            """
            INSERT INTO videos (id, title, filename, size_bytes, status, created_at, owner_id)
            VALUES ('v', 'title', 'v.mp4', 1, 'ready', 0, '\(ann.id)');
            INSERT INTO schedules (id, video_id, stream, start_time, end_time, quality, created_at, owner_id)
            VALUES ('s', 'v', 'stream', 1, 2, '480p', 0, '\(ann.id)');
            """)
        try await store.users.delete(ann.id, now: start)
        #expect(try await store.number("SELECT count(*) FROM schedules WHERE owner_id IS NULL") == 1)
        try await store.execute("DELETE FROM videos")
        #expect(try await store.number("SELECT count(*) FROM schedules") == 0)
    }
}
