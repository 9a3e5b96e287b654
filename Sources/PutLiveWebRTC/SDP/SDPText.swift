/// The small rules of RFC 8866 section 9 that every part of SDP is made of.
enum SDPText {
    /// `token`: safe to repeat in an answer.
    static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isTokenByte)
    }

    /// Tokens with slashes between them, like `UDP/TLS/RTP/SAVPF`.
    static func isProtocol(_ text: String) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isToken($0) }
    }

    /// Digits and nothing else, up to `maximum`; nil for anything more.
    static func number<Number: FixedWidthInteger>(_ text: some StringProtocol, upTo maximum: Number = .max) -> Number? {
        // The standard library would take a sign too.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Number(text) else { return nil }
        return number <= maximum ? number : nil
    }

    /// Between spaces, however many.
    static func words(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    }

    /// The first word, and what follows it.
    static func firstWord(_ text: String) -> (word: Substring, rest: Substring) {
        guard let space = text.firstIndex(of: " ") else { return (text[...], "") }
        return (text[..<space], text[space...].drop { $0 == " " })
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5E...0x7E: true
        default: false
        }
    }
}
