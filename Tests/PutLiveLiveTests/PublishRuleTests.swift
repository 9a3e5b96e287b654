import Testing

@testable import PutLiveLive

@Suite struct PublishRuleTests {
    private let key = Credential.key(.valid(keyID: "k1", userID: "u1"))

    private func request(
        _ credential: Credential, source: StreamSource = .rtmp, client: String? = "new"
    ) -> PublishRequest {
        PublishRequest(stream: name("stream"), source: source, credential: credential, clientID: client)
    }

    private func onAir(_ publisher: Publisher, source: StreamSource = .rtmp, client: String? = "old") -> Broadcast {
        Broadcast(stream: name("stream"), source: source, publisher: publisher, clientID: client, startedAt: 0)
    }

    private func decide(
        _ request: PublishRequest, _ current: Broadcast? = nil, count: Int = 0, limit: Int = 3
    ) -> PublishDecision {
        PublishRule.decide(request, current: current, count: count, limit: limit)
    }

    @Test(arguments: [
        (KeyVerdict.unknown, PublishRefusal.unknown), (.signature, .signature), (.wrongStream, .wrongStream),
        (.expired(keyID: "k1"), .expired), (.revoked, .revoked), (.disabledUser, .revoked),
    ])
    func badKeys(_ verdict: KeyVerdict, _ refusal: PublishRefusal) {
        #expect(decide(request(.key(verdict))) == .refuse(refusal))
        // On air or not, full or not: a bad key learns nothing.
        #expect(decide(request(.key(verdict)), onAir(.unknown), count: 3) == .refuse(refusal))
        #expect(refusal.isRejectedKey)
    }

    @Test(arguments: PublishRefusal.allCases)
    func whatEndsABroadcast(_ refusal: PublishRefusal) {
        // Taken away or never there; an expired key lets nobody in any more, but a show isn't cut off.
        let isTaken: Set<PublishRefusal> = [.revoked, .unknown, .signature, .wrongStream]
        #expect(PublishRule.ends(refusal) == isTaken.contains(refusal))
    }

    @Test func goodCredentials() {
        #expect(decide(request(key)) == .begin(.key(id: "k1", userID: "u1")))
        #expect(decide(request(.login(userID: "u1"), source: .webrtc)) == .begin(.login(userID: "u1")))
        #expect(decide(request(.agent)) == .begin(.agent))
    }

    @Test func limit() {
        #expect(decide(request(key), count: 2) == .begin(.key(id: "k1", userID: "u1")))
        #expect(decide(request(key), count: 3) == .refuse(.limit))
        #expect(decide(request(.agent), count: 3) == .refuse(.limit))
        #expect(!PublishRefusal.limit.isRejectedKey)
    }

    @Test func busy() {
        for publisher: Publisher in [.key(id: "k2", userID: "u1"), .login(userID: "u1"), .agent, .unknown] {
            #expect(decide(request(key), onAir(publisher), count: 1) == .refuse(.busy))
        }
        #expect(decide(request(.login(userID: "u1")), onAir(.login(userID: "u2")), count: 1) == .refuse(.busy))
        #expect(decide(request(.agent), onAir(.key(id: "k1", userID: "u1")), count: 1) == .refuse(.busy))
        #expect(!PublishRefusal.busy.isRejectedKey)
    }

    @Test func theSameComesAgain() {
        let old = onAir(.key(id: "k1", userID: "u1"))
        // At the limit as well, for nothing is added.
        #expect(decide(request(key), old, count: 3) == .takeOver(old, .key(id: "k1", userID: "u1")))
        let browser = onAir(.login(userID: "u1"), source: .webrtc)
        #expect(
            decide(request(.login(userID: "u1"), source: .webrtc), browser, count: 3)
                == .takeOver(browser, .login(userID: "u1")))
    }

    @Test func theSameConnectionAsksTwice() {
        #expect(decide(request(key, client: "old"), onAir(.key(id: "k1", userID: "u1")), count: 3) == .attach)
        #expect(decide(request(.key(.revoked), client: "old"), onAir(.unknown)) == .refuse(.revoked))
    }

    @Test func theAgentsOwn() {
        for source in [StreamSource.webrtc, .playout] {
            let begun = onAir(.login(userID: "u1"), source: source, client: nil)
            #expect(decide(request(.agent), begun, count: 3) == .attach)
        }
    }
}

@Suite struct LiveTableTests {
    private func request(
        _ stream: String, key: String = "k1", source: StreamSource = .rtmp, client: String? = "c1"
    ) -> PublishRequest {
        PublishRequest(
            stream: name(stream), source: source, credential: .key(.valid(keyID: key, userID: "u1")), clientID: client,
            address: "203.0.113.7")
    }

    @Test func beginsAndEnds() throws {
        var table = LiveTable()
        let (decision, effects) = table.publish(request("a"), limit: 3, now: 1000)
        #expect(decision == .begin(.key(id: "k1", userID: "u1")))
        let broadcast = try #require(table.broadcasts[name("a")])
        #expect(effects == [.started(broadcast)])
        #expect(broadcast.startedAt == 1000 && broadcast.address == "203.0.113.7")
        // Another connection's end is none of its business.
        #expect(table.end(name("a"), clientID: "other", reason: .stopped, now: 2000).isEmpty)
        #expect(
            table.end(name("a"), clientID: "c1", reason: .stopped, now: 2000) == [.ended(broadcast, .stopped, at: 2000)]
        )
        #expect(table.broadcasts.isEmpty)
        #expect(table.end(name("a"), clientID: "c1", reason: .stopped, now: 3000).isEmpty)
    }

    @Test func ofTwoAtOnceOneGetsTheLastPlace() {
        var table = LiveTable()
        #expect(table.publish(request("a"), limit: 1, now: 0).0 == .begin(.key(id: "k1", userID: "u1")))
        #expect(table.publish(request("b", client: "c2"), limit: 1, now: 0).0 == .refuse(.limit))
    }

    @Test func takeOverByRTMPWaitsForTheMediaServer() throws {
        var table = LiveTable()
        _ = table.publish(request("a"), limit: 3, now: 0)
        let (decision, effects) = table.publish(request("a", client: "c2"), limit: 3, now: 5000)
        guard case .takeOver(let old, _) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(old.clientID == "c1" && effects.isEmpty)
        #expect(table.broadcasts[name("a")]?.clientID == "c1")
        // SRS has let the new one in after all: the old one's end was never told.
        let adopted = table.adopt(name("a"), clientID: "c2", address: "203.0.113.7", startedAt: 5000, now: 6000)
        #expect(adopted.count == 2)
        let new = try #require(table.broadcasts[name("a")])
        #expect(new.clientID == "c2" && new.publisher == .key(id: "k1", userID: "u1"))
    }

    @Test func takeOverByRTMPComesAgainOnceTheOldOneLeft() {
        var table = LiveTable()
        _ = table.publish(request("a"), limit: 3, now: 0)
        _ = table.publish(request("a", client: "c2"), limit: 3, now: 5000)
        let ended = table.end(name("a"), clientID: "c1", reason: .stopped, now: 6000)
        guard case .ended(_, .replaced, _)? = ended.first else {
            Issue.record("\(ended)")
            return
        }
        #expect(
            table.publish(request("a", client: "c3"), limit: 3, now: 7000).0 == .begin(.key(id: "k1", userID: "u1")))
    }

    @Test func takeOverByBrowserIsAtOnce() {
        var table = LiveTable()
        _ = table.publish(request("a", source: .webrtc, client: "w1"), limit: 1, now: 0)
        let (_, effects) = table.publish(request("a", source: .webrtc, client: "w2"), limit: 1, now: 9000)
        #expect(effects.count == 2)
        #expect(table.broadcasts[name("a")]?.clientID == "w2")
    }

    @Test func anOfferTakesNothingOver() {
        var table = LiveTable()
        _ = table.publish(request("a", source: .webrtc, client: "w1"), limit: 1, now: 0)
        var offer = request("a", source: .webrtc, client: "w2")
        offer.isConnected = false
        let (decision, effects) = table.publish(offer, limit: 1, now: 9000)
        guard case .takeOver(let old, _) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(old.clientID == "w1" && effects.isEmpty)
        #expect(table.broadcasts[name("a")] == old)
        // Where nobody is, it is on air at once.
        offer.stream = name("b")
        #expect(table.publish(offer, limit: 2, now: 9000).1.count == 1)
    }

    @Test func theAgentsOwnPublishIsAttached() {
        var table = LiveTable()
        _ = table.publish(request("a", source: .webrtc, client: "w1"), limit: 1, now: 0)
        let own = PublishRequest(stream: name("a"), source: .playout, credential: .agent, clientID: "s1")
        #expect(table.publish(own, limit: 1, now: 10).0 == .attach)
        // It stays the browser's: the media server's end of it ends nothing.
        #expect(table.broadcasts[name("a")]?.clientID == "w1")
        #expect(table.end(name("a"), clientID: "s1", reason: .stopped, now: 20).isEmpty)
        #expect(table.broadcasts[name("a")]?.source == .webrtc)
        // Asked twice, without a name: nothing changes.
        let anonymous = PublishRequest(stream: name("a"), source: .playout, credential: .agent)
        #expect(table.publish(anonymous, limit: 1, now: 30).0 == .attach)
        #expect(table.broadcasts[name("a")]?.clientID == "w1")
        // The media server's list may be older than the end.
        _ = table.end(name("a"), clientID: "w1", reason: .stopped, now: 40)
        #expect(table.adopt(name("a"), clientID: "s1", address: nil, startedAt: 10, now: 50).isEmpty)
        #expect(table.broadcasts.isEmpty)
    }

    @Test func adoptsWhatAnAgentBeforeLetIn() throws {
        var table = LiveTable()
        let effects = table.adopt(name("a"), clientID: "c1", address: nil, startedAt: 100, now: 5000)
        #expect(effects.count == 1)
        let broadcast = try #require(table.broadcasts[name("a")])
        #expect(broadcast.publisher == .unknown && broadcast.startedAt == 100 && broadcast.source == .rtmp)
        #expect(table.adopt(name("a"), clientID: "c1", address: nil, startedAt: 100, now: 5000).isEmpty)
    }

    @Test func knowsWhyTheyLeft() {
        var table = LiveTable()
        _ = table.publish(request("a"), limit: 3, now: 0)
        // SRS may ask twice.
        _ = table.publish(request("a"), limit: 3, now: 0)
        _ = table.end(name("a"), clientID: "c1", reason: .replaced, now: 1)
        _ = table.end(name("a"), clientID: "c2", reason: .stopped, now: 1)
        #expect(table.left(among: ["c1", "c2", "c3"]) == ["c1": .replaced, "c2": .stopped])
    }

    @Test func adoptsNobodyWhoHasLeft() {
        var table = LiveTable()
        _ = table.publish(request("a"), limit: 3, now: 0)
        _ = table.end(name("a"), clientID: "c1", reason: .stopped, now: 10)
        #expect(table.adopt(name("a"), clientID: "c1", address: nil, startedAt: 0, now: 20).isEmpty)
        // Nor in the place of the bridge.
        _ = table.publish(request("b", source: .webrtc, client: "w1"), limit: 3, now: 0)
        #expect(table.adopt(name("b"), clientID: "c9", address: nil, startedAt: 0, now: 20).isEmpty)
    }

    @Test func factsOfAnotherConnectionAreIgnored() {
        var table = LiveTable()
        _ = table.publish(request("a"), limit: 3, now: 0)
        _ = table.update(name("a"), clientID: "c1", facts: StreamFacts(width: 854, height: 480))
        _ = table.update(name("a"), clientID: "c2", facts: StreamFacts(width: 1, height: 1))
        #expect(table.broadcasts[name("a")]?.facts.width == 854)
        let delivered = DeliveredStream(renditions: ["src"], framesPerSecond: 25, bytesPerSecond: 1000)
        table.setDelivered([name("a"): delivered])
        #expect(table.broadcasts[name("a")]?.delivered == delivered)
        #expect(table.broadcasts[name("a")]?.framesPerSecond == 25)
        #expect(table.broadcasts[name("a")]?.bytesPerSecond == 1000)
        _ = table.update(name("a"), clientID: "c1", facts: StreamFacts(framesPerSecond: 30))
        #expect(table.broadcasts[name("a")]?.framesPerSecond == 30)
        table.setDelivered([:])
        #expect(table.broadcasts[name("a")]?.delivered == DeliveredStream())
    }

    @Test func forgetsTheOldest() {
        var map = RecentMap<Int, Int>(capacity: 3)
        for number in 0..<10 { map.insert(number * 2, for: number) }
        map.insert(99, for: 9)
        #expect((0..<7).allSatisfy { map[$0] == nil })
        #expect(map[7] == 14 && map[8] == 16 && map[9] == 99)
    }
}
