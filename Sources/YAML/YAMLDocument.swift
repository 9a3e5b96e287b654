/// What came of reading a YAML file.
public struct YAMLDocument: Sendable {
    /// The tree; nil after an error in syntax or encoding and beyond a limit, `.null` for an empty file.
    public var root: YAMLNode?
    /// What could be read of a file without a tree, where that is only for a second document or a comment's encoding.
    public var readable: YAMLNode?
    /// Of several documents the others, as far as they were read: what someone may miss in the first.
    public var otherDocuments: [YAMLNode] = []
    /// All problems found, in the order of the file.
    public var problems: [YAMLProblem]

    /// A tree and what is wrong with its file.
    public init(root: YAMLNode?, problems: [YAMLProblem]) {
        self.root = root
        self.problems = problems
    }
}

/// Bounds on what is read, so that a hostile file costs little time and memory.
public struct YAMLLimits: Sendable {
    /// The largest file, in bytes.
    public var bytes: Int
    /// How many collections may be open inside one another, aliases expanded.
    public var depth: Int
    /// How many nodes there may be, aliases expanded: scalars, collections and keys.
    public var nodes: Int

    /// Limits, the standard ones where none are given.
    public init(bytes: Int = 1 << 20, depth: Int = 64, nodes: Int = 10_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }

    /// 1 MiB, 64 deep, 10,000 nodes.
    public static let standard = YAMLLimits()
}
