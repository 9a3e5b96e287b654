import YAML

/// One thing that is wrong, or doubtful, in a config file: where it is, what it is, and what to do about it.
public struct Diagnostic: Sendable, Hashable, Codable {
    public enum Severity: String, Sendable, Codable {
        case error, warning
    }

    public var severity: Severity
    /// The file as the user named it.
    public var file: String
    /// 1-based; 0 when the problem has no place in the file.
    public var line: Int
    /// 1-based, in Unicode scalars; 0 when the problem has no place in the file.
    public var column: Int
    /// The key's dotted path, `streaming.qualities[2].fps`, or empty.
    public var key: String
    public var message: String
    /// What to do, as a sentence fragment in the imperative.
    public var remedy: String
    /// The source line with every secret masked, or empty.
    public var excerpt: String
    /// How many characters of the excerpt the caret underlines, at least 1.
    public var width: Int

    /// The diagnostic as a compiler would print it: place, severity and key; the line; a caret; the remedy.
    public func text(colour: Bool = false) -> String {
        let paint = Paint(enabled: colour)
        let place = line > 0 ? "\(file):\(line):\(column):" : "\(file):"
        let label = severity == .error ? paint.red("error:") : paint.yellow("warning:")
        let subject = key.isEmpty ? "" : "\(key): "
        var rows = ["\(paint.bold(place)) \(label) \(subject)\(message)"]
        if line > 0 && !excerpt.isEmpty {
            rows.append("  \(excerpt)")
            let marker = "^" + String(repeating: "~", count: max(0, width - 1))
            rows.append("  " + String(repeating: " ", count: max(0, column - 1)) + paint.green(marker))
        }
        rows.append("  \(paint.bold("remedy:")) \(remedy)")
        return rows.joined(separator: "\n")
    }
}

/// ANSI colours for a terminal, or none.
public struct Paint: Sendable {
    public let enabled: Bool

    public init(enabled: Bool) {
        self.enabled = enabled
    }

    public func red(_ text: String) -> String { code("31", text) }
    public func green(_ text: String) -> String { code("32", text) }
    public func yellow(_ text: String) -> String { code("33", text) }
    public func cyan(_ text: String) -> String { code("36", text) }
    public func bold(_ text: String) -> String { code("1", text) }

    private func code(_ code: String, _ text: String) -> String {
        enabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
