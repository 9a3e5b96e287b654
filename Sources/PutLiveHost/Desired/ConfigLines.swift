/// The lines of a rendered tmpfiles.d, sysusers.d or sysctl.d file that say something. Read by bytes, as systemd does: to
/// Swift a slash with a combining mark behind it is no slash.
struct ConfigLines {
    struct Line {
        /// From 1.
        var number: Int
        var text: Substring.UTF8View
    }

    let path: String
    let lines: [Line]

    init(path: String, text: String) {
        self.path = path
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .map { Line(number: $0.offset + 1, text: $0.element) }
            .filter { !$0.text.isEmpty && $0.text.first != UInt8(ascii: "#") }
    }

    func error(_ line: Line, _ problem: String) -> DesiredHostError {
        DesiredHostError(path: path, line: line.number, problem)
    }

    /// The words of a line, at most `limit`; the last of as many is the rest of the line, as it is.
    ///
    /// tmpfiles.d(5) and sysusers.d(5): blanks part words, double quotes hold a word together, and between those a backslash
    /// stands before a quote or a backslash. `%%` is a percent sign; other specifiers don't occur.
    func words(of line: Line, limit: Int = .max) throws(DesiredHostError) -> [String] {
        var words: [String] = []
        var rest = line.text
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard !rest.isEmpty else { return words }
            if words.count + 1 == limit {
                words.append(try specified(Array(rest), line))
                return words
            }
            words.append(try specified(try word(&rest, line), line))
        }
    }

    private func word(_ rest: inout Substring.UTF8View, _ line: Line) throws(DesiredHostError) -> [UInt8] {
        var word: [UInt8] = []
        var isQuoted = false
        while let byte = rest.first {
            rest.removeFirst()
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
            case UInt8(ascii: "\\"):
                guard isQuoted, let next = rest.popFirst(), next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
                else { throw error(line, "has a backslash before something else than a quote or a backslash") }
                word.append(next)
            case UInt8(ascii: "'"):
                guard isQuoted else { throw error(line, "has a single quote") }
                word.append(byte)
            case UInt8(ascii: " ") where !isQuoted, UInt8(ascii: "\t") where !isQuoted:
                return word
            default:
                word.append(byte)
            }
        }
        guard !isQuoted else { throw error(line, "has a quote that doesn't end") }
        return word
    }

    private func specified(_ word: [UInt8], _ line: Line) throws(DesiredHostError) -> String {
        let percent = UInt8(ascii: "%")
        var result: [UInt8] = []
        var index = 0
        while index < word.count {
            if word[index] == percent {
                guard index + 1 < word.count, word[index + 1] == percent else {
                    throw error(line, "has a specifier")
                }
                index += 1
            }
            result.append(word[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
