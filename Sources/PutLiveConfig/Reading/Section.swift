import YAML

/// A part of the config that reads itself from a mapping. Reading is also the declaration of its keys: each call
/// of `Section` names a key, its type, its default and its one-line doc.
public protocol ConfigSection: Sendable {
    init(from section: Section)
}

/// A mapping being read, or described when the file has none there.
public final class Section {
    let session: ReadingSession
    /// Where in the file: `streaming.webrtc`, empty at the top.
    let path: String
    /// The path with `[]` for indices, as keys are described.
    let specPath: String
    private let entries: [String: YAMLEntry]
    private let order: [YAMLEntry]
    private let ownRange: YAMLRange?
    private var known: [String] = []

    init(session: ReadingSession, path: String, specPath: String, node: YAMLNode?, range: YAMLRange? = nil) {
        self.session = session
        self.path = path
        self.specPath = specPath
        ownRange = range ?? node?.range
        if case .mapping(let entries)? = node?.content {
            order = entries
            self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        } else {
            order = []
            entries = [:]
        }
    }

    var role: Deployment.Role { session.role }
    var isLocal: Bool { session.role == .local }
    var version: ConfigVersion { session.version }

    /// The place of local data: below the config's own folder.
    func localPath(_ name: String) -> String {
        session.directory == "/" ? "/\(name)" : "\(session.directory)/\(name)"
    }

    /// Whether the file has the key.
    func has(_ key: String) -> Bool { entries[key] != nil }

    /// A scalar, or its default.
    func value<Value>(_ key: String, _ type: ValueType<Value>, default fallback: Value, _ doc: String) -> Value {
        describe(key, .value, type.name, type.form, type.print(fallback), doc, type.schema, type.json(fallback))
        return scalar(key, type) ?? fallback
    }

    /// A scalar that must be there; `placeholder` stands in for it once its absence is reported.
    func required<Value>(_ key: String, _ type: ValueType<Value>, placeholder: Value, _ doc: String) -> Value {
        describe(key, .value, type.name, type.form, "", doc, type.schema, nil, required: true)
        if !has(key) {
            // Once the section is read: the key may turn out misspelt.
            session.later { [place = name(key), range = ownRange ?? ReadingSession.start] session in
                guard !session.isDoubtful(place) else { return }
                session.report(.error, at: range, key: place, "is missing", remedy: "add \(key): \(type.form)")
            }
        }
        return scalar(key, type) ?? placeholder
    }

    /// A list of scalars, at most `limit` and each but once; one scalar alone stands for a list of one where `orOne`
    /// says so.
    func values(
        _ key: String, _ type: ValueType<String>, default fallback: [String], limit: Int, orOne: Bool = false,
        _ doc: String
    ) -> [String] {
        describe(
            key, .values, "list of \(type.name)", type.form,
            "[" + fallback.map(type.print).joined(separator: ", ") + "]", doc,
            Self.listSchema(of: type, limit: limit, orOne: orOne), .array(fallback.map(type.json)))
        guard let entry = take(key) else { return fallback }
        guard case .sequence(let items) = entry.value.content else {
            if orOne, case .scalar = entry.value.content { return scalar(key, type).map { [$0] } ?? fallback }
            wrongKind(entry, "a list of \(type.name)s", remedy: "write each on a line of its own, after a dash")
            return fallback
        }
        if items.count > limit { tooMany(entry, items, limit) }
        var seen: Set<String> = []
        return items.prefix(limit).enumerated().compactMap { index, item in
            let place = name(key) + "[\(index)]"
            guard let value = read(item, place, type) else { return nil }
            if !seen.insert(value.lowercased()).inserted {
                session.report(
                    .error, at: item.range, key: place, "\(quoted(value)) is listed twice", remedy: "remove one",
                    value: value)
            }
            return value
        }
    }

    /// A mapping of its own.
    func section<Child: ConfigSection>(_ key: String, _ doc: String) -> Child {
        describe(key, .section, "section", "", "", doc, [:], nil)
        let entry = take(key)
        if let entry, !isMapping(entry.value) {
            var remedy = "put its keys below it, indented"
            if case .scalar(let text, _) = entry.value.content, text.contains(":") {
                remedy += ", each with a space after its colon"
            }
            wrongKind(entry, "a section", remedy: remedy)
        }
        let child = Section(
            session: session, path: name(key), specPath: specName(key), node: entry?.value, range: entry?.keyRange)
        let result = Child(from: child)
        child.finish()
        return result
    }

    /// A list of mappings, at most `limit`.
    func list<Child: ConfigSection>(_ key: String, default fallback: [Child], limit: Int, _ doc: String) -> [Child] {
        describe(key, .sections, "list", "", "", doc, ["maxItems": .int(limit)], nil)
        if session.isDescribing {
            _ = Child(from: Section(session: session, path: "", specPath: specName(key) + "[]", node: nil))
        }
        guard let entry = take(key) else { return fallback }
        guard case .sequence(let items) = entry.value.content else {
            wrongKind(entry, "a list", remedy: "begin each of its elements with a dash")
            return fallback
        }
        if items.count > limit { tooMany(entry, items, limit) }
        return items.prefix(limit).enumerated().map { index, item in
            let place = name(key) + "[\(index)]"
            guard isMapping(item) else {
                session.hide(item.range)
                session.report(
                    .error, at: item.range, key: place, "is \(kind(item)) where a section belongs",
                    remedy: "write its keys after the dash, as key: value")
                // Its place is kept, so that those after it are found by their indices.
                return session.silently { Child(from: Section(session: session, path: place, specPath: "", node: nil)) }
            }
            let child = Section(session: session, path: place, specPath: specName(key) + "[]", node: item)
            let result = Child(from: child)
            child.finish()
            return result
        }
    }

    // MARK: - The parts

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    private func specName(_ key: String) -> String { specPath.isEmpty ? key : "\(specPath).\(key)" }

    /// Notes that the key exists, and gives its entry unless its value is missing.
    func take(_ key: String) -> YAMLEntry? {
        guard let entry = entries[key] else { return nil }
        if case .null = entry.value.content {
            // A secret that begins with # is a comment to YAML.
            session.hide(entry.value.range)
            session.report(
                .error, at: entry.keyRange, key: name(key), "has no value",
                remedy: "give it a value, or remove the key")
            return nil
        }
        return entry
    }

    private static func listSchema(of type: ValueType<String>, limit: Int, orOne: Bool) -> [String: JSONValue] {
        let list: [String: JSONValue] = [
            "type": .string("array"), "items": .object(type.schema), "maxItems": .int(limit),
        ]
        return orOne ? ["anyOf": .array([.object(type.schema), .object(list)])] : list
    }

    /// Notes that the key is known. What describes it is worked out only when that is what is asked for.
    func describe(
        _ key: String, _ kind: KeySpec.Kind, _ type: @autoclosure () -> String, _ form: @autoclosure () -> String,
        _ defaultText: @autoclosure () -> String, _ doc: String, _ schema: @autoclosure () -> [String: JSONValue],
        _ defaultJSON: @autoclosure () -> JSONValue?, required: Bool = false
    ) {
        known.append(key)
        guard session.isDescribing else { return }
        session.record(
            KeySpec(
                path: specName(key), kind: kind, type: type(), form: form(), defaultText: defaultText(), doc: doc,
                schema: schema(), defaultJSON: defaultJSON(), isRequired: required))
    }

    private func scalar<Value>(_ key: String, _ type: ValueType<Value>) -> Value? {
        take(key).flatMap { read($0.value, name(key), type) }
    }

    private func read<Value>(_ node: YAMLNode, _ place: String, _ type: ValueType<Value>) -> Value? {
        guard case .scalar(let text, _) = node.content else {
            session.hide(node.range)
            session.report(
                .error, at: node.range, key: place, "is \(kind(node)) where \(article(type.name)) belongs",
                remedy: "write \(type.form)")
            return nil
        }
        do {
            return try type.parse(text)
        } catch {
            if !error.secrets.isEmpty { session.hide(node.range) }
            error.secrets.forEach(session.hide)
            session.report(
                .error, at: node.range, key: place, error.message, remedy: error.remedy,
                value: error.secrets.isEmpty ? text : "")
            return nil
        }
    }

    private func isMapping(_ node: YAMLNode) -> Bool {
        if case .mapping = node.content { return true }
        return false
    }

    private func kind(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a section"
        case .null: "empty"
        }
    }

    /// What isn't understood isn't shown: nobody has looked for secrets in it.
    private func wrongKind(_ entry: YAMLEntry, _ wanted: String, remedy: String) {
        session.hide(entry.value.range)
        session.report(
            .error, at: entry.keyRange, key: name(entry.key), "is \(kind(entry.value)) where \(wanted) belongs",
            remedy: remedy)
    }

    private func tooMany(_ entry: YAMLEntry, _ items: [YAMLNode], _ limit: Int) {
        for item in items.dropFirst(limit) { session.hide(item.range) }
        session.report(
            .error, at: entry.keyRange, key: name(entry.key), "has more than \(limit) elements",
            remedy: "remove some: \(limit) is the most")
    }

    /// Reports the keys that nobody asked for. Their values stay hidden: a misspelt key may hold a secret.
    func finish() {
        for entry in order where !known.contains(entry.key) {
            session.hide(entry.value.range)
            // To YAML `{key:value}` and `{key value}` are keys.
            let stem = Self.stem(entry.key)
            let isWord = stem == entry.key
            if !isWord { session.hide(entry.keyRange) }
            guard !session.isFull else { continue }
            let shown = isWord ? stem : known.contains(stem) ? "\(stem)…" : "…"
            session.report(
                .error, at: entry.keyRange, key: name(shown), "is not a key of config.yaml",
                remedy: suggestion(entry.key))
        }
    }

    /// A key as far as it is a word.
    private static func stem(_ key: String) -> String {
        String(key.unicodeScalars.prefix { $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0) })
    }

    private func suggestion(_ key: String) -> String {
        let stem = Self.stem(key)
        if stem != key && known.contains(stem) {
            session.doubt(name(stem))
            return "write a colon and a space after \(stem)"
        }
        if let near = nearest(to: key, in: known) {
            session.doubt(name(near))
            return "did you mean \(near)?"
        }
        let places = ConfigSchema.keys.filter { $0.name == key }.map(\.path)
        if !places.isEmpty {
            places.forEach(session.doubt)
            return "it belongs elsewhere: \(places.prefix(3).joined(separator: ", or "))"
        }
        let all = known.filter { !$0.hasSuffix("_file") }.joined(separator: ", ")
        let place = path.isEmpty ? "the top" : path
        if let near = nearest(to: key, in: ConfigSchema.keys.map(\.name)),
            let other = ConfigSchema.keys.first(where: { $0.name == near })
        {
            session.doubt(other.path)
            return "did you mean \(other.path)? Known at \(place) are \(all)"
        }
        return "remove it; known at \(place) are \(all)"
    }
}
