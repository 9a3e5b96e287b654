/// The lines of a source file, counted as the YAML reader counts them: they end with LF or CR LF, and nothing else.
struct SourceLines {
    private let bytes: [UInt8]
    /// The offset of each line's first byte, after a byte order mark.
    private let starts: [Int]

    init(_ source: [UInt8]) {
        bytes = source
        var starts = [source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        for index in source.indices where source[index] == 0x0A { starts.append(index + 1) }
        self.starts = starts
    }

    var count: Int { starts.count }

    /// The bytes of line `line` (1-based) without its end; empty for a line that isn't there.
    func bytes(_ line: Int) -> ArraySlice<UInt8> {
        guard starts.indices.contains(line - 1) else { return [] }
        let start = starts[line - 1]
        var end = line < starts.count ? starts[line] - 1 : bytes.count
        if end > start && bytes[end - 1] == 0x0D { end -= 1 }
        return bytes[start..<end]
    }

    /// The characters of line `line` (1-based).
    func scalars(_ line: Int) -> [UnicodeScalar] {
        Array(String(decoding: bytes(line), as: UTF8.self).unicodeScalars)
    }
}
