import YAML

/// What came of reading a config file.
public struct LoadedConfig: Sendable {
    /// The config, or nil when there is any error.
    public var config: Config?
    /// Everything that was found, in the order of the file.
    public var diagnostics: [Diagnostic]

    /// How many of them are errors.
    public var errorCount: Int { diagnostics.count { $0.severity == .error } }
    /// How many of them are warnings.
    public var warningCount: Int { diagnostics.count { $0.severity == .warning } }
}

/// Reads config.yaml: bytes to a tree, the tree to typed values, the values against each other.
public struct ConfigLoader: Sendable {
    /// Most bytes of a config.
    public static var sizeLimit: Int { YAMLLimits.standard.bytes }

    /// Where variables and files are taken from.
    public var environment: ConfigEnvironment

    /// A loader that asks the process's environment, unless told otherwise.
    public init(environment: ConfigEnvironment = .process) {
        self.environment = environment
    }

    /// Reads the file at `path`; `file` is how diagnostics name it, `path` itself unless given.
    public func load(path: String, directory: String) -> LoadedConfig {
        do {
            let bytes = try environment.readFile(path, Self.sizeLimit)
            return load(bytes, file: path, directory: directory)
        } catch {
            let problem = Diagnostic(
                severity: .error, file: path, line: 0, column: 0, key: "", message: "can't be read: \(error.reason)",
                remedy: "name a config with --config, or make one with `putlive-gen init`", excerpt: "", caret: 1,
                width: 1)
            return LoadedConfig(config: nil, diagnostics: [problem])
        }
    }

    /// Reads `bytes`. `directory` is the absolute folder of the file, where the local role keeps its data.
    public func load(_ bytes: [UInt8], file: String, directory: String) -> LoadedConfig {
        let document = YAML.parse(bytes)
        let read = document.root ?? document.readable.flatMap { Self.isMapping($0) ? $0 : nil }
        let root = read ?? YAMLNode(content: .null, range: ReadingSession.start)
        let session = ReadingSession(
            file: file, source: bytes, root: root, environment: environment,
            role: Self.peek(root, "deployment", "role") ?? .single, version: Self.peek(root, "version") ?? .v31,
            directory: directory)
        session.isBroken = !document.problems.isEmpty
        for problem in document.problems {
            let remedy = Self.isBareVariable(at: problem.range.start, in: session.lines) ? Self.quoting : problem.remedy
            session.report(.error, at: problem.range, key: problem.key, problem.message, remedy: remedy)
        }
        guard read != nil else { return LoadedConfig(config: nil, diagnostics: session.finish()) }
        guard case .mapping = root.content else {
            // It may be the wrong file: a secret's, or a key's.
            session.hide(root.range)
            var isEmpty = false
            if case .null = root.content { isEmpty = true }
            session.report(
                .error, at: root.range, key: "", isEmpty ? "the file says nothing" : "the file holds no keys",
                remedy: Self.start)
            return LoadedConfig(config: nil, diagnostics: session.finish())
        }
        // What stands in another document isn't missing, only out of place.
        for case .mapping(let entries) in document.otherDocuments.map(\.content) {
            for entry in entries { session.doubt(entry.key) }
        }
        let section = Section(session: session, path: "", specPath: "", node: root)
        let config = Config(from: section)
        section.finish()
        session.runDeferred()
        Rules.check(config, in: session)
        let diagnostics = session.finish()
        let isGood = !diagnostics.contains { $0.severity == .error }
        return LoadedConfig(config: isGood ? config : nil, diagnostics: diagnostics)
    }

    private static let start = "begin with `putlive-gen init`, or write sections such as server: and streaming:"

    private static func isMapping(_ node: YAMLNode) -> Bool {
        if case .mapping = node.content { return true }
        return false
    }

    private static let quoting = "inside of braces write \"${NAME}\", in quotes"

    /// Whether a fault in syntax lies at the brace of a `${NAME}` without quotes, which YAML takes for a mapping.
    private static func isBareVariable(at mark: YAMLMark, in lines: SourceLines) -> Bool {
        let line = lines.scalars(mark.line)
        let index = mark.column - 1
        return index > 0 && index < line.count && line[index - 1] == "$" && line[index] == "{"
    }

    /// A word of an enumeration at `keys`, read before everything else.
    private static func peek<Value: RawRepresentable>(_ root: YAMLNode, _ keys: String...) -> Value?
    where Value.RawValue == String {
        var node = root
        for key in keys {
            guard case .mapping(let entries) = node.content, let entry = entries.first(where: { $0.key == key }) else {
                return nil
            }
            node = entry.value
        }
        guard case .scalar(let text, _) = node.content else { return nil }
        return Value(rawValue: text)
    }
}
