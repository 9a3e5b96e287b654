/// Random texts: ids, and passwords that nobody has to think of.
public enum RandomText {
    /// The system's generator, fit for secrets.
    @Sendable public static func system() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// `count` characters of `a-z2-7`, 5 bits each.
    public static func base32(_ count: Int, random: () -> UInt64 = system) -> String {
        var text = ""
        var bits: UInt64 = 0
        for index in 0..<count {
            // 12 characters of each number.
            if index % 12 == 0 { bits = random() }
            text.unicodeScalars.append(UnicodeScalar(Base32.alphabet[Int(bits & 31)]))
            bits >>= 5
        }
        return text
    }

    /// An id of 80 random bits, such as `usr_k3yq6ou7w2msd5tn`: never reused, and without a meaning.
    static func id(_ prefix: String, random: () -> UInt64) -> String { prefix + base32(16, random: random) }
}

/// RFC 4648, section 6, in lower case and without padding.
enum Base32 {
    static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var count = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(buffer >> UInt32(count)) & 31])
            }
        }
        if count > 0 { text.append(alphabet[Int(buffer << UInt32(5 - count)) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func isText(_ text: some Sequence<UInt8>) -> Bool { text.allSatisfy(alphabet.contains) }
}
