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
            return YAMLDocument(root: nil, problems: [error])
        }
    }
}
