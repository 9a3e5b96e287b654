import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the artifacts that a config asks for.",
        discussion: """
            Each with its mode, owner, host path and purpose; as JSON also with its native check and what a change of it needs \
            on the host.
            """)

    @OptionGroup var options: ConfigOptions
    @Flag(help: "List every artifact that there is, for every role; no config is read.") var all = false
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func run() throws {
        let rows: [Row]
        if all {
            // Paths that the config decides are shown with their defaults.
            let config = ConfigSchema.defaults
            rows = Catalog.artifacts.map { Row($0, config) }
        } else {
            let config = try options.load(format)
            rows = Catalog.artifacts.filter { $0.applies(to: config) }.map { Row($0, config) }
        }
        switch format {
        case .json: Console.result(try JSONText.encode(rows))
        case .text: Console.result(table(rows))
        }
    }

    private func table(_ rows: [Row]) -> String {
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let pathWidth = rows.map(\.path.count).max() ?? 0
        let ownerWidth = rows.map { $0.owner.count + $0.group.count + 1 }.max() ?? 0
        return rows.map { row in
            let owner = "\(row.owner):\(row.group)"
            return [
                pad(row.name, nameWidth), row.mode, pad(owner, ownerWidth), pad(row.path, pathWidth), row.purpose,
            ].joined(separator: "  ") + "\n"
        }.joined()
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private struct Row: Encodable {
        var name: String
        var path: String
        var mode: String
        var owner: String
        var group: String
        var roles: [String]
        var onChange: String
        var check: String
        var sensitive: Bool
        var purpose: String

        init(_ artifact: Artifact, _ config: Config) {
            name = artifact.name
            path = artifact.path(config)
            mode = artifact.modeText
            owner = artifact.owner
            group = artifact.group
            roles = artifact.roles.map(\.rawValue).sorted()
            onChange = artifact.onChange.description
            check = artifact.check.rawValue
            sensitive = artifact.isSensitive
            purpose = artifact.purpose
        }
    }
}
