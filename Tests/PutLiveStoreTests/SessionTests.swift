import Testing

@testable import PutLiveStore

@Suite struct SessionTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.store()
    }

    @Test func addsRevokesAndForgets() async throws {
        let ann = try await store.user("ann")
        try await store.session("a", ann)
        try await store.session("b", ann, for: 2 * day)
        #expect(try await store.sessions.find("a")?.userID == ann.id)
        #expect(try await store.sessions.countActive(now: start) == 2)
        #expect(
            try await store.sessions.revoke("a", now: start + 5) == Revocation(id: "a", expiresAt: start + day))
        #expect(try await store.sessions.revoke("a", now: start + 6) == nil)
        #expect(try await store.sessions.revoke("none", now: start) == nil)
        #expect(
            try await store.sessions.revocations(now: start)
                == Revocations(notBefore: 0, tokens: [Revocation(id: "a", expiresAt: start + day)]))
        // An expired token needs no revocation.
        #expect(try await store.revoked(start + day) == [])
        #expect(try await store.sessions.countActive(now: start + day) == 1)
        #expect(try await store.sessions.purgeExpired(now: start + day) == 1)
        #expect(try await store.sessions.find("a") == nil)
        #expect(try await store.sessions.revokeAll(userID: ann.id, keeping: "b", now: start) == [])
        #expect(try await store.sessions.revokeAll(userID: ann.id, now: start).map(\.id) == ["b"])
        await expect(.conflict("an entry with this name or id")) { try await store.session("b", ann) }
    }

    @Test func refusesUsersThatMayNot() async throws {
        let ann = try await store.user("ann")
        await expect(.notFound("user")) {
            try await store.session("a", User(id: "usr_none", username: "x", role: .admin, createdAt: 0))
        }
        try await store.users.update(ann.id, disabled: true, now: start)
        await expect(.notFound("user")) { try await store.session("a", ann) }
    }

    /// The password was changed while the old one was being checked.
    @Test func refusesAnOldPassword() async throws {
        let ann = try await store.user("ann")
        let session = Session(id: "a", userID: ann.id, issuedAt: start, expiresAt: start + day)
        try await store.users.update(ann.id, passwordHash: "new", now: start)
        await expect(.notFound("user")) {
            try await store.sessions.add(session, ifPasswordHash: "hash of ann", now: start)
        }
        try await store.sessions.add(session, ifPasswordHash: "new", now: start)
    }

    @Test func replacesOnce() async throws {
        let ann = try await store.user("ann")
        let bob = try await store.user("bob")
        try await store.session("a", ann)
        let next = Session(id: "b", userID: ann.id, issuedAt: start + 1, expiresAt: start + day)
        #expect(try await store.sessions.add(next, replacing: "a", now: start + 1).revoked.map(\.id) == ["a"])
        var third = next
        third.id = "c"
        await expect(.notFound("session")) { try await store.sessions.add(third, replacing: "a", now: start + 1) }
        third.userID = bob.id
        await expect(.notFound("session")) { try await store.sessions.add(third, replacing: "b", now: start + 1) }
        #expect(try await store.sessions.find("c") == nil)
        third.expiresAt = start + 3 * day
        third.userID = ann.id
        await expect(.notFound("session")) { try await store.sessions.add(third, replacing: "b", now: start + day) }
    }

    @Test func theOldestGoesForOneMore() async throws {
        let ann = try await store.user("ann")
        let bob = try await store.user("bob")
        try await store.session("bob", bob)
        for index in 0..<AccountRules.liveSessions {
            try await store.session("s\(index)", ann, at: start + Int64(index))
        }
        #expect(try await store.sessions.countActive(now: start + 200) == 101)
        let more = Session(id: "more", userID: ann.id, issuedAt: start + 200, expiresAt: start + day)
        #expect(try await store.sessions.add(more, now: start + 200).revoked.map(\.id) == ["s0"])
        #expect(try await store.sessions.countActive(now: start + 200) == 101)
        #expect(try await store.revoked() == ["s0"])
    }

    @Test func rowsAreBounded() async throws {
        let ann = try await store.user("ann")
        try await store.execute(
            """
            INSERT INTO sessions (id, user_id, issued_at, expires_at, revoked_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            SELECT 's' || i, '\(ann.id)', \(start), \(start + day), \(start) FROM n
            """)
        // The one second in which all were issued can't be cut.
        await expect(.limit("2000 logins of one user in one second")) { try await store.session("a", ann) }
        let bob = try await store.user("bob")
        try await store.session("bob", bob)
        let session = Session(id: "a", userID: ann.id, issuedAt: start + 1, expiresAt: start + day)
        let change = try await store.sessions.add(session, now: start + 1)
        #expect(change.voided?.before == start + 1 && change.voided?.tokens.count == 2000)
        let revocations = try await store.sessions.revocations(now: start + 1)
        #expect(revocations.tokens == [] && revocations.notBeforeByUser == [ann.id: start + 1])
        #expect(try await store.sessions.find("s1") == nil)
        #expect(try await store.sessions.countActive(now: start + 1) == 2)
    }

    @Test func givesTheUserAsItIsNow() async throws {
        let ann = try await store.user("ann", .admin)
        _ = try await store.user("bob", .admin)
        try await store.users.update(ann.id, role: .viewer, now: start)
        let session = Session(id: "a", userID: ann.id, issuedAt: start, expiresAt: start + day)
        #expect(try await store.sessions.add(session, now: start).user.role == .viewer)
    }
}
