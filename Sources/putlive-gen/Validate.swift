import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a config and say everything that is wrong with it.",
        discussion:
            "Each problem comes with its place, the line it is in, and what to do. Exit status 1 if there is an error.")

    @OptionGroup var options: ConfigOptions
    @Option(help: "How to report: text or json.") var format = ReportFormat.text

    func run() throws {
        let loaded = options.read()
        switch format {
        case .json:
            Console.result(try JSONText.encode(ConfigReport(loaded)))
        case .text:
            for diagnostic in loaded.diagnostics {
                Console.report(diagnostic.text(colour: Console.reportPaint.enabled))
            }
            let summary = ConfigOptions.summary(loaded)
            if let config = loaded.config {
                let verdict = Console.reportPaint.green("valid")
                Console.report(
                    "\(options.path): \(verdict), role \(config.deployment.role.rawValue)"
                        + (summary.isEmpty ? "" : ", \(summary)"))
            } else {
                Console.report(summary)
            }
        }
        if loaded.config == nil { throw ExitCode(1) }
    }
}
