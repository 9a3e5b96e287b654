import Testing

@testable import PutLiveStore

@Suite struct KeyTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.store()
    }

    private func add(
        _ user: User, _ stream: String = "stream", expiresAt: UnixTime? = nil, exclusive: Bool = true,
        now: UnixTime = start
    ) async throws -> OwnedKey {
        try await store.keys.add(
            userID: user.id, stream: stream, label: "OBS", expiresAt: expiresAt, exclusive: exclusive, now: now)
    }

    @Test func addsListsAndFinds() async throws {
        let ann = try await store.user("ann")
        let bob = try await store.user("bob")
        let first = try await add(ann, "one")
        let second = try await add(bob, "two", expiresAt: start + hour)
        #expect(first.key.id.hasPrefix("key_"))
        #expect(first.username == "ann")
        #expect(first.key == StreamKey(id: first.key.id, userID: ann.id, stream: "one", label: "OBS", createdAt: start))
        #expect(try await store.keys.list() == [second, first])
        #expect(try await store.keys.list(userID: ann.id) == [first])
        #expect(try await store.keys.list(limit: 1, offset: 1) == [first])
        #expect(try await store.keys.count() == 2)
        #expect(try await store.keys.count(userID: bob.id) == 1)
        #expect(try await store.keys.find(first.key.id) == first)
        #expect(try await store.keys.find("key_none") == nil)
    }

    @Test func thoseThatCountComeFirst() async throws {
        let ann = try await store.user("ann")
        let old = try await store.keys.add(userID: ann.id, stream: "a", exclusive: false, now: start)
        let new = try await store.keys.add(userID: ann.id, stream: "a", exclusive: false, now: start + 1)
        try await store.keys.revoke(new.key.id, now: start + 2)
        let newest = try await store.keys.add(userID: ann.id, stream: "a", exclusive: false, now: start + 3)
        let ids = [newest, old, new].map(\.key.id)
        #expect(try await store.keys.list(activeAt: start + 4).map(\.key.id) == ids)
        let first = try await store.keys.list(userID: ann.id, activeAt: start + 4, limit: 2)
        #expect(first.map(\.key.id) == Array(ids.prefix(2)))
    }

    @Test func status() async throws {
        let ann = try await store.user("ann", .admin)
        let bob = try await store.user("bob")
        let key = try await add(bob, expiresAt: start + hour)
        #expect(key.status(at: start) == .active)
        #expect(key.status(at: start + hour - 1) == .active)
        #expect(key.status(at: start + hour) == .expired)
        #expect(try await store.keys.countActive(now: start) == 1)
        #expect(try await store.keys.countActive(now: start + hour) == 0)

        try await store.users.update(bob.id, disabled: true, now: start)
        #expect(try await store.keys.find(key.key.id)?.status(at: start) == .revoked)
        #expect(try await store.keys.countActive(now: start) == 0)
        try await store.users.update(bob.id, role: .viewer, disabled: false, now: start)
        #expect(try await store.keys.find(key.key.id)?.status(at: start) == .revoked)
        try await store.users.update(bob.id, role: .streamer, now: start)
        #expect(try await store.keys.find(key.key.id)?.status(at: start) == .active)

        let revoked = try await store.keys.revoke(key.key.id, now: start + 5)
        #expect(revoked.status(at: start) == .revoked)
        #expect(try await store.keys.revoke(key.key.id, now: start + 9) == revoked)
        await expect(.notFound("stream key")) { try await store.keys.revoke("key_none", now: start) }
        _ = ann
    }

    @Test func whoHoldsAStream() async throws {
        let ann = try await store.user("ann")
        #expect(try await store.keys.isHeld(stream: "stream") == false)
        let key = try await add(ann, expiresAt: start + 1)
        #expect(try await store.keys.isHeld(stream: "stream"))
        #expect(try await store.keys.isHeld(stream: "other") == false)
        try await store.users.update(ann.id, disabled: true, now: start)
        #expect(try await store.keys.isHeld(stream: "stream") == false)
        try await store.users.update(ann.id, disabled: false, now: start)
        try await store.keys.revoke(key.key.id, now: start + 5)
        #expect(try await store.keys.isHeld(stream: "stream") == false)
    }

    @Test func notesItsUse() async throws {
        let key = try await add(try await store.user("ann"))
        try await store.keys.touch(key.key.id, now: start + 3)
        #expect(try await store.keys.find(key.key.id)?.key.lastUsedAt == start + 3)
    }

    @Test func aStreamIsOneStreamers() async throws {
        let ann = try await store.user("ann")
        let bob = try await store.user("bob")
        let key = try await add(ann, expiresAt: start + hour)
        await expect(.conflict("a key of another user for the stream stream")) { _ = try await add(bob) }
        // Not one's own, not another stream, and not for admins.
        _ = try await add(ann)
        _ = try await add(bob, "other")
        _ = try await add(bob, exclusive: false)
        _ = key
    }

    @Test func keysThatDontCountHoldNothing() async throws {
        let ann = try await store.user("ann")
        let bob = try await store.user("bob")
        let eve = try await store.user("eve")
        let expired = try await add(ann, expiresAt: start + 1)
        _ = try await add(bob, now: expired.key.createdAt + 1)
        let revoked = try await add(bob, "two")
        try await store.keys.revoke(revoked.key.id, now: start)
        _ = try await add(ann, "two")
        try await store.users.update(ann.id, disabled: true, now: start)
        _ = try await add(eve, "two")
    }

    @Test func refusesBadValues() async throws {
        let ann = try await store.user("ann")
        for stream in ["", "A", "a_b", "a b", "a?key=1", "ä", String(repeating: "a", count: 65)] {
            await expect(
                .invalid(field: "stream", message: "must be 1 to 64 lower-case letters, digits and dashes")
            ) { _ = try await add(ann, stream) }
        }
        await expect(.invalid(field: "expires_at", message: "must lie in the future")) {
            _ = try await add(ann, expiresAt: start)
        }
        await expect(.invalid(field: "label", message: "must not hold control characters")) {
            try await store.keys.add(userID: ann.id, stream: "s", label: "a\nb", exclusive: true, now: start)
        }
        await expect(.invalid(field: "label", message: "must not be longer than 100 characters")) {
            try await store.keys.add(
                userID: ann.id, stream: "s", label: String(repeating: "ä", count: 101), exclusive: true, now: start)
        }
        try await store.keys.add(
            userID: ann.id, stream: "s", label: String(repeating: "ä", count: 100), exclusive: true, now: start)
        await expect(.notFound("user or video")) {
            try await store.keys.add(userID: "usr_none", stream: "s", exclusive: false, now: start)
        }
    }

    @Test func aHundredCountAndAHundredAreRemembered() async throws {
        let ann = try await store.user("ann")
        var keys: [OwnedKey] = []
        for index in 0..<100 { keys.append(try await add(ann, "s\(index)", now: start + Int64(index))) }
        await expect(.limit("100 active keys of one user")) { _ = try await add(ann, now: start + 200) }
        for key in keys { try await store.keys.revoke(key.key.id, now: start + 200) }
        for index in 0..<2 { _ = try await add(ann, "t\(index)", now: start + 200) }
        try await store.keys.revoke(try await add(ann, "u", now: start + 201).key.id, now: start + 201)
        _ = try await add(ann, "v", now: start + 202)
        // 100 of the 101 that don't count; the oldest was forgotten.
        #expect(try await store.keys.count(userID: ann.id) == 103)
        #expect(try await store.keys.find(keys[0].key.id) == nil)
        #expect(try await store.keys.find(keys[1].key.id) != nil)
    }
}
