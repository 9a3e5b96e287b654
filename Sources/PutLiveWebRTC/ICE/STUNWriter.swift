/// Builds a STUN message (RFC 8489, section 5).
struct STUNWriter {
    private(set) var bytes: [UInt8]

    init(_ messageClass: STUNMessage.Class, transactionID: [UInt8]) {
        // The method is Binding.
        let type = STUNMessage.binding | (messageClass.rawValue & 2) << 7 | (messageClass.rawValue & 1) << 4
        bytes = []
        bytes.reserveCapacity(128)
        append(type)
        append(0)
        append(UInt16(STUNMessage.magicCookie >> 16))
        append(UInt16(STUNMessage.magicCookie & 0xffff))
        bytes += transactionID
    }

    /// The answer to a check that is in order, with where it came from (RFC 8445, section 7.3.1.2).
    static func success(to check: STUNMessage, from source: TransportAddress, key: String) -> [UInt8] {
        var answer = STUNWriter(.success, transactionID: check.transactionID)
        answer.appendXORMapped(source)
        answer.appendIntegrity(key: key)
        answer.appendFingerprint()
        return answer.bytes
    }

    mutating func append(_ type: UInt16, _ value: [UInt8]) {
        append(type)
        append(UInt16(truncatingIfNeeded: value.count))
        bytes += value
        // The padding isn't counted in the attribute's length.
        while bytes.count % 4 != 0 { bytes.append(0) }
        setLength(bytes.count)
    }

    /// Where we saw the peer, XORed so that no gateway rewrites it (RFC 8489, section 14.2).
    mutating func appendXORMapped(_ address: TransportAddress) {
        let address = address.unmapped
        let port = address.port ^ UInt16(STUNMessage.magicCookie >> 16)
        let value: [UInt8] = [0, address.isIPv6 ? 2 : 1, UInt8(port >> 8), UInt8(port & 0xff)]
        // The cookie and the transaction ID, as they stand in the header.
        append(STUNAttribute.xorMappedAddress, value + zip(address.ipBytes, bytes[4..<20]).map { $0 ^ $1 })
    }

    /// RFC 8489, section 14.8.
    mutating func appendError(_ code: Int, _ reason: String) {
        append(STUNAttribute.errorCode, [0, 0, UInt8(code / 100), UInt8(code % 100)] + Array(reason.utf8))
    }

    mutating func appendIntegrity(key: String) {
        append(STUNAttribute.messageIntegrity, bytes.withUnsafeBytes { STUNIntegrity.code(of: $0, key: key) })
    }

    /// The last attribute.
    mutating func appendFingerprint() {
        setLength(bytes.count + 8)
        let value = bytes.withUnsafeBytes { STUNIntegrity.fingerprint(of: $0) }
        append(STUNAttribute.fingerprint, (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) })
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(number & 0xff))
    }

    private mutating func setLength(_ count: Int) {
        let length = UInt16(truncatingIfNeeded: count - STUNMessage.headerLength)
        bytes[2] = UInt8(length >> 8)
        bytes[3] = UInt8(length & 0xff)
    }
}
