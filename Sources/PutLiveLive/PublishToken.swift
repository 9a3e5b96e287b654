/// What a publisher shows: the query of its URL, `key=<signed key>` from people, `secret=<…>` from this very process.
public struct PublishToken: Sendable, Equatable {
    /// The signed stream key.
    public var key: String?
    /// The secret of this process.
    public var secret: String?

    /// Of its parts.
    public init(key: String? = nil, secret: String? = nil) {
        self.key = key
        self.secret = secret
    }

    /// The longest query that is looked at, in bytes.
    public static let limit = 2048
    /// The longest value of `key` or `secret`, in bytes after decoding.
    public static let valueLimit = 512

    /// Reads `?key=…&secret=…`, with or without the question mark. Nil for what is too long, is badly encoded, or names
    /// one of the two twice: a reader that takes the other one might be fooled. Other names are ignored.
    public init?(query: some StringProtocol) {
        guard query.utf8.count <= Self.limit else { return nil }
        for field in query.drop(while: { $0 == "?" || $0 == "&" }).split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch parts[0] {
            case "key":
                guard key == nil, let value = Self.decoded(parts.dropFirst().first) else { return nil }
                key = value
            case "secret":
                guard secret == nil, let value = Self.decoded(parts.dropFirst().first) else { return nil }
                secret = value
            default:
                continue
            }
        }
    }

    /// Reads what a broadcaster is given to copy: `<name>` or `<name>?key=<signed>`.
    public static func parse(streamKey text: some StringProtocol) -> (stream: StreamName, token: PublishToken)? {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count <= limit + 65, let stream = StreamName(parts[0]) else { return nil }
        guard parts.count == 2 else { return (stream, PublishToken()) }
        guard let token = PublishToken(query: parts[1]) else { return nil }
        return (stream, token)
    }

    /// RFC 3986, section 2.1. What is decoded must be printable ASCII: keys are nothing else. A plus stays a plus.
    private static func decoded(_ text: (some StringProtocol)?) -> String? {
        guard let text else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            var value = byte
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
                else { return nil }
                value = high << 4 | low
            }
            guard (0x21...0x7e).contains(value), bytes.count < valueLimit else { return nil }
            bytes.append(value)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
