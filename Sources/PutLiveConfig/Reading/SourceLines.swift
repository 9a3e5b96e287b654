import YAML

/// The lines of a source file, to show one beside a problem with its secrets masked.
struct SourceLines {
    private let lines: [String]

    init(_ source: [UInt8]) {
        var bytes = source[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        lines = String(decoding: bytes, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }

    /// Line `line` (1-based), at most 160 characters of it, with the text inside `ranges` replaced by asterisks and
    /// the values of keys that look secret hidden whatever the ranges say.
    func excerpt(line: Int, masking ranges: [YAMLRange]) -> String {
        guard lines.indices.contains(line - 1) else { return "" }
        var scalars = Array(lines[line - 1].unicodeScalars)
        for range in ranges where (range.start.line...range.end.line).contains(line) {
            let from = range.start.line == line ? range.start.column - 1 : 0
            let to = range.end.line == line ? range.end.column - 1 : scalars.count
            for index in max(0, from)..<max(max(0, from), min(to, scalars.count)) { scalars[index] = "*" }
        }
        let hidden = hidesFrom(line: line)
        if hidden < scalars.count {
            for index in hidden..<scalars.count where scalars[index] != " " { scalars[index] = "*" }
        }
        // Tabs would shift the caret; other controls could steer the terminal.
        let shown = scalars.prefix(160).map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? " " : $0 }
        var text = String(String.UnicodeScalarView(shown))
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// The index of the first scalar that belongs to the value of a key that looks secret; the line's length where
    /// none does. It looks at the text alone, for a file that is no YAML has no tree: a line without a key of its
    /// own continues the one above.
    private func hidesFrom(line: Int) -> Int {
        let text = lines[line - 1]
        let secretWords = ["secret", "pass", "token", "credential", "private"]
        let lowered = text.lowercased()
        let count = text.unicodeScalars.count
        if let word = secretWords.compactMap({ lowered.firstRange(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }),
            let colon = lowered[word.upperBound...].firstIndex(of: ":")
        {
            return lowered.unicodeScalars.distance(from: lowered.startIndex, to: colon) + 1
        }
        if startsKey(text) { return count }
        var above = line - 2
        while above >= 0, !startsKey(lines[above]) { above -= 1 }
        guard above >= 0 else { return count }
        let key = lines[above].lowercased()
        return secretWords.contains(where: { key.contains($0) }) ? 0 : count
    }

    /// `key:` or `- key:` in front, or nothing but a comment.
    private func startsKey(_ line: String) -> Bool {
        let text = line.drop(while: { $0 == " " || $0 == "-" || $0 == "\t" })
        if text.isEmpty || text.hasPrefix("#") { return true }
        let word = text.prefix(while: { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "\"") })
        return !word.isEmpty && text.dropFirst(word.count).drop(while: { $0 == " " }).hasPrefix(":")
    }
}
