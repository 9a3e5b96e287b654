import Testing

@testable import PutLiveWebRTC

@Suite struct ReachabilityProbeTests {
    private let probe = ReachabilityProbe(secret: [UInt8](1...32))
    private let begin = MonotonicTime(microseconds: 7_900_000)
    // swift-format-ignore: NeverForceUnwrap
    private let source = TransportAddress(ip: "198.51.100.7", port: 6000, connection: 1)!

    private func credentials(at now: MonotonicTime? = nil) throws -> ICECredentials {
        var generator = SystemRandomNumberGenerator()
        return try #require(probe.credentials(at: now ?? begin, using: &generator))
    }

    private func check(
        _ credentials: ICECredentials, _ messageClass: STUNMessage.Class = .request, peer: String = "them",
        isWhole: Bool = true, with extra: (inout STUNWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = STUNWriter(messageClass, transactionID: [UInt8](1...12))
        writer.append(STUNAttribute.username, Array("\(credentials.usernameFragment):\(peer)".utf8))
        extra(&writer)
        writer.appendIntegrity(key: credentials.password)
        if isWhole { writer.appendFingerprint() }
        return writer.bytes
    }

    private func answer(
        _ packet: [UInt8], from other: TransportAddress? = nil, after milliseconds: Int = 0
    ) -> [UInt8]? {
        packet.withUnsafeBytes { packet in
            ICELite.usernameFragment(of: packet).flatMap {
                probe.answer(
                    packet, named: $0, from: other ?? source, at: begin.adding(milliseconds: milliseconds))
            }
        }
    }

    @Test func itsCheckIsAnswered() throws {
        let credentials = try credentials()
        let whole = check(credentials) {
            $0.append(STUNAttribute.priority, [0x6e, 0, 1, 0xff])
            $0.append(STUNAttribute.iceControlling, [1, 2, 3, 4, 5, 6, 7, 8])
            $0.append(STUNAttribute.useCandidate, [])
        }
        let bytes = try #require(answer(whole))
        var expected = STUNWriter(.success, transactionID: [UInt8](1...12))
        expected.appendXORMapped(source)
        expected.appendIntegrity(key: credentials.password)
        expected.appendFingerprint()
        #expect(bytes == expected.bytes)
    }

    /// RFC 8839, section 5.4; RFC 8445, section 5.3.
    @Test func itsCredentialsAreThoseOfICE() throws {
        let characters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let (one, other) = (try credentials(), try credentials())
        #expect(one.usernameFragment.count == 21 && one.password.count == 24)
        #expect((one.usernameFragment + one.password).allSatisfy(characters.contains))
        #expect(one.usernameFragment != other.usernameFragment && one.password != other.password)
        // A session's is never as long.
        #expect(ICECredentials.random().usernameFragment.count < one.usernameFragment.count)
    }

    @Test func itCountsForHalfAMinute() throws {
        let packet = check(try credentials())
        #expect(answer(packet, after: 29_000) != nil)
        #expect(answer(packet, after: 30_000) == nil)
        #expect(answer(packet, after: 4_000_000) == nil)
    }

    @Test func whatIsMadeUpIsDropped() throws {
        let real = try credentials()
        var later = real
        later.usernameFragment = "probe" + "ffffffff" + real.usernameFragment.suffix(8)
        var wrong = real
        wrong.password = String(real.password.reversed())
        let strange = ["probe", "probe0000", "probe+0000fff12345678", "probe00éff12345678", "evtj", "probeXYZ"]
        let forged = [later, wrong] + strange.map { ICECredentials(usernameFragment: $0, password: real.password) }
        for credentials in forged { #expect(answer(check(credentials)) == nil, "\(credentials)") }
        // Of a process that has ended.
        var generator = SystemRandomNumberGenerator()
        let before = ReachabilityProbe(secret: [UInt8](2...33)).credentials(at: begin, using: &generator)
        #expect(answer(check(try #require(before))) == nil)
    }

    @Test func onlyWholeRequestsOverUDPAreAnswered() throws {
        let credentials = try credentials()
        let isTCP = try #require(TransportAddress(ip: "198.51.100.7", port: 6000, isTCP: true, connection: 1))
        #expect(answer(check(credentials), from: isTCP) == nil)
        for other: STUNMessage.Class in [.indication, .success, .failure] {
            #expect(answer(check(credentials, other)) == nil)
        }
        #expect(answer(check(credentials, isWhole: false)) == nil)
        #expect(answer(check(credentials) { $0.append(STUNAttribute.iceControlled, [UInt8](1...8)) }) == nil)
        #expect(answer(check(credentials) { $0.append(0x7000, [1, 2, 3, 4]) }) == nil)
        for index in 0..<check(credentials).count {
            var damaged = check(credentials)
            damaged[index] ^= 1
            #expect(answer(damaged) == nil, "byte \(index)")
        }
    }

    /// Checks may bear a forged address, so nobody is to get more than was sent.
    @Test func anAnswerIsShorterThanItsCheck() throws {
        let packet = check(try credentials(), peer: "")
        let wide = try #require(TransportAddress(ip: "2001:db8::1", port: 6000, connection: 1))
        let bytes = try #require(answer(packet, from: wide))
        #expect(bytes.count < packet.count)
    }
}
