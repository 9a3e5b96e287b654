import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a key of config.yaml.",
        discussion:
            "A key is written as its path: streaming.rtmp_port, or streaming.qualities.fps. A section lists its keys.")

    @Argument(help: "The key.", completion: .list(ConfigSchema.keys.map(\.path))) var key: String
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func run() throws {
        guard let spec = ConfigSchema.key(key) else {
            let near = ConfigSchema.suggestions(for: key)
            Console.error(
                "\(key) is not a key of config.yaml",
                remedy: near.isEmpty
                    ? "`putlive-gen schema --format markdown` lists them all"
                    : "did you mean \(near.joined(separator: " or "))?")
            throw ExitCode(1)
        }
        let children = ConfigSchema.keys.filter { $0.parent == spec.path || $0.parent == spec.path + "[]" }
        switch format {
        case .json: Console.result(try JSONText.encode(Report(spec, children)))
        case .text: Console.result(text(spec, children))
        }
    }

    private func text(_ spec: KeySpec, _ children: [KeySpec]) -> String {
        var rows = [Console.resultPaint.bold(spec.path), "  \(spec.doc)", "  type:    \(spec.type)"]
        if !spec.form.isEmpty { rows.append("  write:   \(spec.form)") }
        if spec.isRequired {
            rows.append("  default: none, it is required")
        } else if spec.kind == .value || spec.kind == .values {
            rows.append("  default: \(spec.defaultText.isEmpty ? "empty" : spec.defaultText)")
        }
        if !children.isEmpty {
            rows.append("  keys:")
            rows += children.map { "    \($0.name): \($0.doc)" }
        }
        return rows.joined(separator: "\n") + "\n"
    }

    private struct Report: Encodable {
        var key: String
        var type: String
        var form: String
        var `default`: String
        var required: Bool
        var secret: Bool
        var doc: String
        var keys: [String]

        init(_ spec: KeySpec, _ children: [KeySpec]) {
            key = spec.path
            type = spec.type
            form = spec.form
            `default` = spec.defaultText
            required = spec.isRequired
            secret = spec.kind == .secret
            doc = spec.doc
            keys = children.map(\.path)
        }
    }
}
