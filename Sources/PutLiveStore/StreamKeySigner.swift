import Crypto

/// Makes and checks the signed text of stream keys: `<id>-<mac>`, of `a-z`, `2-7` and a dash, so that it needs no
/// escaping in an RTMP stream name or a URL. The mac is HMAC-SHA256, cut to 20 bytes, over the key's id, its user and
/// its stream: a text is good for that one publisher and name, and nobody without the secret can make one up.
public struct StreamKeySigner: Sendable {
    private let key: SymmetricKey

    /// Signs with a key of 32 bytes.
    public init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// Signs with a key derived from the secret of login tokens (HKDF-SHA256, RFC 5869), so that neither tells anything
    /// of the other. Another secret makes every stream key void.
    public init(secret: String) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)), info: Array(Self.purpose.utf8),
            outputByteCount: 32)
    }

    /// The text that is sent after `?key=`.
    public func sign(_ key: StreamKey) -> String {
        String(key.id.dropFirst(Self.prefix.count)) + "-" + Base32.encode(mac(key).prefix(Self.macBytes))
    }

    /// The parts of a text that is well formed; whether it is good, `verify` says.
    public struct Signed: Sendable, Equatable {
        /// Of the key in the store.
        public let id: String
        let mac: String

        /// Reads what a publisher sent; nil unless it is well formed.
        public init?(_ text: String) {
            let bytes = text.utf8
            guard bytes.count == 16 + 1 + 32, let dash = bytes.firstIndex(of: UInt8(ascii: "-")),
                bytes.distance(from: bytes.startIndex, to: dash) == 16,
                Base32.isText(bytes[..<dash]), Base32.isText(bytes[bytes.index(after: dash)...])
            else { return nil }
            id = StreamKeySigner.prefix + text[..<dash]
            mac = String(text[bytes.index(after: dash)...])
        }
    }

    /// Whether the text was signed for just this key. Takes the same time wherever the texts differ.
    public func verify(_ signed: Signed, _ key: StreamKey) -> Bool {
        let expected = Base32.encode(mac(key).prefix(Self.macBytes))
        return signed.id == key.id
            && SymmetricKey(data: Array(signed.mac.utf8)) == SymmetricKey(data: Array(expected.utf8))
    }

    private static let purpose = "putlive stream key v1"
    private static let prefix = "key_"
    private static let macBytes = 20

    private func mac(_ key: StreamKey) -> [UInt8] {
        var message: [UInt8] = []
        // Each with its length, so that no two keys give the same message.
        for field in [Self.purpose, key.id, key.userID, key.stream] {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: field.utf8.count).bigEndian) { message += $0 }
            message += field.utf8
        }
        return Array(HMAC<SHA256>.authenticationCode(for: message, using: self.key))
    }
}
