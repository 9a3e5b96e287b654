import Testing

@testable import PutLiveWebRTC

/// Sessions from offer to end, without a socket: a browser in memory talks to the hub.
@Suite struct SessionHubTests {
    private func hub(mostSessions: Int = 8) throws -> PeerHub {
        try PeerHub(
            settings: PeerSettings(
                maxBitrate: 2_500_000, startBitrate: 2_000_000, keyframeInterval: 2_000_000,
                mostSessions: mostSessions),
            certificate: DTLSPair.certificate)
    }

    @Test func picturesComeThrough() throws {
        let peer = try SessionTestPeer(hub())
        #expect(peer.answer.sdp.contains("a=ice-lite") && peer.answer.sdp.contains("192.0.2.1 8000 typ host"))
        try peer.connect()
        #expect(peer.diary.told == [.connected(address: "198.51.100.7", isTCP: false)])
        for packet in peer.picture(isKeyframe: true) + peer.picture(isKeyframe: false) { peer.give(packet) }
        let frames = peer.diary.frames.withLock { $0 }
        #expect(frames.map(\.isKeyframe) == [true, false])
        #expect(frames[1].data == [0, 0, 0, 4, 0x41, 0x9a, 3, 4])
        #expect(peer.diary.told.last == .firstMedia)
        let statistics = try #require(peer.hub.statistics["one"])
        #expect(statistics.isConnected && !statistics.usesTCP && statistics.media.video.frames == 2)
        #expect(statistics.unauthentic == 0 && statistics.replayed == 0)
    }

    @Test func feedbackIsEncrypted() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        for packet in peer.picture(isKeyframe: true) { peer.give(packet) }
        peer.wait(milliseconds: 1500)
        let reports = peer.received.filter { $0.kind == .rtcp }
        #expect(!reports.isEmpty && reports.allSatisfy { $0.bytes.count >= 8 && $0.bytes[1] == 201 })
    }

    @Test func aKeyframeIsAskedFor() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        for packet in peer.picture(isKeyframe: true) { peer.give(packet) }
        let before = peer.hub.statistics["one"]?.media.plisSent ?? 0
        peer.wait(milliseconds: 1000)
        peer.hub.requestKeyframe(id: "one", at: peer.now)
        #expect((peer.hub.statistics["one"]?.media.plisSent ?? 0) > before)
    }

    @Test func whatIsReplayedOrForgedIsCountedAndDropped() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        let packets = peer.picture(isKeyframe: true)
        for packet in packets + packets { peer.give(packet) }
        var forged = peer.picture(isKeyframe: false)[0]
        forged[14] ^= 1
        peer.give(forged)
        let statistics = try #require(peer.hub.statistics["one"])
        #expect(statistics.replayed == 3 && statistics.unauthentic == 1 && statistics.media.video.frames == 1)
    }

    @Test func onlyWhoProvedItselfIsHeard() throws {
        let peer = try SessionTestPeer(hub())
        // A handshake from somewhere that has sent no check, and a check with a wrong password.
        try peer.handshake()
        peer.check(password: "a-password-that-is-wrong")
        try peer.handshake()
        #expect(peer.diary.told.isEmpty && peer.hub.statistics["one"]?.isConnected == false)
        let media = [128, 96] + [UInt8](repeating: 7, count: 40)
        for junk: [UInt8] in [[], [0], [0, 1, 2], media, [22, 254, 253], [255]] { peer.give(junk) }
        try peer.connect()
        let stranger = try #require(TransportAddress(ip: "203.0.113.9", port: 1, connection: 1))
        for packet in peer.picture(isKeyframe: true) { peer.give(packet, from: stranger) }
        #expect(peer.diary.frames.withLock { $0.isEmpty })
    }

    @Test func anotherCertificateIsRefused() throws {
        let peer = try SessionTestPeer(hub(), claimed: DTLSPair.certificate.fingerprint)
        try peer.connect()
        #expect(peer.diary.told == [.ended(.handshakeFailed(.fingerprint))])
        #expect(peer.hub.isEmpty)
    }

    @Test func whoVanishesIsGoneWithin15Seconds() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        peer.wait(milliseconds: 8000)
        #expect(!peer.hub.isEmpty)
        peer.wait(milliseconds: 6000)
        #expect(peer.diary.told.last == .ended(.consentLost) && peer.hub.isEmpty)
    }

    @Test func whoNeverComesIsGoneWithin15Seconds() throws {
        let peer = try SessionTestPeer(hub())
        peer.wait(milliseconds: 15_010)
        #expect(peer.diary.told == [.ended(.neverConnected)] && peer.hub.isEmpty)
    }

    @Test func eitherSideEndsIt() throws {
        let first = try SessionTestPeer(hub())
        try first.connect()
        first.closeHandshake()
        #expect(first.diary.told.last == .ended(.closedByPeer) && first.hub.isEmpty)
        let second = try SessionTestPeer(hub())
        try second.connect()
        second.hub.close(id: "one")
        second.wait(milliseconds: 10)
        #expect(second.diary.told.last == .ended(.closed) && second.hub.isEmpty && second.isHandshakeClosed)
        // Nobody is there any more: nothing happens.
        second.hub.close(id: "one")
        second.hub.requestKeyframe(id: "one", at: second.now)
        #expect(second.diary.told.count { $0 == .ended(.closed) } == 1)
    }

    @Test func theNetworkChanges() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        for packet in peer.picture(isKeyframe: true) { peer.give(packet) }
        let fragment = SDPFragment(
            ufrag: "newer", password: "a-new-password-of-theirs", mids: ["0"], candidates: [])
        let answered = try peer.hub.restart(
            id: "one", fragment: fragment, candidates: ["1 1 udp 1 192.0.2.1 8000 typ host"])
        #expect(answered.entityTag == peer.hub.entityTag(of: "one") && answered.entityTag != peer.answer.entityTag)
        // Over the old path it goes on, until the new one is there.
        for packet in peer.picture(isKeyframe: false) { peer.give(packet) }
        peer.use(ICECredentials(usernameFragment: answered.fragment.ufrag, password: answered.fragment.password))
        peer.address = try #require(TransportAddress(ip: "203.0.113.80", port: 4000, connection: 1))
        peer.check()
        for packet in peer.picture(isKeyframe: false) { peer.give(packet) }
        peer.wait(milliseconds: 1200)
        #expect(peer.diary.frames.withLock { $0.count } == 3)
        #expect(peer.received.contains { $0.kind == .rtcp })
        #expect(!peer.diary.told.contains { if case .ended = $0 { true } else { false } })
    }

    @Test func anOfferRestartsToo() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        let offer = SessionTestPeer.offer(ufrag: "again", fingerprint: SessionTestPeer.certificate.fingerprint)
        let answer = try peer.hub.restart(id: "one", offer: offer, candidates: [])
        #expect(answer.entityTag != peer.answer.entityTag)
        let other = SessionTestPeer.offer(ufrag: "more", fingerprint: DTLSPair.certificate.fingerprint)
        #expect(throws: PeerRefusal.self) { try peer.hub.restart(id: "one", offer: other, candidates: []) }
        #expect(throws: PeerRefusal.unknownSession) { try peer.hub.restart(id: "two", offer: offer, candidates: []) }
        #expect(throws: PeerRefusal.unknownSession) {
            try peer.hub.restart(
                id: "two", fragment: SDPFragment(ufrag: "abcd", password: "x", mids: [], candidates: []),
                candidates: [])
        }
    }

    @Test func aNewCertificateIsForNewSessions() throws {
        let hub = try hub()
        let old = try SessionTestPeer(hub)
        try hub.use(DTLSPair.otherCertificate)
        let new = try hub.accept(
            id: "two",
            offer: SessionTestPeer.offer(ufrag: "more", fingerprint: SessionTestPeer.certificate.fingerprint),
            candidates: [], handlers: SessionDiary().handlers, now: old.now)
        #expect(new.sdp.contains(DTLSPair.otherCertificate.fingerprint))
        let offer = SessionTestPeer.offer(ufrag: "again", fingerprint: SessionTestPeer.certificate.fingerprint)
        #expect(
            try hub.restart(id: "one", offer: offer, candidates: []).sdp.contains(DTLSPair.certificate.fingerprint))
        // Its handshake is with the certificate that its answer named.
        try old.connect()
        #expect(old.diary.told == [.connected(address: "198.51.100.7", isTCP: false)])
    }

    @Test func sessionsAreBounded() throws {
        let hub = try hub(mostSessions: 1)
        let peer = try SessionTestPeer(hub)
        #expect(throws: PeerRefusal.full) { try SessionTestPeer(hub, id: "two") }
        hub.closeAll()
        #expect(hub.isEmpty && peer.diary.told == [.ended(.closed)])
    }

    @Test func ofManyAddressesTheNewOnesCount() throws {
        let peer = try SessionTestPeer(hub())
        try peer.connect()
        for port in 1...40 {
            peer.address = try #require(TransportAddress(ip: "203.0.113.9", port: UInt16(port), connection: 1))
            peer.check()
            for packet in peer.picture(isKeyframe: true) { peer.give(packet) }
        }
        #expect(peer.diary.frames.withLock { $0.count } == 40)
    }

    @Test func aProbeIsAnsweredAndLeavesNothing() throws {
        let peer = try SessionTestPeer(hub())
        for _ in 0..<3 { peer.give(SessionTestPeer.check(try peer.hub.probe(at: peer.now))) }
        #expect(peer.received.map(\.bytes[0]) == [1, 1, 1])
        // Whoever asked is as much a stranger as before.
        #expect(!peer.hub.knows(peer.address))
        peer.give([22, 254, 253] + [UInt8](repeating: 0, count: 60))
        #expect(peer.diary.told.isEmpty && peer.received.count == 3)
        // And the session is found by its own name alone.
        try peer.connect()
        #expect(peer.diary.told == [.connected(address: "198.51.100.7", isTCP: false)])
    }

    @Test func aBadOfferIsRefusedInWords() throws {
        let hub = try hub()
        #expect(throws: PeerRefusal.self) {
            try hub.accept(
                id: "x", offer: "hello", candidates: [], handlers: SessionDiary().handlers,
                now: MonotonicTime(microseconds: 0))
        }
        #expect(hub.isEmpty)
    }

    @Test func aTCPConnectionThatClosesIsNoPathAnyMore() throws {
        let peer = try SessionTestPeer(hub())
        peer.address = try #require(TransportAddress(ip: "198.51.100.7", port: 6001, isTCP: true, connection: 9))
        try peer.connect()
        #expect(peer.hub.statistics["one"]?.usesTCP == true)
        peer.hub.forget(peer.address)
        #expect(peer.hub.statistics["one"]?.usesTCP == false)
        // A new connection takes its place.
        peer.address = try #require(TransportAddress(ip: "198.51.100.7", port: 6002, isTCP: true, connection: 10))
        peer.check()
        #expect(peer.hub.statistics["one"]?.usesTCP == true)
    }
}
