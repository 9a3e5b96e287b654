import PutLiveStore
import Synchronization
import Testing

@testable import PutLiveLive

@Suite struct PublisherReviewTests {
    /// A house whose publishers' rights a test takes away.
    private final class Door: Sendable {
        let house = TestHouse()
        let refusals = Mutex<[String: PublishRefusal]>([:])
        let ended = Mutex<[String]>([])

        func review() async {
            let review = review
            await review.run()
        }

        private let made = Mutex<PublisherReview?>(nil)

        private var review: PublisherReview {
            made.withLock { made in
                if let made { return made }
                let review = PublisherReview(
                    live: house.live, logger: house.log.logger,
                    refusal: { [self] _, stream in refusals.withLock { $0[stream.text] } },
                    end: { [self] broadcast in ended.withLock { $0.append(broadcast.clientID ?? "") } })
                made = review
                return review
            }
        }
    }

    @Test func whoMayStayIsLeftAlone() async {
        let door = Door()
        door.house.begin("one", client: "c1")
        door.house.begin("two", client: "c2")
        door.house.begin("three", client: "c3")
        door.refusals.withLock { $0 = ["two": .expired, "three": .unavailable] }
        await door.review()
        #expect(door.ended.withLock { $0 } == [])
    }

    @Test func whoMayNotIsEndedUntilItIsGone() async {
        let door = Door()
        door.house.begin("one", client: "c1")
        door.house.begin("two", client: "c2")
        door.refusals.withLock { $0 = ["two": .revoked] }
        let before = door.house.log.lines.count
        await door.review()
        await door.review()
        #expect(door.ended.withLock { $0 } == ["c2", "c2"])
        // Said once.
        #expect(
            door.house.log.lines.dropFirst(before) == [
                "notice publisher_ended ip=203.0.113.7 reason=revoked source=rtmp stream=two"
            ])
        door.house.live.end(name("two"), clientID: "c2", reason: .stopped)
        await door.review()
        #expect(door.ended.withLock { $0 }.count == 2)
        // Another one of that name is news.
        door.house.begin("two", client: "c4")
        await door.review()
        #expect(door.house.log.lines.count { $0.contains("publisher_ended") } == 2)
    }
}

@Suite struct PublisherRightsTests {
    private let folder: TemporaryFolder
    private let store: Store
    private let signer = StreamKeySigner(secret: "a secret of the tests")
    private let clock = TestClock()
    private let rights: PublisherRights
    private let log = TestLog()

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.open(path: folder.path + "/putlive.db", now: clock.now / 1000)
        let clock = clock
        rights = PublisherRights(store: store, signer: signer, logger: log.logger, clock: { clock.now })
    }

    private var now: UnixTime { clock.now / 1000 }

    private func user(_ name: String, _ role: Role = .streamer) async throws -> User {
        try await store.users.add(username: name, role: role, passwordHash: "x", now: now)
    }

    private func key(_ user: User, expiresAt: UnixTime? = nil) async throws -> StreamKey {
        try await store.keys.add(userID: user.id, stream: "show", expiresAt: expiresAt, exclusive: false, now: now).key
    }

    @Test func aKeyWhenItComes() async throws {
        let ann = try await user("ann")
        let key = try await key(ann, expiresAt: now + 60)
        let text = signer.sign(key)
        #expect(await rights.verdict(text, name("show")) == .valid(keyID: key.id, userID: ann.id))
        #expect(await rights.verdict(text, name("other")) == .wrongStream)
        #expect(await rights.verdict("nonsense", name("show")) == .unknown)
        let forged = StreamKeySigner(secret: "another").sign(key)
        #expect(await rights.verdict(forged, name("show")) == .signature)
        clock.advance(60_000)
        #expect(await rights.verdict(text, name("show")) == .expired(keyID: key.id))
        // Expired and forged is forged, expired and revoked is revoked.
        #expect(await rights.verdict(forged, name("show")) == .signature)
        try await store.keys.revoke(key.id, now: now)
        #expect(await rights.verdict(text, name("show")) == .revoked)
    }

    @Test func aKeyOnAir() async throws {
        let ann = try await user("ann")
        let key = try await key(ann, expiresAt: now + 60)
        let publisher = Publisher.key(id: key.id, userID: ann.id)
        #expect(await rights.refusal(of: publisher, name("show")) == nil)
        clock.advance(60_000)
        #expect(await rights.refusal(of: publisher, name("show")) == .expired)
        try await store.users.update(ann.id, disabled: true, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .revoked)
        try await store.users.update(ann.id, role: .viewer, disabled: false, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .revoked)
        try await store.users.update(ann.id, role: .streamer, now: now)
        try await store.keys.revoke(key.id, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .revoked)
        _ = try await user("bob", .admin)
        try await store.users.delete(ann.id, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .unknown)
    }

    @Test func aLoginOnAir() async throws {
        let ann = try await user("ann")
        let publisher = Publisher.login(userID: ann.id)
        #expect(await rights.refusal(of: publisher, name("show")) == nil)
        try await store.users.update(ann.id, role: .viewer, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .revoked)
        try await store.users.update(ann.id, role: .streamer, disabled: true, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .revoked)
        try await store.users.delete(ann.id, now: now)
        #expect(await rights.refusal(of: publisher, name("show")) == .unknown)
    }

    /// Let in by an agent before this one: it stays for as long as anybody has a key for its stream.
    @Test func whoIsntKnownOnAir() async throws {
        let one = try await key(try await user("ann"))
        let two = try await key(try await user("bob"), expiresAt: now + 60)
        clock.advance(60_000)
        #expect(await rights.refusal(of: .unknown, name("show")) == nil)
        #expect(await rights.refusal(of: .unknown, name("other")) == .revoked)
        try await store.keys.revoke(one.id, now: now)
        #expect(await rights.refusal(of: .unknown, name("show")) == nil)
        try await store.keys.revoke(two.id, now: now)
        #expect(await rights.refusal(of: .unknown, name("show")) == .revoked)
        #expect(await rights.refusal(of: .agent, name("show")) == nil)
    }

    @Test func whenTheStoreDoesntAnswer() async throws {
        let ann = try await user("ann")
        let key = try await key(ann)
        try store.close()
        #expect(await rights.verdict(signer.sign(key), name("show")) == .unavailable)
        for publisher: Publisher in [.key(id: key.id, userID: ann.id), .login(userID: ann.id), .unknown] {
            #expect(await rights.refusal(of: publisher, name("show")) == .unavailable)
        }
        #expect(log.lines.count == 4)
    }
}
