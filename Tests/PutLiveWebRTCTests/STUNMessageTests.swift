import Testing

@testable import PutLiveWebRTC

/// Against the test vectors of RFC 5769, which RFC 8489 keeps.
@Suite struct STUNMessageTests {
    static let password = "VOkJxbRl1RmTxUk/WvJxBt"

    /// Section 2.1.
    static let request: [UInt8] =
        [0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87]
        + [0xdf, 0xae, 0x80, 0x22, 0x00, 0x10] + Array("STUN test client".utf8)
        + [0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26]
        + [0x3b, 0x36, 0x00, 0x06, 0x00, 0x09] + Array("evtj:h6vY   ".utf8)
        + [0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3]
        + [0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf]

    /// The XOR-MAPPED-ADDRESS of sections 2.2 and 2.3, of 192.0.2.1 and 2001:db8:1234:5678:11:2233:4455:6677.
    static let mapped: [(String, [UInt8])] = [
        ("192.0.2.1", [0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]),
        (
            "2001:db8:1234:5678:11:2233:4455:6677",
            [0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa]
                + [0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9]
        ),
        ("::ffff:192.0.2.1", [0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]),
    ]

    private func read(_ bytes: [UInt8]) throws -> STUNMessage { try bytes.withUnsafeBytes { try STUNMessage($0) } }

    @Test func theSampleRequestIsRead() throws {
        let message = try read(Self.request)
        #expect(message.messageClass == .request && message.method == STUNMessage.binding)
        #expect(message.transactionID == Array(Self.request[8..<20]))
        #expect(message.isControlled && !message.usesCandidate && message.hasFingerprint)
        #expect(message.unknown.isEmpty)
        Self.request.withUnsafeBytes { packet in
            #expect(message.usernameFragment(in: packet) == "evtj")
            #expect(message.isAuthentic(key: Self.password, in: packet))
            #expect(!message.isAuthentic(key: Self.password + "x", in: packet))
            #expect(!message.isAuthentic(key: "", in: packet))
        }
        let byServer = Self.request.withUnsafeBytes { ICELite.usernameFragment(of: $0) }
        #expect(byServer == "evtj")
    }

    @Test func everyFlippedBitIsNoticed() throws {
        for index in Self.request.indices {
            for bit in 0..<8 {
                var bytes = Self.request
                bytes[index] ^= 1 << UInt8(bit)
                guard let message = try? read(bytes) else { continue }
                // It is a message still when the FINGERPRINT has become something else; then the code tells, unless
                // nothing else has changed.
                let isAuthentic = bytes.withUnsafeBytes { message.isAuthentic(key: Self.password, in: $0) }
                #expect(!message.hasFingerprint, "byte \(index)")
                #expect(isAuthentic == (index >= Self.request.count - 8), "byte \(index)")
            }
        }
    }

    @Test func everyTruncationIsRefused() {
        for count in Self.request.indices {
            #expect(throws: STUNMessage.Fault.self) { try read(Array(Self.request[..<count])) }
        }
    }

    @Test func aLongerOneIsRefused() {
        #expect(throws: STUNMessage.Fault.malformed) { try read(Self.request + [0, 0, 0, 0]) }
        let huge = [UInt8](repeating: 0, count: STUNMessage.longest + 4)
        #expect(throws: STUNMessage.Fault.notSTUN) { try read(huge) }
    }

    @Test(arguments: mapped) func theAddressIsXORed(_ text: String, _ expected: [UInt8]) throws {
        let address = try #require(TransportAddress(ip: text, port: 32_853))
        var writer = STUNWriter(.success, transactionID: Array(Self.request[8..<20]))
        writer.appendXORMapped(address)
        #expect(Array(writer.bytes[20...]) == expected)
        #expect(writer.bytes[..<2] == [1, 1])
    }

    @Test func whatIsWrittenIsRead() throws {
        for messageClass in [STUNMessage.Class.request, .indication, .success, .failure] {
            var writer = STUNWriter(messageClass, transactionID: [UInt8](0..<12))
            writer.append(STUNAttribute.username, Array("abcd:efghi".utf8))
            writer.append(STUNAttribute.useCandidate, [])
            writer.appendIntegrity(key: "secret")
            writer.appendFingerprint()
            let message = try read(writer.bytes)
            #expect(message.messageClass == messageClass && message.method == STUNMessage.binding)
            #expect(message.usesCandidate && message.hasFingerprint && !message.isControlled)
            writer.bytes.withUnsafeBytes { packet in
                #expect(message.usernameFragment(in: packet) == "abcd")
                #expect(message.isAuthentic(key: "secret", in: packet))
            }
        }
    }

    @Test func whatFollowsTheCodeIsIgnored() throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.append(STUNAttribute.username, Array("abcd:efgh".utf8))
        writer.appendIntegrity(key: "secret")
        writer.append(STUNAttribute.useCandidate, [])
        writer.append(0x7fff, [1])
        let message = try read(writer.bytes)
        #expect(!message.usesCandidate && message.unknown.isEmpty)
    }

    @Test func nothingFollowsTheFingerprint() throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.appendFingerprint()
        writer.append(STUNAttribute.useCandidate, [])
        #expect(throws: STUNMessage.Fault.self) { try read(writer.bytes) }
    }

    @Test(arguments: [STUNAttribute.messageIntegrity, STUNAttribute.fingerprint])
    func checksumsHaveTheirLength(_ type: UInt16) throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.append(type, [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(throws: STUNMessage.Fault.malformed) { try read(writer.bytes) }
    }

    @Test func anAttributeEndsInside() throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.append(STUNAttribute.username, Array("abcd:efgh".utf8))
        var bytes = writer.bytes
        bytes[23] = 0xff
        #expect(throws: STUNMessage.Fault.malformed) { try read(bytes) }
    }

    @Test func someUnknownAttributesAreKept() throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        for number in 0..<20 as Range<UInt16> { writer.append(0x7000 + number, [0]) }
        // Those from 0x8000 on may be passed over.
        writer.append(0xc057, [0, 0, 0, 1])
        #expect(try read(writer.bytes).unknown == Array(0x7000..<0x7008))
    }

    @Test(arguments: ["abc:defg", ":", "abcd", "", String(repeating: "a", count: 257) + ":b"])
    func aNameNeedsAFragment(_ username: String) throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.append(STUNAttribute.username, Array(username.utf8))
        #expect(writer.bytes.withUnsafeBytes { ICELite.usernameFragment(of: $0) } == nil)
    }

    @Test func theFirstNameCounts() throws {
        var writer = STUNWriter(.request, transactionID: [UInt8](0..<12))
        writer.append(STUNAttribute.username, Array("first:b".utf8))
        writer.append(STUNAttribute.username, Array("second:b".utf8))
        #expect(writer.bytes.withUnsafeBytes { ICELite.usernameFragment(of: $0) } == "first")
    }

    @Test func noOtherPacketIsTaken() {
        #expect([UInt8](repeating: 0x80, count: 40).withUnsafeBytes { ICELite.usernameFragment(of: $0) } == nil)
        #expect([UInt8]().withUnsafeBytes { ICELite.usernameFragment(of: $0) } == nil)
        var noCookie = Self.request
        noCookie[4] = 0
        #expect(throws: STUNMessage.Fault.notSTUN) { try read(noCookie) }
    }
}
