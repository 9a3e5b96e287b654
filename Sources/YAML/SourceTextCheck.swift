extension SourceText {
    /// Checks size, encoding and characters before libyaml sees the bytes, and finds the lines.
    ///
    /// Stricter than libyaml in what would make its lines differ from an editor's (a lone CR, U+0085, U+2028, U+2029)
    /// and in directives, whose handling takes it quadratic time.
    init(checking bytes: [UInt8], limit: Int) throws(YAMLProblem) {
        guard bytes.count <= limit else {
            throw YAMLProblem(
                message: "the file has \(bytes.count) bytes, more than the \(limit) that are read",
                remedy: "check that this is the right file, and remove what does not belong in it",
                range: YAMLRange(at: YAMLMark(line: 1, column: 1), columns: 0))
        }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw Self.utf16Problem
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var lineStarts = [start]
        let fault = bytes.withUnsafeBufferPointer { CharacterCheck(bytes: $0).run(from: start, &lineStarts) }
        self.init(bytes: bytes, lineStarts: lineStarts)
        guard let fault else { return }
        if case .character(0) = fault.kind, fault.offset < 4 {
            throw Self.utf16Problem
        }
        let lineStart = lineStarts.last ?? start
        let mark = YAMLMark(line: lineStarts.count, column: columns(lineStart..<fault.offset) + 1)
        throw fault.problem(at: mark)
    }

    private static let utf16Problem = YAMLProblem(
        message: "the file is not in UTF-8 but seems to be in UTF-16 or UTF-32",
        remedy: "save it as UTF-8 in your editor",
        range: YAMLRange(at: YAMLMark(line: 1, column: 1), columns: 0))
}

/// The first byte of a file that can't be accepted.
private struct CharacterFault {
    enum Kind {
        case notUTF8
        case directive
        /// A character outside what YAML allows, by its code point.
        case character(UInt32)
    }

    var kind: Kind
    var offset: Int

    func problem(at mark: YAMLMark) -> YAMLProblem {
        let (message, remedy) =
            switch kind {
            case .notUTF8:
                (
                    "byte \(offset + 1) of the file is not valid UTF-8",
                    "save the file as UTF-8 in your editor, or type the character anew"
                )
            case .directive:
                (
                    "a line must not start with '%': YAML directives are not supported",
                    "remove the line; if it is text, put it in quotes on the line of its key"
                )
            case .character(0x0D):
                (
                    "there is a carriage return that does not end a line",
                    "save the file with LF or CR LF line ends"
                )
            case .character(0xFEFF):
                (
                    "there is a byte order mark (U+FEFF) inside the file",
                    "delete the invisible character; only the file's first may be one"
                )
            case .character(0x2028), .character(0x2029), .character(0x85):
                (
                    "there is an invisible line separator (\(name)) in the file",
                    "replace it with a normal line end or a space"
                )
            case .character:
                (
                    "the control character \(name) is not allowed",
                    "delete it; if it is meant, write it as an escape such as \\x1b in double quotes"
                )
            }
        return YAMLProblem(message: message, remedy: remedy, range: YAMLRange(at: mark))
    }

    /// The character as U+0007.
    private var name: String {
        guard case .character(let value) = kind else { return "" }
        if value == 0 { return "NUL (U+0000)" }
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// One pass over the bytes that stops at the first fault.
private struct CharacterCheck {
    let bytes: UnsafeBufferPointer<UInt8>

    /// Appends the start of every further line to `lineStarts`.
    func run(from start: Int, _ lineStarts: inout [Int]) -> CharacterFault? {
        var index = start
        var lineStart = start
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case Byte.percent where index == lineStart:
                return CharacterFault(kind: .directive, offset: index)
            case 0x20...0x7E, Byte.tab:
                index += 1
            case Byte.lineFeed:
                index += 1
                lineStart = index
                lineStarts.append(index)
            case Byte.carriageReturn where index + 1 < bytes.count && bytes[index + 1] == Byte.lineFeed:
                index += 1
            case 0x80...:
                guard let (value, length) = scalar(at: index) else {
                    return CharacterFault(kind: .notUTF8, offset: index)
                }
                switch value {
                case 0x80...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                    return CharacterFault(kind: .character(value), offset: index)
                default:
                    index += length
                }
            default:
                return CharacterFault(kind: .character(UInt32(byte)), offset: index)
            }
        }
        return nil
    }

    /// The code point of the character of two to four bytes at an offset, or nil where it isn't well-formed
    /// (Unicode, table 3-7).
    private func scalar(at index: Int) -> (value: UInt32, length: Int)? {
        let lead = bytes[index]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for next in bytes[(index + 1)..<(index + length)] {
            guard Byte.isContinuation(next) else { return nil }
            value = value << 6 | UInt32(next & 0x3F)
        }
        return (value, length)
    }
}
