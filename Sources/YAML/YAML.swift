/// Reads YAML 1.1 by libyaml into a tree in which every key and value knows its place.
///
/// What a configuration file has no use for is refused: tags, merge keys, directives, several documents and keys
/// that aren't text. Anchors and aliases work, within the limits.
public enum YAML {
    /// Reads the bytes of one YAML file in UTF-8. It never throws: what is wrong is in the result's problems.
    public static func parse(_ bytes: [UInt8], limits: YAMLLimits = .standard) -> YAMLDocument {
        do {
            let source = try SourceText(checking: bytes, limit: limits.bytes)
            guard !source.body.isEmpty else {
                let start = YAMLMark(line: 1, column: 1)
                return YAMLDocument(
                    root: YAMLNode(content: .null, range: YAMLRange(start: start, end: start)), problems: [])
            }
            return source.body.withUnsafeBufferPointer { input in
                var builder = TreeBuilder(source: source, limits: limits)
                return builder.build(from: input)
            }
        } catch {
            guard let cleaned = withoutForeignComments(bytes, faultAt: error.range.start) else {
                return YAMLDocument(root: nil, problems: [error])
            }
            var document = parse(cleaned, limits: limits)
            document.readable = document.root ?? document.readable
            document.root = nil
            // Another fault may stand on the same line.
            if document.problems.first != error { document.problems.insert(error, at: 0) }
            return document
        }
    }

    /// The bytes with ASCII in place of all else in lines that are comments; nil if the fault lies elsewhere.
    private static func withoutForeignComments(_ bytes: [UInt8], faultAt mark: YAMLMark) -> [UInt8]? {
        var cleaned = bytes
        var line = 1
        var isComment = false
        var isIndentation = true
        var isFaultInComment = false
        for (index, byte) in bytes.enumerated() {
            if byte == Byte.lineFeed {
                line += 1
                isComment = false
                isIndentation = true
            } else if isIndentation && !Byte.isBlank(byte) {
                isIndentation = false
                isComment = byte == Byte.hash
            } else if isComment && byte >= 0x80 {
                cleaned[index] = UInt8(ascii: "?")
                if line == mark.line { isFaultInComment = true }
            }
        }
        return isFaultInComment ? cleaned : nil
    }
}
