import YAML

/// Cuts lines out of a source file, to show them beside problems without any secret.
struct Excerpts {
    struct Excerpt {
        var text: String
        /// Where in the text the problem begins, 1-based.
        var caret: Int
        /// How many characters it covers, at least 1.
        var width: Int
    }

    /// For a problem without a line.
    static let none = Excerpt(text: "", caret: 1, width: 1)

    /// The most characters of a line that are shown.
    private static let limit = 160
    /// What is shown before a problem that lies beyond them.
    private static let lead = 60

    private let lines: SourceLines
    private let hidden: [YAMLRange]
    private let isBroken: Bool
    private var masked: [Int: [UnicodeScalar]] = [:]

    /// `hidden` is what must not be seen. A file that `isBroken` has more in it than its tree tells of: of that only
    /// what is surely no secret is shown.
    init(lines: SourceLines, hiding hidden: [YAMLRange], isBroken: Bool) {
        self.lines = lines
        self.hidden = hidden
        self.isBroken = isBroken
    }

    mutating func excerpt(at range: YAMLRange) -> Excerpt {
        let line = maskedLine(range.start.line)
        let index = range.start.column - 1
        let end = range.end.line == range.start.line ? range.end.column - 1 : line.count
        let needed = min(max(end, index + 1), index + Self.lead)
        let first = line.count > Self.limit && needed > Self.limit ? min(index, line.count) - Self.lead : 0
        let last = min(line.count, first + Self.limit)
        let shown = String(String.UnicodeScalarView(line[first..<last]))
        return Excerpt(
            text: (first > 0 ? "…" : "") + shown + (last < line.count ? "…" : ""),
            caret: index - first + (first > 0 ? 2 : 1), width: max(1, min(end, last) - index))
    }

    private mutating func maskedLine(_ number: Int) -> [UnicodeScalar] {
        if let known = masked[number] { return known }
        var line = lines.scalars(number)
        for range in hidden where (range.start.line...max(range.start.line, range.end.line)).contains(number) {
            let from = range.start.line == number ? range.start.column - 1 : 0
            let to = range.end.line == number ? range.end.column - 1 : line.count
            let end = max(from, min(to, line.count))
            for index in from..<end { line[index] = "*" }
            // Behind a blank and a # YAML sees a comment, where a person may have meant more of the secret.
            let rest = line[min(end, line.count)...].firstIndex { $0 != " " && $0 != "\t" }
            if range.end.line == number, let rest, line[rest] == "#" {
                for index in rest..<line.count { line[index] = "*" }
            }
        }
        if isBroken {
            for index in BlindMask.hiddenPart(of: number, in: lines) where line[index] != " " { line[index] = "*" }
        }
        line = line.map { $0 == "\t" ? " " : isInert($0) ? $0 : "\u{FFFD}" }
        while line.last == " " { line.removeLast() }
        masked[number] = line
        return line
    }
}
