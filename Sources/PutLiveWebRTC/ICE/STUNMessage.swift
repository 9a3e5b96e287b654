import COpenSSL

/// A STUN message that was read (RFC 8489, section 5), as far as ICE needs it. It refers to the packet by offsets and so
/// costs next to nothing.
public struct STUNMessage: Sendable {
    static let headerLength = 20
    /// Longer than any check; RFC 8489, section 6.1, keeps messages below the path MTU.
    static let longest = 2048
    static let magicCookie: UInt32 = 0x2112_a442
    /// The only method of ICE.
    static let binding: UInt16 = 1

    /// What kind of message it is (RFC 8489, section 5).
    public enum Class: UInt16, Sendable {
        /// Wants an answer.
        case request = 0
        /// Wants none: a keepalive.
        case indication = 1
        /// An answer.
        case success = 2
        /// An answer, too.
        case failure = 3
    }

    /// Why a packet is no such message.
    public enum Fault: Error, Sendable {
        /// Too short, too long, no magic cookie, or bits set that no message has.
        case notSTUN
        /// An attribute goes beyond the end, or a length is odd.
        case malformed
        /// The CRC doesn't fit.
        case fingerprint
    }

    /// Request or answer.
    public let messageClass: Class
    let method: UInt16
    /// Repeated in the answer.
    let transactionID: [UInt8]
    private(set) var username: Range<Int>?
    /// Where the attribute begins, its header counted.
    private(set) var integrity: Int?
    private(set) var hasFingerprint = false
    /// The peer nominates this pair (RFC 8445, section 8.1.1).
    public private(set) var usesCandidate = false
    private(set) var isControlled = false
    /// What must be understood, and isn't; the first few of them.
    private(set) var unknown: [UInt16] = []

    /// Reads a packet, without trusting anything in it.
    public init(_ packet: UnsafeRawBufferPointer) throws(Fault) {
        guard (Self.headerLength...Self.longest).contains(packet.count), packet[0] & 0xc0 == 0,
            Self.number(packet, 4) << 16 | Self.number(packet, 6) == Int(Self.magicCookie)
        else { throw .notSTUN }
        let type = UInt16(Self.number(packet, 0))
        // The class is spread over two bits of the type: M11…M7 C1 M6…M4 C0 M3…M0.
        guard let messageClass = Class(rawValue: type >> 7 & 2 | type >> 4 & 1) else { throw .notSTUN }
        self.messageClass = messageClass
        method = type & 0xf | type >> 1 & 0x70 | type >> 2 & 0xf80
        transactionID = Array(packet[8..<20])
        guard Self.number(packet, 2) == packet.count - Self.headerLength, packet.count % 4 == 0 else {
            throw .malformed
        }
        try readAttributes(packet)
    }

    private mutating func readAttributes(_ packet: UnsafeRawBufferPointer) throws(Fault) {
        var offset = Self.headerLength
        while offset < packet.count {
            let type = UInt16(Self.number(packet, offset))
            let value = offset + 4
            let end = value + Self.number(packet, offset + 2)
            guard end <= packet.count, !hasFingerprint else { throw .malformed }
            // What follows MESSAGE-INTEGRITY isn't covered by it: all but FINGERPRINT is ignored (RFC 8489, section 14.5).
            if integrity == nil || type == STUNAttribute.fingerprint {
                try read(type, at: offset, value..<end, of: packet)
            }
            offset = (end + 3) & ~3
        }
    }

    private mutating func read(
        _ type: UInt16, at offset: Int, _ value: Range<Int>, of packet: UnsafeRawBufferPointer
    ) throws(Fault) {
        switch type {
        case STUNAttribute.username:
            // Of several the first counts (RFC 8489, section 14).
            if username == nil { username = value }
        case STUNAttribute.messageIntegrity:
            guard value.count == STUNIntegrity.length else { throw .malformed }
            integrity = offset
        case STUNAttribute.useCandidate:
            usesCandidate = true
        case STUNAttribute.iceControlled:
            isControlled = true
        case STUNAttribute.fingerprint:
            guard value.count == 4 else { throw .malformed }
            let told = Self.number(packet, value.lowerBound) << 16 | Self.number(packet, value.lowerBound + 2)
            let before = UnsafeRawBufferPointer(rebasing: packet[..<offset])
            guard STUNIntegrity.fingerprint(of: before) == told else { throw .fingerprint }
            hasFingerprint = true
        default:
            if STUNAttribute.isUnknown(type), unknown.count < 8 { unknown.append(type) }
        }
    }

    /// The part of the username that is ours: the username of a check is `<ours>:<theirs>` (RFC 8445, section 7.2.2).
    func usernameFragment(in packet: UnsafeRawBufferPointer) -> String? {
        guard let username, let colon = packet[username].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let fragment = packet[username.lowerBound..<colon]
        // RFC 8839, section 5.4.
        guard (4...256).contains(fragment.count) else { return nil }
        return String(decoding: fragment, as: UTF8.self)
    }

    /// Was it sent by one who knows the password? In a time that tells nothing of where the codes differ.
    func isAuthentic(key: String, in packet: UnsafeRawBufferPointer) -> Bool {
        guard let integrity else { return false }
        let code = STUNIntegrity.code(of: UnsafeRawBufferPointer(rebasing: packet[..<integrity]), key: key)
        guard code.count == STUNIntegrity.length else { return false }
        return CRYPTO_memcmp(code, packet.baseAddress?.advanced(by: integrity + 4), STUNIntegrity.length) == 0
    }

    /// Of two bytes, big-endian.
    private static func number(_ packet: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        Int(packet[offset]) << 8 | Int(packet[offset + 1])
    }
}
