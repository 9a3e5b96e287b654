import YAML

/// Finding a dotted path in a tree.
enum KeyPath {
    /// The range of the value at `path`, else of the nearest key above it that exists; nil where there is none.
    static func locate(_ path: String, in root: YAMLNode) -> YAMLRange? {
        find(path, in: root).range
    }

    /// Whether the file has the key at `path`.
    static func exists(_ path: String, in root: YAMLNode) -> Bool {
        find(path, in: root).isThere
    }

    /// Whether `path` is `section` or lies below it.
    static func isAtOrBelow(_ path: String, _ section: String) -> Bool {
        guard path.hasPrefix(section) else { return false }
        let rest = path.dropFirst(section.count)
        return rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[")
    }

    private static func find(_ path: String, in root: YAMLNode) -> (range: YAMLRange?, isThere: Bool) {
        var node = root
        var range: YAMLRange?
        for part in path.split(separator: ".") {
            let pieces = part.split(separator: "[")
            guard let name = pieces.first, case .mapping(let entries) = node.content,
                let entry = entries.first(where: { $0.key == name })
            else { return (range, false) }
            node = entry.value
            range = isScalar(node) ? node.range : entry.keyRange
            for piece in pieces.dropFirst() {
                guard let index = Int(piece.dropLast()), case .sequence(let items) = node.content,
                    items.indices.contains(index)
                else { return (range, false) }
                node = items[index]
                range = node.range
            }
        }
        return (range, true)
    }

    private static func isScalar(_ node: YAMLNode) -> Bool {
        if case .scalar = node.content { return true }
        return false
    }
}
