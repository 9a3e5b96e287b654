import YAML

/// Sets keys in the text of a config file and keeps everything else of it: comments, order and layout.
public struct ConfigEditor: Sendable {
    /// The file's text as it is now.
    public private(set) var text: String

    /// Edits `text`, a config file in YAML.
    public init(_ text: String) {
        self.text = text
    }

    /// Sets the key at `path` to `value`, as a person would write it there; of a list the elements are separated by
    /// commas. A `…_file` takes the place of the secret beside it. The value itself is checked when the file is loaded.
    public mutating func set(_ path: String, to value: String) throws(ValueError) {
        guard let spec = ConfigSchema.key(path), !path.contains("["), spec.path == path else {
            let near = ConfigSchema.suggestions(for: path).first { !$0.contains("[") }
            throw ValueError(
                "\(quoted(path)) is not a key that can be set",
                remedy: near.map { "did you mean \($0)?" } ?? "`putlive-gen schema --format markdown` lists them all")
        }
        let written: String
        switch spec.kind {
        case .value, .secret:
            written = Self.scalar(value)
        case .values:
            written = "[" + value.split(separator: ",").map { Self.quote(String($0)) }.joined(separator: ", ") + "]"
        case .section, .sections:
            throw ValueError("\(path) is a section", remedy: "set a key of it: \(path).KEY=VALUE")
        }
        guard case .mapping(let entries)? = YAML.parse(Array(text.utf8)).root?.content else {
            throw ValueError("the file holds no keys", remedy: "begin with `putlive-gen init`")
        }
        try put(path.split(separator: ".").map(String.init), written, in: entries, at: nil)
    }

    private mutating func put(
        _ keys: [String], _ value: String, in entries: [YAMLEntry], at parent: YAMLEntry?
    ) throws(ValueError) {
        let key = keys[0]
        var entry = entries.first { $0.key == key }
        if keys.count == 1 && entry == nil && key.hasSuffix("_file") {
            entry = entries.first { $0.key == key.dropLast("_file".count) }
        }
        guard let entry else {
            insert(keys, value, before: entries.first, in: parent)
            return
        }
        if keys.count > 1 {
            guard case .mapping(let children) = entry.value.content, let first = children.first,
                first.keyRange.start.line > entry.keyRange.start.line
            else {
                throw ValueError(
                    "\(key) is no section with its keys on lines of their own",
                    remedy: "write its keys below it, indented")
            }
            try put(Array(keys.dropFirst()), value, in: children, at: entry)
            return
        }
        guard entry.value.range.start.line == entry.value.range.end.line || isNull(entry.value) else {
            throw ValueError("\(key) has a value of several lines", remedy: "edit it by hand")
        }
        let end = isNull(entry.value) ? nil : entry.value.range.end.column
        replace(line: entry.keyRange.start.line, from: entry.keyRange.start.column, to: end, with: "\(key): \(value)")
    }

    /// Adds what is missing in front of a section's first key, or as a section of its own at the end.
    private mutating func insert(_ keys: [String], _ value: String, before first: YAMLEntry?, in parent: YAMLEntry?) {
        var lines = self.lines
        let column = parent == nil ? 0 : (first?.keyRange.start.column ?? 3) - 1
        var added = keys.enumerated().map { depth, key in
            String(repeating: " ", count: column + 2 * depth) + key + ":"
        }
        added[added.count - 1] += " \(value)"
        if parent != nil, let first {
            lines.insert(contentsOf: added, at: first.keyRange.start.line - 1)
        } else {
            while lines.last == "" { lines.removeLast() }
            lines += [""] + added + [""]
        }
        text = lines.joined(separator: "\n")
    }

    /// Columns are counted in Unicode scalars from 1; without an end the line's rest stays behind.
    private mutating func replace(line: Int, from: Int, to: Int?, with replacement: String) {
        var lines = self.lines
        let scalars = Array(lines[line - 1].unicodeScalars)
        let comment = scalars.firstIndex(of: "#").map { $0 > 0 ? $0 - 1 : 0 } ?? scalars.count
        let rest = scalars[min(to.map { $0 - 1 } ?? max(comment, from - 1), scalars.count)...]
        lines[line - 1] =
            String(String.UnicodeScalarView(scalars[..<(from - 1)])) + replacement
            + String(String.UnicodeScalarView(rest))
        text = lines.joined(separator: "\n")
    }

    private var lines: [String] {
        // To `split(separator: "\n")` the line end of Windows is another character.
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }

    private func isNull(_ node: YAMLNode) -> Bool {
        if case .null = node.content { return true }
        return false
    }

    private static func scalar(_ value: String) -> String {
        value == "true" || value == "false" || Int(value) != nil ? value : quote(value)
    }

    /// YAML's double-quoted style.
    private static func quote(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
