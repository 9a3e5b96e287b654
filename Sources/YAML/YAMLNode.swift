/// A value of a YAML file with the place it was read from.
public struct YAMLNode: Sendable {
    /// How a scalar was written, which decides whether `8080` or `true` is text.
    public enum ScalarStyle: Sendable {
        /// Without quotes.
        case plain
        /// In single or double quotes.
        case quoted
        /// A block after `|` or `>`.
        case block
    }

    /// What a value is, and what it holds.
    public enum Content: Sendable {
        /// Text, with quotes, escapes and folding already resolved.
        case scalar(String, ScalarStyle)
        /// The values of a list.
        case sequence([YAMLNode])
        /// Entries in the file's order, each key once.
        case mapping([YAMLEntry])
        /// An omitted value, or a plain `~`, `null`, `Null` or `NULL`.
        case null
    }

    /// What the value is.
    public var content: Content
    /// The value's text: quotes, brackets and a preceding anchor are in it; for an alias it is the alias.
    ///
    /// A block collection ends where its last value ends.
    public var range: YAMLRange

    /// A value at a place.
    public init(content: Content, range: YAMLRange) {
        self.content = content
        self.range = range
    }
}

/// One `key: value` of a mapping.
public struct YAMLEntry: Sendable {
    /// The key, with quotes and escapes resolved.
    public var key: String
    /// The key's place, its quotes in it.
    public var keyRange: YAMLRange
    /// The value after the colon; `.null` where there is none.
    public var value: YAMLNode

    /// An entry with its key's place.
    public init(key: String, keyRange: YAMLRange, value: YAMLNode) {
        self.key = key
        self.keyRange = keyRange
        self.value = value
    }
}
