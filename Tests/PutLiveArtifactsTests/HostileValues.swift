/// Texts that mean something to some format, or to Swift, or to Mustache.
enum HostileValues {
    private static let pieces: [String] = [
        "\"", "'", "\\", "\n", "\r", "\r\n", "\0", "\t", "\u{7F}", ";", "{", "}", "#", "$", "%", "%%", "%f", "%(x)s",
        "<", ">",
        "&", "|", "*", "?", "[", "]", "[app]", "(", ")", "=", ":", ": ", ",", "!", "@", "~", "-", "- ", "+", "/", "..",
        " ",
        "  ", " #", " ;", "; }", "{{x}}", "{{{x}}}", "<%x%>", "{{/list}}", "${x}", "$(x)", "$x", "`x`", "\\n", "\\x41",
        "\\u0041",
        "include", "default", "null", "yes", "0", "!Ref X", "&a", "*a", "word", "é", "日本", "😀", "1\u{FE0F}\u{20E3}",
        // Blanks and line ends by Unicode, marks of order and byte order.
        "\u{85}", "\u{A0}", "\u{2028}", "\u{2029}", "\u{3000}", "\u{FEFF}", "\u{202E}", "\u{200F}", "\u{FFFE}",
        "\u{10FFFF}",
        // One Character each, and none that a search for the first scalar's finds.
        "\"\u{301}", "'\u{301}", "\\\u{301}", "$\u{301}", ";\u{301}", "{\u{301}", "}\u{301}", "%\u{301}", "#\u{301}",
        " \u{301}",
        "/\u{301}", "<\u{301}", "[\u{301}", "*\u{301}", "\u{301}",
    ]

    /// Texts that once broke something or look as if they could, each in turn.
    static let fixed: [String] =
        pieces + pieces.map { "a\($0)b" } + pieces.map { "/srv/\($0)" } + [
            "", " ", " edge", "edge ", "a; } server { listen 1;", "a\"; } server { listen 1; } \"", "a' b \"c",
            "-Dexec",
            "a\nExecStart=/bin/sh", "\n[jail]\nenabled = true", "a\\", "a\"", "\"a\"",
            "\"\u{301}; include /etc/passwd;",
            String(repeating: "long ", count: 1200), String(repeating: "\\\"", count: 3000),
            String(repeating: "é", count: 5000),
        ]

    /// One of the fixed texts, or one to eight pieces in a row.
    static func random(using generator: inout SeededGenerator) -> String {
        if Bool.random(using: &generator) { return fixed[Int.random(in: 0..<fixed.count, using: &generator)] }
        let count = Int.random(in: 1...8, using: &generator)
        return (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
    }

    /// The text at `index` of an endless row that begins with the fixed ones.
    static func value(_ index: Int, using generator: inout SeededGenerator) -> String {
        index < fixed.count ? fixed[index] : random(using: &generator)
    }
}

extension SeededGenerator {
    /// Seeded by a name: FNV-1a, the same on every machine.
    init(seededBy name: String) {
        self.init(state: name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }
}

/// The texts in a view, by their places.
struct ViewLeaves {
    private enum Step {
        case key(String)
        case index(Int)
    }

    private let view: [String: Any]
    private var places: [[Step]] = []

    init(_ view: [String: Any]) {
        self.view = view
        collect(view, [])
    }

    var count: Int { places.count }

    /// The name that a template knows the text at `index` by.
    func name(_ index: Int) -> String {
        for case .key(let name) in places[index].reversed() { return name }
        return ""
    }

    /// The view with other texts, one for each place.
    func view(with texts: [String]) -> [String: Any] {
        var result: Any = view
        for (place, text) in zip(places, texts) { result = Self.replaced(result, at: place[...], by: text) }
        return result as? [String: Any] ?? [:]
    }

    private mutating func collect(_ value: Any, _ place: [Step]) {
        switch value {
        case is String: places.append(place)
        case let object as [String: Any]:
            for key in object.keys.sorted() { object[key].map { collect($0, place + [.key(key)]) } }
        case let list as [[String: Any]]:
            for (index, item) in list.enumerated() { collect(item, place + [.index(index)]) }
        default: break
        }
    }

    private static func replaced(_ value: Any, at place: ArraySlice<Step>, by text: String) -> Any {
        switch (place.first, value) {
        case (.key(let key), var object as [String: Any]):
            object[key] = object[key].map { replaced($0, at: place.dropFirst(), by: text) }
            return object
        case (.index(let index), var list as [[String: Any]]):
            list[index] = replaced(list[index], at: place.dropFirst(), by: text) as? [String: Any] ?? [:]
            return list
        default:
            return text
        }
    }
}
