/// The unified format of diff(1), between two texts.
public enum UnifiedDiff {
    private enum Row {
        case same(Substring)
        case removed(Substring)
        case added(Substring)
    }

    /// Empty when the texts are equal. `context` lines are shown around each change.
    public static func text(from old: String, to new: String, oldName: String, newName: String, context: Int = 3)
        -> String
    {
        guard old != new else { return "" }
        let before = lines(old)
        let after = lines(new)
        let rows = rows(before, after)
        var result = "--- \(oldName)\n+++ \(newName)\n"
        for range in hunks(rows, context: context) {
            result += header(rows, range) + "\n"
            for index in range {
                switch rows[index] {
                case .same(let line): result += " \(mark(line))"
                case .removed(let line): result += "-\(mark(line))"
                case .added(let line): result += "+\(mark(line))"
                }
            }
        }
        return result
    }

    /// Each line with its newline; the last one may have none.
    private static func lines(_ text: String) -> [Substring] {
        var result: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 0x0A).map(bytes.index(after:)) ?? bytes.endIndex
            result.append(text[start..<end])
            start = end
        }
        return result
    }

    private static func mark(_ line: Substring) -> String {
        line.utf8.last == 0x0A ? String(line) : "\(line)\n\\ No newline at end of file\n"
    }

    private static func rows(_ before: [Substring], _ after: [Substring]) -> [Row] {
        let difference = after.difference(from: before)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var rows: [Row] = []
        var (i, j) = (0, 0)
        while i < before.count || j < after.count {
            if i < before.count && removed.contains(i) {
                rows.append(.removed(before[i]))
                i += 1
            } else if j < after.count && added.contains(j) {
                rows.append(.added(after[j]))
                j += 1
            } else {
                rows.append(.same(before[i]))
                i += 1
                j += 1
            }
        }
        return rows
    }

    /// The ranges of rows to show: every change with its context, neighbours joined.
    private static func hunks(_ rows: [Row], context: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for (index, row) in rows.enumerated() {
            if case .same = row { continue }
            let range = max(0, index - context)..<min(rows.count, index + context + 1)
            if let last = result.last, last.upperBound >= range.lowerBound {
                result[result.count - 1] = last.lowerBound..<range.upperBound
            } else {
                result.append(range)
            }
        }
        return result
    }

    private static func header(_ rows: [Row], _ range: Range<Int>) -> String {
        func count(_ rows: ArraySlice<Row>, old: Bool) -> Int {
            rows.count { row in
                switch row {
                case .same: true
                case .removed: old
                case .added: !old
                }
            }
        }
        func side(_ sign: String, old: Bool) -> String {
            let length = count(rows[range], old: old)
            let before = count(rows[..<range.lowerBound], old: old)
            // Of an empty side diff(1) names the line before it.
            return "\(sign)\(length == 0 ? before : before + 1)" + (length == 1 ? "" : ",\(length)")
        }
        return "@@ \(side("-", old: true)) \(side("+", old: false)) @@"
    }
}
