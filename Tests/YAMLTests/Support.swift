import Testing
import YAML

/// A file that is wrong, and the one problem it must give.
struct Fault: Sendable, CustomTestStringConvertible {
    var text: String
    /// Where to look, as "line:column-line:column".
    var place: String
    var message: String
    var key = ""

    var testDescription: String { text.debugDescription }

    init(_ text: String, _ place: String, _ message: String, key: String = "") {
        self.text = text
        self.place = place
        self.message = message
        self.key = key
    }
}

func parse(_ text: String, limits: YAMLLimits = .standard) -> YAMLDocument {
    YAML.parse(Array(text.utf8), limits: limits)
}

func place(_ range: YAMLRange) -> String {
    "\(range.start.line):\(range.start.column)-\(range.end.line):\(range.end.column)"
}

/// Problems in short, as "place key: message".
func summary(_ document: YAMLDocument) -> [String] {
    document.problems.map { "\(place($0.range)) \($0.key): \($0.message)" }
}

extension YAMLNode {
    /// The value below a path of keys and indices.
    func at(_ path: any Sendable...) -> YAMLNode? {
        var node: YAMLNode? = self
        for element in path {
            switch (node?.content, element) {
            case (.mapping(let entries), let key as String): node = entries.first { $0.key == key }?.value
            case (.sequence(let items), let index as Int): node = items.indices.contains(index) ? items[index] : nil
            default: return nil
            }
        }
        return node
    }

    /// The tree in short: `{a: b, c: [~, "d"]}`, with quotes around what is quoted and `|` before a block.
    var outline: String {
        switch content {
        case .null: "~"
        case .scalar(let text, .plain): text
        case .scalar(let text, .quoted): text.debugDescription
        case .scalar(let text, .block): "|" + text.debugDescription
        case .sequence(let items): "[" + items.map(\.outline).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\($0.key): \($0.value.outline)" }.joined(separator: ", ") + "}"
        }
    }
}
