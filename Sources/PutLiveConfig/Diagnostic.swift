import YAML

/// One thing that is wrong, or doubtful, in a config file: where it is, what it is, and what to do about it.
public struct Diagnostic: Sendable, Hashable, Codable {
    /// An error keeps the config from being used, a warning doesn't.
    public enum Severity: String, Sendable, Codable {
        case error, warning
    }

    /// Whether the config can be used in spite of it.
    public var severity: Severity
    /// The file as the user named it.
    public var file: String
    /// 1-based; 0 when the problem has no place in the file.
    public var line: Int
    /// 1-based, in Unicode scalars; 0 when the problem has no place in the file.
    public var column: Int
    /// The key's dotted path, `streaming.qualities[2].fps`, or empty.
    public var key: String
    /// What is wrong, to be read after the key.
    public var message: String
    /// What to do, as a sentence fragment in the imperative.
    public var remedy: String
    /// The source line with every secret masked, or empty; of a long line the part around the problem.
    public var excerpt: String
    /// Where in the excerpt the problem begins, 1-based.
    public var caret: Int
    /// How many characters of the excerpt the caret underlines, at least 1.
    public var width: Int

    /// The diagnostic as a compiler would print it: place, severity and key; the line; a caret; the remedy.
    public func text(colour: Bool = false) -> String {
        let paint = Paint(enabled: colour)
        let place = line > 0 ? "\(inert(file)):\(line):\(column):" : "\(inert(file)):"
        let label = severity == .error ? paint.red("error:") : paint.yellow("warning:")
        let subject = key.isEmpty ? "" : "\(key): "
        var rows = ["\(paint.bold(place)) \(label) \(subject)\(message)"]
        if line > 0 && !excerpt.isEmpty {
            rows.append("  \(excerpt)")
            let marker = "^" + String(repeating: "~", count: max(0, width - 1))
            rows.append("  " + String(repeating: " ", count: max(0, caret - 1)) + paint.green(marker))
        }
        rows.append("  \(paint.bold("remedy:")) \(remedy)")
        return rows.joined(separator: "\n")
    }
}

/// ANSI colours for a terminal, or none.
public struct Paint: Sendable {
    /// Whether colours are used.
    public let enabled: Bool

    /// Colours where they are enabled.
    public init(enabled: Bool) {
        self.enabled = enabled
    }

    /// For errors.
    public func red(_ text: String) -> String { code("31", text) }
    /// For what is right.
    public func green(_ text: String) -> String { code("32", text) }
    /// For warnings.
    public func yellow(_ text: String) -> String { code("33", text) }
    /// For places.
    public func cyan(_ text: String) -> String { code("36", text) }
    /// For what stands out.
    public func bold(_ text: String) -> String { code("1", text) }

    private func code(_ code: String, _ text: String) -> String {
        enabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
