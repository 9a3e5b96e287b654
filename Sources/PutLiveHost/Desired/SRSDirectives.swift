/// srs.conf by its top-level directives, parted into what SRS takes over by a reload and what only a restart changes.
struct SRSDirectives {
    /// A directive with all that is in its block, in one form: comments and blanks don't count.
    struct Directive: Hashable {
        var name: String
        var text: String
    }

    let directives: [Directive]

    /// What SRS 6 takes over on SIGHUP, by SrsConfig::reload_conf and reload_vhost in srs_app_config.cpp; all else, and what
    /// nobody knows, needs a restart. It would take `listen` over too, but SRS 6.0.157 aborts when that changes, and cuts
    /// every stream (SrsTcpListener::listen called by on_reload_listen).
    static let reloadable: Set<String> = ["max_connections", "vhost"]

    /// For the digest of what a restart is needed for.
    var restarted: String { text { !Self.reloadable.contains($0.name) } }
    /// For the digest of what a reload is enough for.
    var reloaded: String { text { Self.reloadable.contains($0.name) } }

    private func text(_ isMeant: (Directive) -> Bool) -> String {
        directives.filter(isMeant).map(\.text).joined()
    }

    init(path: String, text: String) throws(DesiredHostError) {
        var directives: [Directive] = []
        var words: [String] = []
        var current = ""
        var depth = 0
        for token in try Self.tokens(path: path, text: text) {
            switch token.kind {
            case .word:
                words.append(token.text)
                continue
            case .end, .open:
                guard let name = words.first else {
                    throw DesiredHostError(path: path, line: token.line, "has a directive without a name")
                }
                if depth == 0 { directives.append(Directive(name: name, text: "")) }
                // A byte that is in no word, so that two words never look like one.
                current += words.joined(separator: "\u{1F}") + (token.kind == .open ? "{" : ";")
                words = []
                if token.kind == .open { depth += 1 }
            case .close:
                guard words.isEmpty, depth > 0 else {
                    throw DesiredHostError(path: path, line: token.line, "ends a block that didn't begin")
                }
                current += "}"
                depth -= 1
            }
            if depth == 0, let last = directives.indices.last {
                directives[last].text = current
                current = ""
            }
        }
        guard words.isEmpty, depth == 0 else {
            throw DesiredHostError(path: path, line: text.utf8.count { $0 == UInt8(ascii: "\n") }, "ends too early")
        }
        self.directives = directives
    }

    private struct Token {
        enum Kind {
            case word, end, open, close
        }

        var kind: Kind
        var text = ""
        var line: Int
    }

    /// SrsConfDirective::read_token: a word runs to a blank, a semicolon or an opening brace; quotes hold one together and
    /// have no escapes; a comment begins where a word would.
    private static func tokens(path: String, text: String) throws(DesiredHostError) -> [Token] {
        let bytes = Array(text.utf8)
        var tokens: [Token] = []
        var line = 1
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "#"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: ";"): tokens.append(Token(kind: .end, line: line))
            case UInt8(ascii: "{"): tokens.append(Token(kind: .open, line: line))
            case UInt8(ascii: "}"): tokens.append(Token(kind: .close, line: line))
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let start = index
                while index < bytes.count, bytes[index] != byte, bytes[index] != UInt8(ascii: "\n") { index += 1 }
                guard index < bytes.count, bytes[index] == byte else {
                    throw DesiredHostError(path: path, line: line, "has a quote that doesn't end")
                }
                tokens.append(word(bytes[start..<index], line))
                index += 1
            default:
                let start = index - 1
                while index < bytes.count, !endsWord(bytes[index]) { index += 1 }
                tokens.append(word(bytes[start..<index], line))
            }
        }
        return tokens
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ line: Int) -> Token {
        Token(kind: .word, text: String(decoding: bytes, as: UTF8.self), line: line)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: ";"),
            UInt8(ascii: "{"):
            true
        default: false
        }
    }
}
