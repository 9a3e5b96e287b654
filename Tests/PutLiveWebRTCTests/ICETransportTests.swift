import Testing

@testable import PutLiveWebRTC

@Suite struct ICETransportAddressTests {
    @Test(arguments: ["192.0.2.1", "255.255.255.255", "2001:db8::1", "::", "fe80::ffff:1"])
    func textGoesThereAndBack(_ text: String) throws {
        let address = try #require(TransportAddress(ip: text, port: 443))
        #expect(address.ipText == text)
        #expect(address.isIPv6 == text.contains(":") && address.ipBytes.count == (address.isIPv6 ? 16 : 4))
        #expect(address.ipBytes.withUnsafeBytes { TransportAddress(ip: $0, port: 443) } == address)
    }

    @Test(arguments: ["", "localhost", "192.0.2", "192.0.2.1.5", "2001:db8:::1", "fe80::1%eth0", "1.2.3.4 "])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(TransportAddress(ip: text, port: 1) == nil)
    }

    @Test func longTextIsRefused() {
        #expect(TransportAddress(ip: String(repeating: "0", count: 100_000), port: 1) == nil)
    }

    @Test func allOfItTellsThemApart() throws {
        let one = try #require(TransportAddress(ip: "192.0.2.1", port: 1))
        let others = [
            TransportAddress(ip: "192.0.2.2", port: 1), TransportAddress(ip: "192.0.2.1", port: 2),
            TransportAddress(ip: "192.0.2.1", port: 1, isTCP: true),
            TransportAddress(ip: "192.0.2.1", port: 1, connection: 1), TransportAddress(ip: "::c000:201", port: 1),
        ]
        #expect(others.allSatisfy { $0 != nil && $0 != one })
        #expect(Set(others + [one]).count == 6)
    }

    @Test func manyAreSpread() {
        let hashes = (0..<10_000).map { index in
            let ip = [UInt8(10), UInt8(index >> 8), UInt8(index & 0xff), 1]
            return ip.withUnsafeBytes { TransportAddress(ip: $0, port: UInt16(index), connection: 1).hashValue }
        }
        #expect(Set(hashes).count == 10_000)
    }

    @Test func bytesOfNoAddressAreZeros() {
        #expect([1, 2, 3].withUnsafeBytes { TransportAddress(ip: $0, port: 1) }.ipText == "0.0.0.0")
    }

    @Test func itIsDescribed() {
        #expect("\(TransportAddress(ip: "192.0.2.1", port: 5000)!)" == "192.0.2.1:5000/udp")
        #expect("\(TransportAddress(ip: "2001:db8::1", port: 9, isTCP: true)!)" == "[2001:db8::1]:9/tcp")
    }

    @Test func aMappedAddressIsIPv4() {
        let mapped = TransportAddress(ip: "::ffff:192.0.2.1", port: 7, isTCP: true, connection: 4)!
        #expect(mapped.unmapped == TransportAddress(ip: "192.0.2.1", port: 7, isTCP: true, connection: 4))
        let other = TransportAddress(ip: "1::ffff:192.0.2.1", port: 7)!
        #expect(other.unmapped == other)
    }
}

@Suite struct ICEPacketKindTests {
    static let packets: [([UInt8], PacketKind)] = [
        ([0, 1], .stun), ([1, 1], .stun), ([3, 0], .stun), ([4, 0], .unknown), ([19, 0], .unknown),
        ([20, 0xfe], .dtls), ([22, 0xfe], .dtls), ([63, 0], .dtls), ([64, 0], .unknown), ([127, 0], .unknown),
        ([0x80, 96], .rtp), ([0x90, 96 | 0x80], .rtp), ([0xbf, 127], .rtp), ([0x80, 191], .rtp), ([0x80, 224], .rtp),
        ([0x80, 192], .rtcp), ([0x81, 200], .rtcp), ([0x8f, 206], .rtcp), ([0x80, 223], .rtcp), ([192, 200], .unknown),
        ([255, 0], .unknown), ([0x80], .unknown), ([], .unknown),
    ]

    @Test(arguments: packets)
    func theFirstBytesTell(_ bytes: [UInt8], _ kind: PacketKind) {
        #expect(bytes.withUnsafeBytes { PacketKind($0) } == kind)
    }
}

@Suite struct ICETCPFramingTests {
    private func append(_ framing: inout TCPFraming, _ bytes: some Collection<UInt8>) -> Bool {
        Array(bytes).withUnsafeBytes { framing.append($0) }
    }

    @Test(arguments: [1, 2, 3, 7, 1000, 5000]) func packetsComeOutOfAnyPieces(_ size: Int) {
        let packets = [1, 2, 500, 1400, 8192, 3].map { [UInt8](repeating: UInt8($0 & 0xff), count: $0) }
        let stream = packets.flatMap(TCPFraming.framed)
        var framing = TCPFraming()
        var got: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            #expect(append(&framing, stream[start..<min(start + size, stream.count)]))
            while let packet = framing.next() { got.append(packet) }
        }
        #expect(got == packets)
    }

    @Test func anEmptyPacketIsPassedOver() {
        var framing = TCPFraming()
        #expect(append(&framing, [0, 0, 0, 0, 0, 1, 9]))
        #expect(framing.next() == [9])
        #expect(framing.next() == nil)
    }

    @Test func aLongPacketIsRefused() {
        var framing = TCPFraming()
        #expect(!append(&framing, [0x20, 0x01]))
        #expect(framing.next() == nil && !framing.isPlausible)

        // Behind a good one, too.
        framing = TCPFraming()
        #expect(append(&framing, [0, 1, 9, 0xff, 0xff, 0]))
        #expect(framing.next() == [9])
        #expect(framing.next() == nil && !framing.isPlausible)
        #expect(!append(&framing, [0]))
    }

    @Test func whoDoesNotReadIsRefused() {
        var framing = TCPFraming()
        let packet = TCPFraming.framed([UInt8](repeating: 0, count: 8000))
        let taken = (0..<100).prefix { _ in append(&framing, packet) }.count
        #expect(taken == 128 * 1024 / 8002)
    }

    @Test func aBurstIsFollowedByMore() {
        var framing = TCPFraming()
        #expect(append(&framing, (0..<100).flatMap { _ in TCPFraming.framed([UInt8](repeating: 1, count: 1000)) }))
        var count = 0
        while framing.next() != nil { count += 1 }
        #expect(count == 100)
        #expect(append(&framing, [0, 2, 4, 5]))
        #expect(framing.next() == [4, 5])
    }

    @Test func framesHaveTheirLengthFirst() {
        #expect(TCPFraming.framed([7, 8, 9]) == [0, 3, 7, 8, 9])
        let long = TCPFraming.framed([UInt8](repeating: 1, count: 70_000))
        #expect(long.count == 65_537 && long[0] == 0xff && long[1] == 0xff)
    }
}

@Suite struct ICECandidateTests {
    @Test func theyAreAsTheRFCWritesThem() {
        #expect(
            ICECandidate.udp(address: "192.0.2.1", port: 8000, index: 0)
                == "1 1 udp 2130706431 192.0.2.1 8000 typ host")
        #expect(
            ICECandidate.passiveTCP(address: "2001:db8::1", port: 443, index: 0)
                == "2 1 tcp 1520435199 2001:db8::1 443 typ host tcptype passive")
    }

    private func parts(_ text: String) -> (foundation: String, priority: Int) {
        let words = text.split(separator: " ")
        return (String(words[0]), Int(words[3]) ?? -1)
    }

    @Test func noTwoAreAlikeAndUDPComesFirst() {
        let udp = (0..<16).map { parts(ICECandidate.udp(address: "192.0.2.1", port: 1, index: $0)) }
        let tcp = (0..<16).map { parts(ICECandidate.passiveTCP(address: "192.0.2.1", port: 1, index: $0)) }
        let all = udp + tcp
        #expect(Set(all.map(\.foundation)).count == 32)
        // Each before the next, and within 31 bits (RFC 8445, section 5.1.2).
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.priority > $1.priority })
        #expect(all.allSatisfy { (1...Int(Int32.max)).contains($0.priority) })
    }

    @Test func aWildIndexIsHarmless() {
        for index in [-5, 70_000] {
            #expect(parts(ICECandidate.udp(address: "192.0.2.1", port: 1, index: index)).priority > 0)
            #expect(parts(ICECandidate.passiveTCP(address: "192.0.2.1", port: 1, index: index)).priority > 0)
        }
    }
}
