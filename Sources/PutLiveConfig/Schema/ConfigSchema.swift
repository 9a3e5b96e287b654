import YAML

/// Everything that config.yaml may say, as data.
public enum ConfigSchema {
    /// Every key, sections and list elements included, in the order in which a file would hold them.
    public static let keys: [KeySpec] = {
        let empty = YAMLNode(content: .mapping([]), range: ReadingSession.start)
        let session = ReadingSession(
            file: "", source: [], root: empty, environment: .empty, role: .single, version: .v31, directory: "/",
            isDescribing: true)
        _ = Config(from: Section(session: session, path: "", specPath: "", node: empty))
        return session.specs
    }()

    /// The key at `path`, written with or without indices: `streaming.qualities[0].fps`, `streaming.qualities.fps`.
    public static func key(_ path: String) -> KeySpec? {
        let wanted = plain(path)
        return keys.first { plain($0.path) == wanted }
    }

    /// The keys whose path is most like `path`, for a person who misspelt it.
    public static func suggestions(for path: String) -> [String] {
        let name = path.split(separator: ".").last.map(String.init) ?? path
        let same = keys.filter { $0.name == name }.map(\.path)
        if !same.isEmpty { return same }
        if let near = nearest(to: path, in: keys.map(\.path)) { return [near] }
        guard let near = nearest(to: name, in: keys.map(\.name)) else { return [] }
        return keys.filter { $0.name == near }.map(\.path)
    }

    private static func plain(_ path: String) -> String {
        var result = ""
        var inside = false
        for character in path {
            if character == "[" { inside = true }
            if !inside { result.append(character) }
            if character == "]" { inside = false }
        }
        return result
    }

    /// The JSON Schema (2020-12) of the file, for editors: a `yaml-language-server` reads it.
    public static func jsonSchema() -> JSONValue {
        var root = object(at: "")
        root["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        root["title"] = .string("PutLive config.yaml")
        root["description"] = .string("The one file that a PutLive host is made from.")
        return .object(root)
    }

    private static func object(at parent: String) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        var required: [JSONValue] = []
        for spec in keys where spec.parent == parent {
            properties[spec.name] = schema(of: spec)
            if spec.isRequired { required.append(.string(spec.name)) }
        }
        var result: [String: JSONValue] = [
            "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
        ]
        if !required.isEmpty { result["required"] = .array(required) }
        return result
    }

    private static func schema(of spec: KeySpec) -> JSONValue {
        var result = spec.schema
        switch spec.kind {
        case .section:
            result = object(at: spec.path)
        case .sections:
            result["type"] = .string("array")
            result["items"] = .object(object(at: spec.path + "[]"))
        case .secret:
            result["writeOnly"] = .bool(true)
        case .value, .values:
            break
        }
        result["description"] = .string(spec.form.isEmpty ? spec.doc : "\(spec.doc) Write \(spec.form).")
        if let value = spec.defaultJSON { result["default"] = value }
        return .object(result)
    }

    /// The table of every key for the README, in Markdown.
    public static func markdownTable() -> String {
        var rows = ["| key | type | default | what it does |", "| --- | --- | --- | --- |"]
        for spec in keys {
            let value: String
            switch spec.kind {
            case .section, .sections: value = ""
            case .secret: value = "none"
            case .value, .values: value = spec.isRequired ? "required" : code(spec.defaultText)
            }
            let type = spec.form.isEmpty ? spec.type : "\(spec.type): \(spec.form)"
            rows.append("| `\(spec.path)` | \(cell(type)) | \(value) | \(cell(spec.doc)) |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    private static func code(_ text: String) -> String { text.isEmpty ? "empty" : "`\(text)`" }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
    }
}

extension ConfigSchema {
    /// The config of an empty file: every default, and no check.
    public static let defaults: Config = {
        let empty = YAMLNode(content: .mapping([]), range: ReadingSession.start)
        let session = ReadingSession(
            file: "", source: [], root: empty, environment: .empty, role: .single, version: .v31, directory: "/")
        return Config(from: Section(session: session, path: "", specPath: "", node: empty))
    }()
}
