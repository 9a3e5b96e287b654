/// Finds secrets in texts: values that are known, and what looks like one by the word before it.
public struct SecretScrubber: Sendable {
    /// What stands in a secret's place.
    static let mask = "***"
    /// A shorter value may be an ordinary word.
    private static let shortestSecret = 8

    /// A word that a secret follows.
    private struct Word {
        let text: [UInt8]
        /// Whether `word: value` is one too, and not `word=value` alone.
        let takesColon: Bool

        init(_ text: String, takesColon: Bool) {
            self.text = Array(text.utf8)
            self.takesColon = takesColon
        }
    }

    private static let words = [
        Word("password", takesColon: true), Word("passwd", takesColon: true), Word("secret", takesColon: true),
        Word("key", takesColon: false), Word("token", takesColon: false),
    ]
    private static let bearer = Array("bearer".utf8)
    private static let tokenStart = Array("eyJ".utf8)
    /// A shorter text that starts like a JSON Web Token isn't one.
    private static let shortestToken = 20

    /// Longest first: one may be the start of another.
    private let secrets: [[UInt8]]
    /// By byte: whether a secret, or a word before one, may start with it.
    private let starts: [Bool]

    /// Finds `secrets`, as they are and as they stand in a URL; those shorter than 8 bytes not.
    public init(secrets: [String]) {
        let long = secrets.filter { $0.utf8.count >= Self.shortestSecret }
        self.secrets = Set(long + long.map(Self.percentEncoded)).map { Array($0.utf8) }.sorted { $0.count > $1.count }
        var starts = [Bool](repeating: false, count: 256)
        for first in self.secrets.compactMap(\.first) { starts[Int(first)] = true }
        for first in "bkpst".utf8 {
            starts[Int(first)] = true
            starts[Int(first - 0x20)] = true
        }
        starts[Int(UInt8(ascii: "e"))] = true
        self.starts = starts
    }

    /// The text with a mark in each secret's place.
    public func scrub(_ text: String) -> String {
        var text = text
        let scrubbed: [UInt8]? = text.withUTF8 { bytes in
            guard var secret = secret(in: bytes, from: 0, to: bytes.count) else { return nil }
            var result: [UInt8] = []
            var index = 0
            while true {
                result += bytes[index..<secret.lowerBound]
                result += Self.mask.utf8
                index = secret.upperBound
                guard let next = self.secret(in: bytes, from: index, to: bytes.count) else { break }
                secret = next
            }
            return result + bytes[index...]
        }
        return scrubbed.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Whether what is called so is a secret, whatever it looks like.
    static func isSecretName(_ name: String) -> Bool {
        switch name.utf8.count {
        // `jwt`, `token`, `cookie`, `secret`, `password`, `stream_key`, `new_password`, `authorization`, …
        case 3...32: break
        default: return false
        }
        let name = name.lowercased()
        return ["jwt", "token", "cookie", "authorization", "stream_key"].contains(name)
            || name.hasSuffix("password") || name.hasSuffix("secret")
    }

    // MARK: Finding

    /// The first secret that starts within `from` and `stop`; it may end after `stop`.
    func secret(in text: UnsafeBufferPointer<UInt8>, from: Int, to stop: Int) -> Range<Int>? {
        starts.withUnsafeBufferPointer { starts in
            var index = from
            while index < stop {
                if starts[Int(text[index])], let secret = secret(in: text, at: index) { return secret }
                index += 1
            }
            return nil
        }
    }

    private func secret(in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Range<Int>? {
        for secret in secrets where Self.matches(text, secret, at: index) { return index..<index + secret.count }
        switch text[index] | 0x20 {
        case UInt8(ascii: "e"): return Self.webToken(text, at: index)
        case UInt8(ascii: "b"): return Self.bearerToken(text, at: index)
        default:
            for word in Self.words where Self.matches(text, word.text, at: index, ignoringCase: true) {
                return Self.value(text, after: index + word.text.count, takesColon: word.takesColon)
            }
            return nil
        }
    }

    private static func matches(
        _ text: UnsafeBufferPointer<UInt8>, _ pattern: [UInt8], at index: Int, ignoringCase: Bool = false
    ) -> Bool {
        guard text.count - index >= pattern.count else { return false }
        let caseBit: UInt8 = ignoringCase ? 0x20 : 0
        for offset in pattern.indices where text[index + offset] | caseBit != pattern[offset] { return false }
        return true
    }

    /// `Bearer abc`
    private static func bearerToken(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Range<Int>? {
        guard matches(text, bearer, at: index, ignoringCase: true) else { return nil }
        var start = index + bearer.count
        while start < text.count, text[start] == UInt8(ascii: " ") { start += 1 }
        guard start > index + bearer.count else { return nil }
        let end = text[start...].firstIndex { !isTokenByte($0) } ?? text.count
        return start < end ? start..<end : nil
    }

    /// `eyJhbGciOi….….…`
    private static func webToken(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Range<Int>? {
        guard matches(text, tokenStart, at: index) else { return nil }
        let end = text[index...].firstIndex { !isTokenByte($0) } ?? text.count
        let isToken = end - index >= shortestToken && text[index..<end].contains(UInt8(ascii: "."))
        return isToken ? index..<end : nil
    }

    /// `=abc`, `: abc`, `": "a b"` after a word.
    private static func value(
        _ text: UnsafeBufferPointer<UInt8>, after index: Int, takesColon: Bool
    ) -> Range<Int>? {
        let separator = skipQuotes(text, from: index)
        guard separator < text.count,
            text[separator] == UInt8(ascii: "=") || takesColon && text[separator] == UInt8(ascii: ":")
        else { return nil }
        let start = skipQuotes(text, from: separator + 1)
        let isQuoted = start < text.count && isQuote(text[start - 1])
        let end =
            text[start...].firstIndex { byte in
                if isQuoted { return isQuote(byte) || byte == UInt8(ascii: "\\") }
                return byte <= 0x20 || isQuote(byte) || "&,;)}]<>\\".utf8.contains(byte)
            } ?? text.count
        return start < end ? start..<end : nil
    }

    /// The first byte that is neither a quotation mark nor a blank, a few bytes on.
    private static func skipQuotes(_ text: UnsafeBufferPointer<UInt8>, from index: Int) -> Int {
        text[index..<min(index + 4, text.count)].firstIndex {
            !isQuote($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: " ")
        } ?? min(index + 4, text.count)
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }

    /// Of a token as `Authorization` may hold one (RFC 6750, 2.1).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=".utf8.contains(byte)
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if isTokenByte(byte), !"+/=".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += (digits.count == 1 ? "%0" : "%") + digits
            }
        }
        return result
    }
}
