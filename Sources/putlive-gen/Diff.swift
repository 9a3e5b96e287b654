import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", _superCommandName: "putlive-gen",
        abstract: "Show what rendering would change in a folder.",
        discussion: "In the unified format, without any secret. Exit status 2 if there is a difference.")

    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Option(help: ArgumentHelp("The rendered folder, or a host's root.", valueName: "folder"), completion: .directory)
    var against: String
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func validate() throws {
        if against.isEmpty { throw ValidationError("--against names no folder") }
    }

    func run() throws {
        let config = try options.load(format)
        let set = try ArtifactSet.rendered(config, try shareOptions.find())
        let entries = try reportingErrors { try TreeDiff(root: against).run(set) }
        switch format {
        case .json:
            Console.result(try JSONText.encode(entries))
        case .text:
            for entry in entries {
                if !entry.problem.isEmpty { Console.report(inert("\(entry.path) can't be compared: \(entry.problem)")) }
                if !entry.mode.isEmpty {
                    Console.result(Console.resultPaint.bold("mode \(entry.path): \(entry.mode)") + "\n")
                }
                Console.result(coloured(entry.diff))
            }
            Console.report(
                entries.isEmpty
                    ? "no difference"
                    : "\(counted(entries.count, "artifact")) \(entries.count == 1 ? "differs" : "differ")")
        }
        if !entries.isEmpty { throw ExitCode(2) }
    }

    private func coloured(_ diff: String) -> String {
        let paint = Console.resultPaint
        return diff.split(separator: "\n", omittingEmptySubsequences: false).map { raw in
            let line = raw.split(separator: "\t", omittingEmptySubsequences: false).map { inert(String($0)) }
                .joined(separator: "\t")
            if line.hasPrefix("+++") || line.hasPrefix("---") { return paint.bold(line) }
            switch line.first {
            case "+": return paint.green(line)
            case "-": return paint.red(line)
            case "@": return paint.cyan(line)
            default: return line
            }
        }.joined(separator: "\n")
    }
}
