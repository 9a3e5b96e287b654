/// The short-term credentials of one side, for one ICE generation (RFC 8445, section 5.3).
public struct ICECredentials: Sendable, Equatable {
    /// The value of `a=ice-ufrag`.
    public var usernameFragment: String
    /// The value of `a=ice-pwd`.
    public var password: String

    /// Both.
    public init(usernameFragment: String, password: String) {
        self.usernameFragment = usernameFragment
        self.password = password
    }

    /// New ones, that nobody can guess: 48 and 144 bits, where RFC 8445 wants 24 and 128 at least.
    public static func random() -> ICECredentials {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// New ones.
    static func random(using generator: inout some RandomNumberGenerator) -> ICECredentials {
        ICECredentials(
            usernameFragment: text(of: 8, using: &generator), password: text(of: 24, using: &generator))
    }

    /// So many characters, of 6 bits each.
    static func text(of count: Int, using generator: inout some RandomNumberGenerator) -> String {
        text(of: (0..<count).map { _ in UInt8.random(in: 0..<64, using: &generator) })
    }

    /// A character for each byte, of its lower 6 bits.
    static func text(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { characters[Int($0 & 63)] }, as: UTF8.self)
    }

    /// The `ice-char` of RFC 8839, section 5.4.
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}

extension ICECredentials: CustomStringConvertible {
    /// Without the password, which has no place in a log.
    public var description: String { "ICECredentials(\(usernameFragment))" }
}
