/// One line, `<type>=<value>`.
struct SDPLine {
    /// From 1.
    let number: Int
    /// One lower-case letter.
    let type: Character
    let value: String

    var text: String { "\(type)=\(value)" }

    /// Splits a whole description. It ends lines with CR LF (RFC 8866 section 5); LF alone is common and taken too.
    /// Empty lines are passed over, for what is pasted or sent by HTTP often ends in some.
    static func lines(of text: String) throws(SDPError) -> [SDPLine] {
        guard text.utf8.count <= SDPLimits.bytes else {
            throw .malformed(line: 0, text: "", problem: "is longer than \(SDPLimits.bytes) bytes")
        }
        var lines: [SDPLine] = []
        var number = 0
        // By bytes: to Swift, CR LF is one character, and not a line feed.
        for slice in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard number <= SDPLimits.lines else {
                throw .malformed(line: 0, text: "", problem: "has more than \(SDPLimits.lines) lines")
            }
            if let line = try line(slice, number) { lines.append(line) }
        }
        return lines
    }

    private static func line(_ slice: Substring.UTF8View, _ number: Int) throws(SDPError) -> SDPLine? {
        var bytes = slice
        if bytes.last == 0x0D { bytes.removeLast() }
        while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
        guard let first = bytes.first else { return nil }
        let isLetter = (0x61...0x7A).contains(first)
        guard isLetter, bytes.dropFirst().first == 0x3D, !bytes.contains(where: isControl) else {
            // The line itself may hold anything, so it isn't repeated.
            throw .malformed(line: number, text: "…", problem: "is no line of SDP: a letter, '=' and text are")
        }
        let value = String(Substring(bytes.dropFirst(2)))
        return SDPLine(number: number, type: Character(UnicodeScalar(first)), value: value)
    }

    /// Above all CR within a line, which would forge a line wherever the value is repeated.
    private static func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }
}
