import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", _superCommandName: "putlive-gen",
        abstract: "Render every file of the host into a folder.",
        discussion: """
            The folder becomes a tree as on the host, with a manifest.json of path, mode, owner and hash. An earlier render's \
            output there is replaced. When the config is bad, nothing is written at all.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Option(
        name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"), completion: .directory)
    var output: String
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Render these artifacts alone, by name or host path.", valueName: "name"),
        completion: .list(Catalog.artifacts.map(\.name)))
    var only: [String] = []
    @Option(help: "How to report: text or json.") var format = ReportFormat.text

    func validate() throws {
        if output.isEmpty { throw ValidationError("--output names no folder") }
    }

    func run() throws {
        let config = try options.load(format)
        let set = try ArtifactSet.rendered(config, try shareOptions.find(), only: only)
        let result = try reportingErrors { try TreeWriter(folder: output).write(set, isPart: !only.isEmpty) }
        switch format {
        case .json:
            Console.result(
                try JSONText.encode(
                    Report(
                        output: output, written: result.written, unchanged: result.unchanged, removed: result.removed)))
        case .text:
            Console.report(
                inert(output) + ": \(result.written.count) written, \(result.unchanged.count) unchanged, "
                    + "\(result.removed.count) removed")
        }
    }

    private struct Report: Encodable {
        var output: String
        var written: [String]
        var unchanged: [String]
        var removed: [String]
    }
}
