import Testing

@testable import PutLiveWebRTC

@Suite struct TCPAdmissionTests {
    private let settings = SocketSettings(udpPort: 1, tcpPort: 1, mostConnections: 4, mostConnectionsOfOne: 2)

    private func address(_ ip: String, _ number: UInt32) throws -> TransportAddress {
        try #require(TransportAddress(ip: ip, port: UInt16(5000 + number), isTCP: true, connection: number))
    }

    /// What becomes of one who comes after `present`, numbered from 1; of those, `known` have sessions.
    private func decide(_ ip: String, after present: [String], known: Set<UInt32> = []) throws -> TCPAdmission {
        let all = try present.enumerated().map { try address($1, UInt32($0) + 1) }
        return TCPAdmission.decide(try address(ip, 100), among: all.reversed(), settings) {
            known.contains($0.connection)
        }
    }

    @Test func thereIsRoom() throws {
        #expect(try decide("192.0.2.1", after: []) == .admitted)
        #expect(try decide("192.0.2.1", after: ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == .admitted)
    }

    @Test func theOldestStrangerMakesRoom() throws {
        let four = (1...4).map { "192.0.2.\($0)" }
        #expect(try decide("192.0.2.9", after: four) == .inPlaceOf(address(four[0], 1)))
        #expect(try decide("192.0.2.9", after: four, known: [1, 2]) == .inPlaceOf(address(four[2], 3)))
        #expect(try decide("192.0.2.9", after: four, known: [1, 2, 3, 4]) == .refused)
    }

    /// Nobody makes room for those who are many themselves.
    @Test func ofOneClientItIsOneOfItsOwn() throws {
        let present = ["192.0.2.1", "192.0.2.7", "192.0.2.7"]
        #expect(try decide("192.0.2.7", after: present) == .inPlaceOf(address("192.0.2.7", 2)))
        #expect(try decide("192.0.2.7", after: present + ["192.0.2.2"]) == .inPlaceOf(address("192.0.2.7", 2)))
        #expect(try decide("192.0.2.7", after: present, known: [2]) == .inPlaceOf(address("192.0.2.7", 3)))
        #expect(try decide("192.0.2.7", after: present, known: [2, 3]) == .refused)
    }

    @Test func aClientHasAWholeNetworkOfIPv6() throws {
        let present = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"]
        #expect(try decide("2001:db8:0:1::3", after: present) == .inPlaceOf(address(present[0], 1)))
        #expect(try decide("2001:db8:0:2::3", after: present) == .admitted)
        #expect(try decide("192.0.2.1", after: present) == .admitted)
    }

    @Test func anAddressOfIPv4IsOneInAnyClothes() throws {
        let present = ["192.0.2.1", "::ffff:192.0.2.1"]
        #expect(try decide("::ffff:192.0.2.1", after: present) == .inPlaceOf(address(present[0], 1)))
        #expect(try decide("::ffff:192.0.2.2", after: present) == .admitted)
    }
}
