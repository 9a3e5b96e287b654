import Testing

@testable import PutLiveWebRTC

@Suite struct SRTPTests {
    /// Two ends with each other's keys.
    private func ends(_ profile: SRTPProfile = .aeadAES128GCM) throws -> (SRTPSender, SRTPReceiver) {
        let length = profile.keyLength + profile.saltLength
        let (one, other) = ([UInt8](0..<UInt8(length)), [UInt8](repeating: 9, count: length))
        let ours = try #require(SRTPKeys(profile: profile, local: one, remote: other))
        let theirs = try #require(SRTPKeys(profile: profile, local: other, remote: one))
        return (try SRTPSender(ours), try SRTPReceiver(theirs))
    }

    private func rtp(_ sequence: UInt16, source: UInt8 = 4, payload: Int = 100) -> [UInt8] {
        [0x80, 96, UInt8(sequence >> 8), UInt8(sequence & 0xff), 0, 0, 0, 1, 1, 2, 3, source]
            + [UInt8](repeating: 0xab, count: payload)
    }

    /// An empty receiver report.
    private let rtcp: [UInt8] = [0x80, 201, 0, 1, 1, 2, 3, 4]

    private func unprotectRTP(_ receiver: SRTPReceiver, _ packet: [UInt8]) -> Result<[UInt8], SRTPFailure> {
        var packet = packet
        return packet.withUnsafeMutableBytes { receiver.unprotectRTP($0) }.map { Array(packet[..<$0]) }
    }

    private func unprotectRTCP(_ receiver: SRTPReceiver, _ packet: [UInt8]) -> Result<[UInt8], SRTPFailure> {
        var packet = packet
        return packet.withUnsafeMutableBytes { receiver.unprotectRTCP($0) }.map { Array(packet[..<$0]) }
    }

    @Test(arguments: SRTPProfile.allCases) func mediaGoesThrough(_ profile: SRTPProfile) throws {
        let (sender, receiver) = try ends(profile)
        for sequence in [65_533, 65_534, 65_535, 0, 1, 2] as [UInt16] {
            let packet = rtp(sequence)
            let protected = try #require(sender.protectRTP(packet))
            #expect(protected.count == packet.count + (profile == .aeadAES128GCM ? 16 : 10))
            // The header stays readable, the payload doesn't.
            #expect(protected[..<12] == packet[..<12] && !protected.dropFirst(12).starts(with: [0xab, 0xab, 0xab]))
            #expect(unprotectRTP(receiver, protected) == .success(packet))
        }
    }

    @Test(arguments: SRTPProfile.allCases) func reportsGoThrough(_ profile: SRTPProfile) throws {
        let (sender, receiver) = try ends(profile)
        for _ in 0..<3 {
            let protected = try #require(sender.protectRTCP(rtcp))
            #expect(unprotectRTCP(receiver, protected) == .success(rtcp))
            #expect(unprotectRTCP(receiver, protected) == .failure(.replay))
        }
    }

    @Test(arguments: SRTPProfile.allCases) func changedPacketsAreNoticed(_ profile: SRTPProfile) throws {
        let (sender, receiver) = try ends(profile)
        let protected = try #require(sender.protectRTP(rtp(1)))
        for index in [1, 2, 7, 11, 12, 50, protected.count - 1] {
            var changed = protected
            changed[index] ^= 1
            #expect(unprotectRTP(receiver, changed) == .failure(.authentication), "byte \(index)")
        }
        // A failure has spoilt nothing.
        #expect(unprotectRTP(receiver, protected) == .success(rtp(1)))
        var report = try #require(sender.protectRTCP(rtcp))
        report[5] ^= 1
        #expect(unprotectRTCP(receiver, report) == .failure(.authentication))
    }

    @Test func aPacketIsTakenOnce() throws {
        let (sender, receiver) = try ends()
        let packets = try (1...2000).map { try #require(sender.protectRTP(rtp($0))) }
        #expect(unprotectRTP(receiver, packets[1100]) == .success(rtp(1101)))
        #expect(unprotectRTP(receiver, packets[1100]) == .failure(.replay))
        // Late, but within the window; and beyond it.
        #expect(unprotectRTP(receiver, packets[80]) == .success(rtp(81)))
        #expect(unprotectRTP(receiver, packets[80]) == .failure(.replay))
        #expect(unprotectRTP(receiver, packets[10]) == .failure(.replay))
    }

    @Test func whatIsNoPacketIsMalformed() throws {
        let (_, receiver) = try ends()
        for count in 0..<12 {
            let packet = [UInt8](repeating: 0x80, count: count)
            #expect(unprotectRTP(receiver, packet) == .failure(.malformed))
            #expect(unprotectRTCP(receiver, packet) == .failure(.malformed))
        }
        // A header that claims more than is there.
        var packet = rtp(1, payload: 0)
        packet[0] = 0x9f
        #expect(unprotectRTP(receiver, packet) == .failure(.malformed))
        packet[0] = 0x00
        #expect(unprotectRTP(receiver, packet) != .success(packet))
    }

    @Test func sourcesAreBounded() throws {
        let (sender, receiver) = try ends()
        for source in 0..<64 as Range<UInt8> {
            let protected = try #require(sender.protectRTP(rtp(1, source: source)))
            #expect(unprotectRTP(receiver, protected) == .success(rtp(1, source: source)))
        }
        let another = try #require(sender.protectRTP(rtp(1, source: 200)))
        #expect(unprotectRTP(receiver, another) == .failure(.malformed))
        let known = try #require(sender.protectRTP(rtp(2, source: 5)))
        #expect(unprotectRTP(receiver, known) == .success(rtp(2, source: 5)))
    }

    @Test func whatIsNoPacketIsNotSent() throws {
        let (sender, _) = try ends()
        #expect(sender.protectRTCP([]) == nil && sender.protectRTCP([UInt8](rtcp[..<7])) == nil)
        #expect(sender.protectRTP([UInt8](rtp(1)[..<11])) == nil)
        #expect(sender.protectRTP(rtp(1, payload: 70_000)) == nil)
        #expect(sender.protectRTP(rtp(1)) != nil)
        // Never the same index with the same key twice (RFC 3711, section 9.1).
        #expect(sender.protectRTP(rtp(1, payload: 5)) == nil)
    }

    @Test(arguments: SRTPProfile.allCases) func keysHaveTheirLength(_ profile: SRTPProfile) {
        let good = [UInt8](repeating: 1, count: profile.keyLength + profile.saltLength)
        #expect(SRTPKeys(profile: profile, local: good, remote: good) != nil)
        #expect(SRTPKeys(profile: profile, local: good + [1], remote: good) == nil)
        #expect(SRTPKeys(profile: profile, local: good, remote: []) == nil)
    }

    @Test func aHandshakeMakesKeysThatFit() throws {
        let pair = try DTLSPair()
        pair.carry()
        let sender = try SRTPSender(#require(pair.client.keys))
        let receiver = try SRTPReceiver(#require(pair.server.keys))
        let protected = try #require(sender.protectRTP(rtp(7)))
        #expect(unprotectRTP(receiver, protected) == .success(rtp(7)))
        // Each direction has its own.
        let own = try SRTPReceiver(#require(pair.client.keys))
        #expect(unprotectRTP(own, protected) == .failure(.authentication))
    }
}
