import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of config.yaml, or the table of its keys.",
        discussion: """
            JSON Schema 2020-12. For an editor with a YAML language server, write it to a file and begin config.yaml with
            # yaml-language-server: $schema=putlive.schema.json
            """)

    @Option(help: "What to print: json (the schema) or markdown (a table of every key).") var format = Format.json

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, markdown
    }

    func run() throws {
        switch format {
        case .json: Console.result(try JSONText.encode(ConfigSchema.jsonSchema()))
        case .markdown: Console.result(ConfigSchema.markdownTable())
        }
    }
}
