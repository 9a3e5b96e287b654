/// Reads directives of words, ended by `;` or opening a block with `{`, as nginx (ngx_conf_file.c) and SRS
/// (srs_app_config.cpp) do. The two differ in escapes, variables, line ends and empty words.
struct BlockReader {
    enum Dialect {
        case nginx
        case srs
    }

    /// What nginx's buffer holds (NGX_CONF_BUFFER).
    private static let longestWord = 4096

    private let bytes: [UInt8]
    private let dialect: Dialect
    private var position = 0
    private var result = ReadText()

    init(_ bytes: [UInt8], _ dialect: Dialect) {
        self.bytes = bytes
        self.dialect = dialect
    }

    private enum Token {
        case word([UInt8])
        case end
        case open
        case close
        case lineEnd
    }

    func read() throws -> ReadText {
        var reader = self
        try reader.readAll()
        return reader.result
    }

    private mutating func readAll() throws {
        var words: [[UInt8]] = []
        var depth = 0
        while let token = try next() {
            switch token {
            case .word(let word):
                // SRS forgets an empty word.
                if dialect == .nginx || !word.isEmpty { words.append(word) }
                continue
            case .lineEnd:
                guard words.isEmpty else { throw Unreadable(description: "a directive goes on behind its line") }
                continue
            case .close:
                guard words.isEmpty, depth > 0 else { throw Unreadable(description: "an unexpected }") }
                depth -= 1
                result.structure.append("}")
                continue
            case .end, .open:
                guard !words.isEmpty else { throw Unreadable(description: "a directive without a name") }
            }
            result.structure.append("\(depth): \(words.count)")
            result.leaves += words
            words = []
            if case .open = token {
                depth += 1
                result.structure.append("{")
            }
        }
        guard words.isEmpty, depth == 0 else { throw Unreadable(description: "the file ends inside of a directive") }
    }

    private mutating func next() throws -> Token? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case Byte.newline where dialect == .srs, Byte.carriageReturn where dialect == .srs: return .lineEnd
            case _ where Byte.isSpace(byte): continue
            case UInt8(ascii: "#"):
                while position < bytes.count, bytes[position] != Byte.newline { position += 1 }
            case UInt8(ascii: ";"): return .end
            case UInt8(ascii: "{"): return .open
            case UInt8(ascii: "}"): return .close
            case Byte.quote, Byte.apostrophe: return .word(try quoted(by: byte))
            default:
                position -= 1
                return .word(try bare())
            }
        }
        return nil
    }

    private mutating func quoted(by quote: UInt8) throws -> [UInt8] {
        let start = position
        while position < bytes.count, bytes[position] != quote {
            if dialect == .nginx && bytes[position] == Byte.backslash { position += 1 }
            if dialect == .srs && (bytes[position] == Byte.newline || bytes[position] == Byte.carriageReturn) {
                throw Unreadable(description: "a line ends inside of quotes")
            }
            position += 1
        }
        guard position + 1 < bytes.count else { throw Unreadable(description: "quotes are not closed") }
        let word = bytes[start..<position]
        position += 1
        guard Byte.isSpace(bytes[position]) || ";{".utf8.contains(bytes[position]) else {
            throw Unreadable(description: "something other than a space behind quotes")
        }
        return try unescaped(word)
    }

    private mutating func bare() throws -> [UInt8] {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if dialect == .nginx && byte == Byte.backslash {
                position += 2
                continue
            }
            // `${name}` is a variable.
            let opensName = dialect == .nginx && byte == UInt8(ascii: "{") && bytes[position - 1] == UInt8(ascii: "$")
            if Byte.isSpace(byte) || byte == UInt8(ascii: ";") || (byte == UInt8(ascii: "{") && !opensName) { break }
            position += 1
        }
        guard position < bytes.count else { throw Unreadable(description: "the file ends inside of a word") }
        return try unescaped(bytes[start..<position])
    }

    private func unescaped(_ word: ArraySlice<UInt8>) throws -> [UInt8] {
        guard dialect == .nginx else { return Array(word) }
        guard word.count < Self.longestWord else { throw Unreadable(description: "too long a parameter") }
        var result: [UInt8] = []
        var rest = word
        while let byte = rest.popFirst() {
            guard byte == Byte.backslash, let next = rest.first else {
                result.append(byte)
                continue
            }
            switch next {
            case Byte.quote, Byte.apostrophe, Byte.backslash: result.append(next)
            case UInt8(ascii: "t"): result.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "r"): result.append(Byte.carriageReturn)
            case UInt8(ascii: "n"): result.append(Byte.newline)
            default:
                // The backslash stays, and what follows is read on its own.
                result.append(byte)
                continue
            }
            rest.removeFirst()
        }
        return result
    }
}
