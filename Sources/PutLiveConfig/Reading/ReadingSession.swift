import YAML

/// One reading of one file: where it stands, what was found wrong, what is known of its keys.
final class ReadingSession {
    let file: String
    let lines: SourceLines
    let root: YAMLNode
    let environment: ConfigEnvironment
    /// The role, read ahead of everything, for defaults and checks depend on it.
    let role: Deployment.Role
    /// The version, read ahead likewise.
    let version: ConfigVersion
    /// The folder of the config file: where the local role keeps its data.
    let directory: String
    /// Whether this reading only asks which keys there are.
    let isDescribing: Bool
    private(set) var specs: [KeySpec] = []
    private var maskedRanges: [YAMLRange] = []
    private var pending: [Pending] = []

    private struct Pending {
        var severity: Diagnostic.Severity
        var range: YAMLRange?
        var key: String
        var message: String
        var remedy: String
    }

    init(
        file: String, source: [UInt8], root: YAMLNode, environment: ConfigEnvironment, role: Deployment.Role,
        version: ConfigVersion, directory: String, isDescribing: Bool = false
    ) {
        self.file = file
        self.lines = SourceLines(source)
        self.root = root
        self.environment = environment
        self.role = role
        self.version = version
        self.directory = directory
        self.isDescribing = isDescribing
    }

    /// Notes a problem at `range`, or at no place of the file.
    func report(
        _ severity: Diagnostic.Severity, at range: YAMLRange?, key: String, _ message: String, remedy: String
    ) {
        pending.append(Pending(severity: severity, range: range, key: key, message: message, remedy: remedy))
    }

    /// Notes a problem at the value of `key`, or where the key would stand.
    func report(_ severity: Diagnostic.Severity, key: String, _ message: String, remedy: String) {
        report(severity, at: KeyPath.locate(key, in: root), key: key, message, remedy: remedy)
    }

    /// Keeps the text in `range` out of every excerpt.
    func mask(_ range: YAMLRange) {
        maskedRanges.append(range)
    }

    func record(_ spec: KeySpec) {
        specs.append(spec)
    }

    /// All problems in the order of the file. Only now are the excerpts cut, when every secret's place is known.
    func finish() -> [Diagnostic] {
        let found = pending.map { item in
            guard let range = item.range else {
                return Diagnostic(
                    severity: item.severity, file: file, line: 0, column: 0, key: item.key, message: item.message,
                    remedy: item.remedy, excerpt: "", width: 1)
            }
            let excerpt = lines.excerpt(line: range.start.line, masking: maskedRanges)
            let end = range.end.line == range.start.line ? range.end.column : excerpt.unicodeScalars.count + 1
            let room = max(1, excerpt.unicodeScalars.count + 1 - range.start.column)
            return Diagnostic(
                severity: item.severity, file: file, line: range.start.line, column: range.start.column,
                key: item.key, message: item.message, remedy: item.remedy, excerpt: excerpt,
                width: min(room, max(1, end - range.start.column)))
        }
        // A stable order: what has no place comes last.
        return found.enumerated().sorted { left, right in
            let a = (left.element.line == 0 ? Int.max : left.element.line, left.element.column, left.offset)
            let b = (right.element.line == 0 ? Int.max : right.element.line, right.element.column, right.offset)
            return a < b
        }.map(\.element)
    }
}

/// Finding a dotted path in a tree.
enum KeyPath {
    /// The range of the value at `path`, else of the nearest key above it that exists, else of the tree's start.
    static func locate(_ path: String, in root: YAMLNode) -> YAMLRange {
        var node = root
        var range = YAMLRange(start: YAMLMark(line: 1, column: 1), end: YAMLMark(line: 1, column: 2))
        for part in path.split(separator: ".") {
            let pieces = part.split(separator: "[")
            guard let name = pieces.first, case .mapping(let entries) = node.content,
                let entry = entries.first(where: { $0.key == name })
            else { return range }
            node = entry.value
            range = isScalar(node) ? node.range : entry.keyRange
            for piece in pieces.dropFirst() {
                guard let index = Int(piece.dropLast()), case .sequence(let items) = node.content,
                    items.indices.contains(index)
                else { return range }
                node = items[index]
                range = node.range
            }
        }
        return range
    }

    private static func isScalar(_ node: YAMLNode) -> Bool {
        if case .scalar = node.content { return true }
        return false
    }
}
