/// A collection that is open while the tree is built.
struct Frame {
    let isMapping: Bool
    let isFlow: Bool
    /// Grows with each value inside.
    var range: YAMLRange
    let anchor: String?
    /// How many nodes there were before this one.
    let nodesBefore: Int
    /// How many levels of collections it holds so far, itself included.
    var height = 1

    var items: [YAMLNode] = []
    /// How many items there were, unusable ones too.
    private var itemCount = 0

    var entries: [YAMLEntry] = []
    /// The key read last: until its value is complete, that of the current value.
    var key: Key?
    /// True where a mapping's next node is a key.
    var wantsKey: Bool
    /// The line where each key stands first.
    var firstLines: [String: Int] = [:]

    init(_ start: Event, isMapping: Bool, nodesBefore: Int) {
        self.isMapping = isMapping
        self.nodesBefore = nodesBefore
        isFlow = start.isFlow
        range = start.range
        anchor = start.anchor
        wantsKey = isMapping
    }

    /// Adds a value, or passes over one that isn't usable.
    mutating func add(_ node: YAMLNode?) {
        guard isMapping else {
            itemCount += 1
            if let node { items.append(node) }
            return
        }
        wantsKey = true
        if let key, key.isKept, let node {
            entries.append(YAMLEntry(key: key.name, keyRange: key.range, value: node))
        }
    }

    /// What this collection adds to the path of the value being read.
    fileprivate var pathElement: PathElement? {
        guard isMapping else { return .index(itemCount) }
        return wantsKey ? nil : key.map { .key($0.name) }
    }
}

/// A key of an open mapping.
struct Key {
    var name: String
    var range: YAMLRange
    /// False where the value is read only to find its problems.
    var isKept: Bool
}

/// What an anchor stands for.
enum Anchor {
    /// A value that is still being read.
    case open
    case done(YAMLNode, size: Int, height: Int)
}

private enum PathElement {
    case key(String)
    case index(Int)
}

extension [Frame] {
    /// The dotted path of the value that is being read.
    var path: String {
        Self.join(compactMap(\.pathElement))
    }

    /// The path of the key that precedes a mark on its line, or empty where no open collection has one there.
    ///
    /// For a fault in syntax: what stands in brackets then may be a text without quotes, so keys there are left out.
    func path(near mark: YAMLMark) -> String {
        let last = lastIndex {
            guard !$0.isFlow, let start = $0.key?.range.start else { return false }
            return start.line == mark.line && start.column <= mark.column
        }
        guard let last, let key = self[last].key else { return "" }
        return Self.join(self[..<last].compactMap(\.pathElement) + [.key(key.name)])
    }

    private static func join(_ elements: [PathElement]) -> String {
        var path = ""
        for element in elements {
            switch element {
            case .index(let index):
                path += "[\(index)]"
            case .key(let name):
                path += (path.isEmpty ? "" : ".") + printable(name)
            }
        }
        return path
    }

    /// A key that is safe to print: not endless, and without control characters.
    private static func printable(_ name: String) -> String {
        let scalars = name.unicodeScalars
        let shown = scalars.prefix(60).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        return String(String.UnicodeScalarView(shown)) + (scalars.dropFirst(60).isEmpty ? "" : "…")
    }
}

extension SourceText {
    /// The tag (`!`, `!name`, `!!str`) before a node; nil where there is none.
    ///
    /// libyaml doesn't tell of a lone `!` before a scalar, so the text itself is looked at there.
    mutating func tag(of event: Event) -> YAMLRange? {
        switch event.kind {
        case .scalar: break
        default: guard event.isTagged else { return nil }
        }
        let line = line(event.range.start.line)
        var start = offset(of: event.range.start)
        var mark = event.range.start
        if start < line.upperBound, bytes[start] == Byte.ampersand {
            let text = bytes[start..<line.upperBound]
            let word = text.firstIndex(where: Byte.isBlank) ?? line.upperBound
            let next = bytes[word..<line.upperBound].firstIndex { !Byte.isBlank($0) } ?? word
            mark = mark.moved(by: columns(start..<next))
            start = next
        }
        if start < line.upperBound, bytes[start] == Byte.exclamation {
            let end = bytes[start..<line.upperBound].firstIndex(where: Byte.isBlank) ?? line.upperBound
            return YAMLRange(at: mark, columns: columns(start..<end))
        }
        return event.isTagged ? YAMLRange(at: event.range.start) : nil
    }
}
