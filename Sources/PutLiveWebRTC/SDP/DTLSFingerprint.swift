/// The hash of a certificate, from `a=fingerprint` (RFC 8122 section 5).
public struct DTLSFingerprint: Sendable, Hashable {
    /// `sha-256`, `sha-384` or `sha-512`, in lower case.
    public let algorithm: String
    /// Pairs of upper-case hexadecimal digits with colons between them.
    public let value: String

    /// Of an attribute's value. Nil for an algorithm that isn't safe or isn't known, and for what isn't such a hash.
    public init?(_ text: String) {
        let words = SDPText.words(text)
        guard words.count == 2, let length = Self.lengths[words[0].lowercased()] else { return nil }
        let pairs = words[1].split(separator: ":", omittingEmptySubsequences: false)
        guard pairs.count == length, pairs.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }),
            words[1].utf8.allSatisfy({ $0 < 0x80 })
        else { return nil }
        algorithm = words[0].lowercased()
        value = words[1].uppercased()
    }

    /// Bytes of a hash.
    private static let lengths = ["sha-256": 32, "sha-384": 48, "sha-512": 64]
}
