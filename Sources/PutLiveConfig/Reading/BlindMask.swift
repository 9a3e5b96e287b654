/// What to hide of a line whose file is no sound YAML, so that no tree tells what is a secret.
///
/// A value is shown only behind a key that is known to hold no secret, in sections that are known. All else is hidden:
/// values of misspelt keys, lines without a key, and whatever lies below the key of a secret.
enum BlindMask {
    /// How many lines above are looked at for the sections around a line.
    private static let reach = 2000

    private static let secrets: Set<String> = Set(
        ConfigSchema.keys.filter { $0.kind == .secret }.flatMap { [$0.name, $0.name + "_file"] })
    private static let sections: Set<String> = Set(
        ConfigSchema.keys.filter { $0.kind == .section || $0.kind == .sections }.map(\.name))
    /// Keys whose values may be seen.
    private static let open: Set<String> = Set(ConfigSchema.keys.map(\.name)).subtracting(secrets).subtracting(sections)

    /// The indices of a line's characters from the first that may not be seen.
    static func hiddenPart(of number: Int, in lines: SourceLines) -> Range<Int> {
        let line = Line(lines.scalars(number))
        let end = line.scalars.count
        guard line.start < end, let owner = owner(of: number, indentation: line.start, in: lines) else {
            return line.start..<end
        }
        let start = hiddenStart(line, isContinuation: open.contains(owner))
        // In a URL a password may stand before it.
        guard line.scalars[..<start].contains("@") else { return start..<end }
        return (line.key(at: line.start)?.end ?? line.start)..<end
    }

    /// The nearest key that a line stands below, empty at the top; nil where any of the keys around is unknown, or
    /// that of a secret.
    private static func owner(of number: Int, indentation: Int, in lines: SourceLines) -> String? {
        var nearest: String?
        var indentation = indentation
        var above = number - 1
        while indentation > 0 && above > 0 {
            guard number - above <= reach else { return nil }
            let line = Line(lines.scalars(above))
            above -= 1
            guard line.start < indentation, !line.isTextless else { continue }
            indentation = line.start
            guard let key = line.key(at: line.start), sections.contains(key.name) || open.contains(key.name) else {
                return nil
            }
            nearest = nearest ?? key.name
        }
        return nearest ?? ""
    }

    private static func hiddenStart(_ line: Line, isContinuation: Bool) -> Int {
        let end = line.scalars.count
        var index = line.start
        while index < end {
            guard let key = line.key(at: index) else {
                if line.scalars[index] == "#" {
                    // It may be a line that someone put out of use.
                    guard let next = nextKey(line, after: index + 1) else { return end }
                    index = next
                    continue
                }
                if "{[".unicodeScalars.contains(line.scalars[index]) || line.isBlank(index) {
                    index += 1
                    continue
                }
                guard index == line.start else { return index }
                // A key without its colon still tells what is meant.
                let word = line.word(at: index)
                if sections.contains(word.name) || open.contains(word.name) || secrets.contains(word.name) {
                    return word.end
                }
                guard isContinuation, let next = nextKey(line, after: index) else {
                    return isContinuation ? end : index
                }
                index = next
                continue
            }
            if sections.contains(key.name) {
                index = key.end
            } else if open.contains(key.name) {
                guard let next = nextKey(line, after: key.end) else { return end }
                index = next
            } else {
                return key.end
            }
        }
        return end
    }

    /// Where within a value something stands that looks like a key of its own, or behind a comma should be one.
    private static func nextKey(_ line: Line, after start: Int) -> Int? {
        var listDepth = 0
        var index = start
        while index < line.scalars.count {
            switch line.scalars[index] {
            case "[": listDepth += 1
            case "]": listDepth -= 1
            case "," where listDepth <= 0:
                index += 1
                while index < line.scalars.count && line.isBlank(index) { index += 1 }
                return index < line.scalars.count ? index : nil
            default: break
            }
            if index == 0 || !line.isWord(index - 1), line.isWord(index) || line.isQuote(index) {
                if line.key(at: index) != nil { return index }
                let word = line.word(at: index)
                let isColon = word.end < line.scalars.count && line.scalars[word.end] == ":"
                if isColon && nearest(to: word.name, in: Array(secrets)) != nil { return index }
            }
            index += 1
        }
        return nil
    }
}

/// A line of text that may be YAML.
private struct Line {
    let scalars: [UnicodeScalar]
    /// Where the text begins, after indentation and dashes of list items.
    let start: Int

    init(_ scalars: [UnicodeScalar]) {
        self.scalars = scalars
        var index = 0
        while index < scalars.count {
            let isDash = scalars[index] == "-" && (index + 1 == scalars.count || scalars[index + 1] == " ")
            guard scalars[index] == " " || scalars[index] == "\t" || isDash else { break }
            index += 1
        }
        start = index
    }

    /// Whether there is nothing but a comment.
    var isTextless: Bool { start == scalars.count || scalars[start] == "#" }

    func isBlank(_ index: Int) -> Bool { scalars[index] == " " || scalars[index] == "\t" }
    func isQuote(_ index: Int) -> Bool { scalars[index] == "\"" || scalars[index] == "'" }

    func isWord(_ index: Int) -> Bool {
        let value = scalars[index].value
        return value < 0x80 && isAlphanumeric(UInt8(value)) || scalars[index] == "_"
    }

    /// The word at `index`, its quotes passed over, and the index after it.
    func word(at index: Int) -> (name: String, end: Int) {
        var end = index
        if end < scalars.count && isQuote(end) { end += 1 }
        let first = end
        while end < scalars.count && isWord(end) { end += 1 }
        let name = String(String.UnicodeScalarView(scalars[first..<end]))
        if end > first && end < scalars.count && isQuote(end) {
            // A closing quote, even where the opening one is lost.
            let isKey = end + 1 < scalars.count && scalars[end + 1] == ":"
            if first > index || isKey { end += 1 }
        }
        return (name, end)
    }

    /// The key at `index` and the index after its colon; nil where there is no key.
    func key(at index: Int) -> (name: String, end: Int)? {
        var (name, end) = word(at: index)
        while end < scalars.count && isBlank(end) { end += 1 }
        guard !name.isEmpty, end < scalars.count, scalars[end] == ":" else { return nil }
        end += 1
        guard end == scalars.count || isBlank(end) || isQuote(end) || "{[".unicodeScalars.contains(scalars[end]) else {
            return nil
        }
        return (name, end)
    }
}
