/// Reads the formats that go by lines.
enum LineReader {
    /// The directives of units that take a list of words; all others take what stands behind the `=` as it is.
    private static let wordDirectives: Set<String> = [
        "ExecReload", "ExecStart", "ExecStartPre", "ReadWritePaths", "RequiresMountsFor",
    ]

    /// systemd.syntax(7), systemd.unit(5) "Specifiers" and systemd's extract-word.c.
    static func systemd(_ bytes: [UInt8]) throws -> ReadText {
        var result = ReadText()
        for line in lines(bytes, ends: "\n\r\0") {
            guard line.last != Byte.backslash else { throw Unreadable(description: "a line that goes on") }
            if line.first == UInt8(ascii: "[") {
                result.add("section", line)
                continue
            }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
                throw Unreadable(description: "neither section nor assignment")
            }
            let key = String(decoding: trimmed(line[..<equals]), as: UTF8.self)
            let value = trimmed(line[(equals + 1)...])
            result.structure.append(key)
            if wordDirectives.contains(key) {
                for word in try words(value).words { result.add("word", try withoutSpecifiers(word)) }
            } else {
                result.add("value", try withoutSpecifiers(value))
            }
        }
        return result
    }

    /// tmpfiles.d(5): six words, and the rest of the line as it is; sysusers.d(5): words alone.
    static func tmpfiles(_ bytes: [UInt8], fields: Int) throws -> ReadText {
        var result = ReadText()
        for line in lines(bytes, ends: "\n\r\0") {
            let (words, rest) = try words(line, limit: fields)
            result.structure.append("line of \(words.count)")
            for word in words { result.add("word", try withoutSpecifiers(word)) }
            result.add("rest", try withoutSpecifiers(rest))
        }
        return result
    }

    /// Python's configparser, as fail2ban sets it up: `;` begins a comment behind a blank too, `%` interpolates, and a
    /// blank is any that Unicode knows.
    static func ini(_ text: String) throws -> ReadText {
        var result = ReadText()
        let scalars = Array(text.unicodeScalars)
        for whole in scalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }) {
            var line = whole
            if let comment = line.indices.first(where: {
                line[$0] == ";" && ($0 == line.startIndex || line[$0 - 1].properties.isWhitespace)
            }) {
                line = line[..<comment]
            }
            let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
            if line.allSatisfy(isBlank) || line.first == "#" { continue }
            guard line.first.map(isBlank) == false else { throw Unreadable(description: "a line that goes on") }
            if line.first == "[", let close = line.lastIndex(of: "]") {
                result.add("section", utf8(line[(line.startIndex + 1)..<close]))
                continue
            }
            guard let equals = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw Unreadable(description: "neither section nor option")
            }
            var value = line[(equals + 1)...].drop(while: isBlank)
            while value.last.map(isBlank) == true { value.removeLast() }
            result.add("key", utf8(line[..<equals]))
            result.add("value", try withoutSpecifiers(utf8(value), others: false))
        }
        return result
    }

    /// A header of paths in quotes, where globs, homes and `#` at a line's start are live, and the lines of its block
    /// (config.c and popt's poptParseArgvString).
    static func logrotate(_ bytes: [UInt8]) throws -> ReadText {
        var result = ReadText()
        for line in lines(bytes, ends: "\n") {
            guard line.last == UInt8(ascii: "{") else {
                result.add("line", line)
                continue
            }
            guard line.firstIndex(of: UInt8(ascii: "{")) == line.count - 1, !line.contains(UInt8(ascii: "}")) else {
                throw Unreadable(description: "a brace among the paths")
            }
            for path in try words(Array(line.dropLast())).words {
                if path.contains(where: "*?[".utf8.contains) || path.first == UInt8(ascii: "~") {
                    result.structure.append("glob")
                }
                result.add("path", path)
            }
        }
        return result
    }

    /// The lines that are neither empty nor a comment, without their outer blanks.
    private static func lines(_ bytes: [UInt8], ends: String) -> [[UInt8]] {
        bytes.split(whereSeparator: ends.utf8.contains).map { trimmed($0) }
            .filter { $0.first.map { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") } ?? false }
    }

    /// Up to `limit` words, with their quotes and backslashes resolved, and what is behind them.
    private static func words(_ bytes: [UInt8], limit: Int = .max) throws -> (words: [[UInt8]], rest: [UInt8]) {
        var words: [[UInt8]] = []
        var rest = bytes[...].drop(while: Byte.isSpace)
        while !rest.isEmpty, words.count < limit {
            var word: [UInt8] = []
            var quote: UInt8?
            while let byte = rest.popFirst() {
                switch byte {
                case quote: quote = nil
                case Byte.backslash:
                    guard let next = rest.popFirst(), "\\\"'".utf8.contains(next) else {
                        throw Unreadable(description: "an unknown escape")
                    }
                    word.append(next)
                case Byte.quote where quote == nil, Byte.apostrophe where quote == nil: quote = byte
                case _ where quote == nil && Byte.isSpace(byte):
                    rest = rest.drop(while: Byte.isSpace)
                    words.append(word)
                    word = []
                    if words.count == limit || rest.isEmpty { return (words, Array(rest)) }
                default: word.append(byte)
                }
            }
            guard quote == nil else { throw Unreadable(description: "quotes are not closed") }
            words.append(word)
        }
        return (words, Array(rest))
    }

    /// `%%` is a percent sign. `others`, such as `%f`, are kept where they are allowed.
    private static func withoutSpecifiers(_ bytes: [UInt8], others: Bool = true) throws -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == Byte.percent {
                guard let next = rest.popFirst() else { throw Unreadable(description: "a lone %") }
                if next != Byte.percent {
                    guard others, next == UInt8(ascii: "f") else { throw Unreadable(description: "a specifier") }
                    result += [byte, next]
                    continue
                }
            }
            result.append(byte)
        }
        return result
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.drop(while: Byte.isSpace).reversed().drop(while: Byte.isSpace).reversed())
    }

    private static func utf8(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return Array(String(text).utf8)
    }
}
