import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", _superCommandName: "putlive-gen",
        abstract: "Find drift: where a tree differs from its config.",
        discussion: """
            Content, mode, missing and extra files; nothing is changed. In a host's root, extra means an artifact that another \
            config would ask for; in a rendered folder, any other file. Exit status 2 if there is drift.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Option(help: ArgumentHelp("The rendered folder, or a host's root.", valueName: "folder"), completion: .directory)
    var root: String
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func validate() throws {
        if root.isEmpty { throw ValidationError("--root names no folder") }
    }

    func run() throws {
        let config = try options.load(format)
        let set = try ArtifactSet.rendered(config, try shareOptions.find())
        let drift = try reportingErrors { try DriftCheck(root: root).run(set) }
        switch format {
        case .json:
            Console.result(
                try JSONText.encode(Report(clean: drift.isEmpty, checked: set.artifacts.count, drift: drift)))
        case .text:
            for item in drift {
                Console.result(
                    "\(Console.resultPaint.red(item.kind.rawValue)) \(inert("\(item.path): \(item.detail)"))\n")
            }
            Console.report(
                drift.isEmpty
                    ? "\(set.artifacts.count) artifacts are true to \(options.path)"
                    : counted(drift.count, "difference"))
        }
        if !drift.isEmpty { throw ExitCode(2) }
    }

    private struct Report: Encodable {
        var clean: Bool
        var checked: Int
        var drift: [Drift]
    }
}
