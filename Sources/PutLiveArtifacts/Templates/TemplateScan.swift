/// What a template's tags say before it is parsed, and the template with its long literal parts taken out: one pass over
/// its bytes. Mustache's parser walks its input character by character, several times, and most of a template has no tag.
struct TemplateScan {
    /// The names in unescaped tags, `{{{name}}}` and `{{&name}}`, whatever the delimiters.
    private(set) var unescapedNames: Set<String> = []
    /// Tags that would reset the escaping to HTML: partials, parents and blocks.
    private(set) var resetsEscaping = false
    /// The template with each run of whole lines without a tag replaced by an unescaped tag, `_0`, `_1`, … Line breaks at
    /// the end of a run stay, so that Mustache sees the same standalone lines.
    private(set) var compacted = ""
    /// What the tags `_0`, `_1`, … stand for.
    private(set) var literals: [String] = []

    /// A run shorter than this is cheaper to parse than to look up, in bytes.
    private static let worthwhile = 24

    private var bytes: [UInt8]
    private var opening: [UInt8] = Array("{{".utf8)
    private var closing: [UInt8] = Array("}}".utf8)
    private var result: [UInt8] = []

    init(_ source: String) {
        bytes = Array(source.utf8)
        result.reserveCapacity(bytes.count / 2)
        var runStart = 0
        var lineStart = 0
        while lineStart < bytes.count {
            let lineEnd = (bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
            if readTags(lineStart..<lineEnd) {
                addLiteral(runStart..<lineStart)
                result += bytes[lineStart..<lineEnd]
                runStart = lineEnd
            }
            lineStart = lineEnd
        }
        addLiteral(runStart..<bytes.count)
        compacted = String(decoding: result, as: UTF8.self)
        result = []
        bytes = []
    }

    /// Reads the tags of a line; false when it has none.
    private mutating func readTags(_ line: Range<Int>) -> Bool {
        var index = line.lowerBound
        var hasTag = false
        while index + opening.count < line.upperBound {
            guard bytes[index] == opening[0], bytes[index..<line.upperBound].starts(with: opening) else {
                index += 1
                continue
            }
            hasTag = true
            index += opening.count
            switch bytes[index] {
            case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "$"):
                resetsEscaping = true
            case UInt8(ascii: "{"), UInt8(ascii: "&"):
                let name = bytes[(index + 1)..<line.upperBound].drop(while: { $0 == UInt8(ascii: " ") })
                unescapedNames.insert(String(decoding: name.prefix(while: Self.isName), as: UTF8.self))
            case UInt8(ascii: "="):
                setDelimiters(bytes[(index + 1)..<line.upperBound])
                return true
            default:
                break
            }
        }
        return hasTag
    }

    /// `{{=<% %>=}}`, a line of its own.
    private mutating func setDelimiters(_ rest: ArraySlice<UInt8>) {
        let words = rest.prefix(while: { $0 != UInt8(ascii: "=") }).split(separator: UInt8(ascii: " "))
        guard words.count == 2 else { return }
        (opening, closing) = (Array(words[0]), Array(words[1]))
    }

    private mutating func addLiteral(_ range: Range<Int>) {
        guard range.count >= Self.worthwhile, bytes[range.upperBound - 1] == UInt8(ascii: "\n") else {
            result += bytes[range]
            return
        }
        result += opening + Array("&_\(literals.count)".utf8) + closing + [UInt8(ascii: "\n")]
        literals.append(String(decoding: bytes[range.dropLast()], as: UTF8.self))
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
