/// What a template's tags say before it is parsed: one pass over its bytes.
struct TemplateScan {
    /// The names in unescaped tags, `{{{name}}}` and `{{&name}}`, whatever the delimiters.
    private(set) var unescapedNames: Set<String> = []
    /// Tags that would reset the escaping to HTML: partials, parents and blocks.
    private(set) var resetsEscaping = false

    init(_ source: String) {
        let bytes = Array(source.utf8)
        var index = 0
        while index + 2 < bytes.count {
            let opens =
                (bytes[index] == UInt8(ascii: "{") && bytes[index + 1] == UInt8(ascii: "{"))
                || (bytes[index] == UInt8(ascii: "<") && bytes[index + 1] == UInt8(ascii: "%"))
            guard opens else {
                index += 1
                continue
            }
            switch bytes[index + 2] {
            case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "$"):
                resetsEscaping = true
            case UInt8(ascii: "{"), UInt8(ascii: "&"):
                let name = bytes[(index + 3)...].drop(while: { $0 == UInt8(ascii: " ") }).prefix(while: Self.isName)
                unescapedNames.insert(String(decoding: name, as: UTF8.self))
            default:
                break
            }
            index += 2
        }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
