/// What is known of one key of config.yaml: the row that `schema`, `explain` and the README's table are made from.
public struct KeySpec: Sendable {
    /// What stands at a key.
    public enum Kind: Sendable {
        /// A scalar.
        case value
        /// A list of scalars.
        case values
        /// A mapping with keys of its own.
        case section
        /// A list of mappings.
        case sections
        /// A scalar that must not be shown, with a sibling `…_file`.
        case secret
    }

    /// The dotted path; `[]` stands for every element of a list: `streaming.qualities[].fps`.
    public var path: String
    /// What stands at the key.
    public var kind: Kind
    /// The type with its unit: `port`, `duration`.
    public var type: String
    /// What to write.
    public var form: String
    /// The default as it would be written, empty for none.
    public var defaultText: String
    /// One line: what the key does.
    public var doc: String
    /// JSON Schema of a value, without description and default.
    var schema: [String: JSONValue]
    var defaultJSON: JSONValue?
    /// Whether a file without the key is refused.
    public var isRequired = false

    /// The last part of the path.
    public var name: String {
        String(path.split(separator: ".").last ?? "")
    }

    /// The path of the section that holds the key, empty at the top.
    public var parent: String {
        path.split(separator: ".").dropLast().joined(separator: ".")
    }
}
