import COpenSSL

/// The two checksums of a STUN message.
enum STUNIntegrity {
    /// Bytes of an HMAC-SHA1.
    static let length = 20

    /// MESSAGE-INTEGRITY (RFC 8489, section 14.5): over all that is before it, with a length in the header that ends with it.
    ///
    /// - Parameter message: From its header on, up to where the attribute begins; 20 bytes at least.
    static func code(of message: UnsafeRawBufferPointer, key: String) -> [UInt8] {
        var text = Array(message)
        let length = UInt16(truncatingIfNeeded: message.count - STUNMessage.headerLength + 4 + Self.length)
        text[2] = UInt8(length >> 8)
        text[3] = UInt8(length & 0xff)
        let key = Array(key.utf8)
        var code = [UInt8](repeating: 0, count: Self.length)
        var count = UInt32(0)
        // An absent result is an HMAC that no message has: what is checked against it fails.
        guard HMAC(EVP_sha1(), key, Int32(key.count), text, text.count, &code, &count) != nil, count == Self.length
        else { return [] }
        return code
    }

    /// FINGERPRINT (RFC 8489, section 14.7): a CRC-32 that tells STUN from other packets.
    ///
    /// - Parameter message: From its header on, up to where the attribute begins; its length counts the attribute.
    static func fingerprint(of message: UnsafeRawBufferPointer) -> UInt32 {
        ~message.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ ($0 >> 8) } ^ 0x5354_554e
    }

    /// Of the polynomial of ITU V.42.
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }
}
