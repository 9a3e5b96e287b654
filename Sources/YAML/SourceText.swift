/// The checked text of a file by lines, for messages that depend on what stands around a fault.
struct SourceText {
    /// The file as read.
    let bytes: [UInt8]
    /// For each line the offset of its first byte, after a byte order mark.
    let lineStarts: [Int]

    /// Where `offset(of:)` was last, so that questions in the file's order take linear time even on one long line.
    private var cursor: (mark: YAMLMark, offset: Int)

    init(bytes: [UInt8], lineStarts: [Int]) {
        self.bytes = bytes
        self.lineStarts = lineStarts
        cursor = (YAMLMark(line: 1, column: 1), lineStarts.first ?? 0)
    }

    /// The text without the byte order mark.
    var body: ArraySlice<UInt8> {
        bytes[(lineStarts.first ?? 0)...]
    }

    /// The offsets of a line's bytes without its line end; empty for a line that isn't there.
    func line(_ number: Int) -> Range<Int> {
        guard lineStarts.indices.contains(number - 1) else { return bytes.endIndex..<bytes.endIndex }
        let start = lineStarts[number - 1]
        guard lineStarts.indices.contains(number) else { return start..<bytes.endIndex }
        var end = lineStarts[number] - 1
        if end > start, bytes[end - 1] == Byte.carriageReturn { end -= 1 }
        return start..<end
    }

    /// A mark of libyaml's as a place of the file: it takes the end of a file without a last line end for a line more.
    func place(of mark: YAMLMark) -> YAMLMark {
        guard mark.line > lineStarts.count else { return mark }
        return YAMLMark(line: lineStarts.count, column: columns(line(lineStarts.count)) + 1)
    }

    /// The offset of the byte at a mark; the line's end for a mark beyond it.
    mutating func offset(of mark: YAMLMark) -> Int {
        let line = line(mark.line)
        if mark.line != cursor.mark.line || mark.column < cursor.mark.column {
            cursor = (YAMLMark(line: mark.line, column: 1), line.lowerBound)
        }
        while cursor.mark.column < mark.column, cursor.offset < line.upperBound {
            cursor.offset += 1
            if cursor.offset == line.upperBound || !Byte.isContinuation(bytes[cursor.offset]) {
                cursor.mark.column += 1
            }
        }
        return cursor.offset
    }

    /// The byte at a mark; nil at the end of a line.
    mutating func byte(at mark: YAMLMark) -> UInt8? {
        let offset = offset(of: mark)
        return offset < line(mark.line).upperBound ? bytes[offset] : nil
    }

    /// True where only the end of the file follows a mark.
    mutating func isEnd(_ mark: YAMLMark) -> Bool {
        offset(of: mark) == bytes.endIndex
    }

    /// How many Unicode scalars a stretch of bytes holds.
    func columns(_ range: Range<Int>) -> Int {
        bytes[range].reduce(0) { Byte.isContinuation($1) ? $0 : $0 + 1 }
    }

    /// The line's spaces and tabs before its text.
    func indentation(ofLine number: Int) -> Range<Int> {
        let line = line(number)
        let end = bytes[line].firstIndex { !Byte.isBlank($0) }
        return line.lowerBound..<(end ?? line.upperBound)
    }

    /// True where the line holds neither text nor a comment.
    private func isTextless(line number: Int) -> Bool {
        let line = line(number)
        let start = indentation(ofLine: number).upperBound
        return start == line.upperBound || bytes[start] == Byte.hash
    }

    /// The number of the nearest line above a line that holds text; 0 where there is none.
    func textLine(above number: Int) -> Int {
        var line = number - 1
        while line > 0, isTextless(line: line) { line -= 1 }
        return line
    }

    /// True where a document end marker (`...`) stands above a line, without text between.
    func endsDocument(above number: Int) -> Bool {
        bytes[line(textLine(above: number))].starts(with: "...".utf8)
    }

    /// The place of the first tab in the line's indentation.
    func tabInIndentation(ofLine number: Int) -> YAMLMark? {
        let indentation = indentation(ofLine: number)
        guard let tab = bytes[indentation].firstIndex(of: Byte.tab) else { return nil }
        return YAMLMark(line: number, column: tab - indentation.lowerBound + 1)
    }

    /// From a mark to the end of its line's text, at least one column.
    mutating func restOfLine(from mark: YAMLMark) -> YAMLRange {
        let start = offset(of: mark)
        let line = line(mark.line)
        let end = bytes[start..<max(start, line.upperBound)].lastIndex { !Byte.isBlank($0) }
        return YAMLRange(at: mark, columns: max(1, columns(start..<(end.map { $0 + 1 } ?? start))))
    }

    /// True where a stretch of bytes holds a colon that separates a key from a value: one before a blank or the end.
    func separatesKey(_ range: Range<Int>) -> Bool {
        range.contains { index in
            bytes[index] == Byte.colon && (index + 1 >= range.upperBound || Byte.isBlank(bytes[index + 1]))
        }
    }
}

/// The bytes that YAML gives a meaning.
enum Byte {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let colon = UInt8(ascii: ":")
    static let hash = UInt8(ascii: "#")
    static let percent = UInt8(ascii: "%")
    static let ampersand = UInt8(ascii: "&")
    static let exclamation = UInt8(ascii: "!")
    static let dash = UInt8(ascii: "-")

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == tab
    }

    /// True for the second and later bytes of a character in UTF-8.
    static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
