/// What a template's tags say before it is parsed, and the template in pieces with its long literal parts taken out: one
/// pass over its bytes. Mustache's parser walks its input character by character, and measures all that is left of it at
/// every tag; most of a template has no tag.
struct TemplateScan {
    /// The names in unescaped tags, `{{{name}}}` and `{{&name}}`, whatever the delimiters.
    private(set) var unescapedNames: Set<String> = []
    /// Tags that would reset the escaping to HTML: partials, parents and blocks.
    private(set) var resetsEscaping = false
    /// The template, cut between lines where no section is open, with each run of whole lines without a tag replaced by an
    /// unescaped tag, `_0`, `_1`, … Line breaks at the end of a run stay, so that Mustache sees the same standalone lines.
    /// Each piece begins with the lines that declare the format and the delimiters.
    private(set) var pieces: [String] = []
    /// What the tags `_0`, `_1`, … stand for.
    private(set) var literals: [String] = []

    /// A run shorter than this is cheaper to parse than to look up, in bytes.
    private static let worthwhile = 24
    /// In bytes; a longer piece is cut at the next chance.
    private static let pieceSize = 400

    private var bytes: [UInt8]
    private var opening: [UInt8] = Array("{{".utf8)
    private var closing: [UInt8] = Array("}}".utf8)
    private var piece: [UInt8] = []
    /// The lines that every piece needs.
    private var header: [UInt8] = []
    private var openSections = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
        var runStart = 0
        var lineStart = 0
        while lineStart < bytes.count {
            let lineEnd = (bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
            switch readTags(lineStart..<lineEnd) {
            case .none:
                break
            case .declaration:
                addLiteral(runStart..<lineStart)
                header += bytes[lineStart..<lineEnd]
                runStart = lineEnd
            case .content:
                addLiteral(runStart..<lineStart)
                piece += bytes[lineStart..<lineEnd]
                runStart = lineEnd
                if openSections == 0 && piece.count >= Self.pieceSize { cut() }
            }
            lineStart = lineEnd
        }
        addLiteral(runStart..<bytes.count)
        cut()
        bytes = []
    }

    private mutating func cut() {
        if !piece.isEmpty { pieces.append(String(decoding: header + piece, as: UTF8.self)) }
        piece = []
    }

    private enum Line {
        case none
        /// Of the format or the delimiters, on a line of its own.
        case declaration
        case content
    }

    private mutating func readTags(_ line: Range<Int>) -> Line {
        var index = line.lowerBound
        var kind = Line.none
        while index + opening.count < line.upperBound {
            guard bytes[index] == opening[0], bytes[index..<line.upperBound].starts(with: opening) else {
                index += 1
                continue
            }
            kind = .content
            index += opening.count
            switch bytes[index] {
            case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "$"):
                resetsEscaping = true
            case UInt8(ascii: "{"), UInt8(ascii: "&"):
                let name = bytes[(index + 1)..<line.upperBound].drop(while: { $0 == UInt8(ascii: " ") })
                unescapedNames.insert(String(decoding: name.prefix(while: Self.isName), as: UTF8.self))
            case UInt8(ascii: "#"), UInt8(ascii: "^"):
                openSections += 1
            case UInt8(ascii: "/"):
                openSections -= 1
            case UInt8(ascii: "%"):
                return .declaration
            case UInt8(ascii: "="):
                setDelimiters(bytes[(index + 1)..<line.upperBound])
                return .declaration
            default:
                break
            }
        }
        return kind
    }

    /// `{{=<% %>=}}`, a line of its own.
    private mutating func setDelimiters(_ rest: ArraySlice<UInt8>) {
        let words = rest.prefix(while: { $0 != UInt8(ascii: "=") }).split(separator: UInt8(ascii: " "))
        guard words.count == 2 else { return }
        (opening, closing) = (Array(words[0]), Array(words[1]))
    }

    private mutating func addLiteral(_ range: Range<Int>) {
        guard range.count >= Self.worthwhile, bytes[range.upperBound - 1] == UInt8(ascii: "\n") else {
            piece += bytes[range]
            return
        }
        piece += opening + Array("&_\(literals.count)".utf8) + closing + [UInt8(ascii: "\n")]
        literals.append(String(decoding: bytes[range.dropLast()], as: UTF8.self))
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
