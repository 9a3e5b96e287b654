/// The attributes that connectivity checks use, by their type (RFC 8489, section 18.3; RFC 8445, section 16.1).
enum STUNAttribute {
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000a
    /// ICE uses HMAC-SHA1 alone, but who sends both must be understood.
    static let messageIntegritySHA256: UInt16 = 0x001c
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802a

    /// One that must be understood, and isn't (RFC 8489, section 14).
    static func isUnknown(_ type: UInt16) -> Bool {
        switch type {
        case 0x8000...: false
        case username, messageIntegrity, errorCode, unknownAttributes, messageIntegritySHA256, xorMappedAddress,
            priority, useCandidate:
            false
        default: true
        }
    }
}
