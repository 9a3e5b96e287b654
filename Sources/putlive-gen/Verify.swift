import ArgumentParser
import PutLiveArtifacts
import PutLiveConfig

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove every artifact with the program that will read it.",
        discussion: """
            Each check runs on a staged copy of the host, with stand-ins for what only a host has: certificate, executables, \
            users and log paths; it says which. Nothing of this machine is changed. The stack of the role is checked too. A \
            check whose tool is missing is skipped, and says how to get it.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Flag(help: "Count a skipped check as failed.") var requireAll = false
    @Option(help: ArgumentHelp("With --require-all: let this check be skipped.", valueName: "check"))
    var allowMissing: [String] = []
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func run() async throws {
        let config = try options.load()
        let share = try shareOptions.find()
        let set = try ArtifactSet.rendered(config, share)
        let environment = ProcessInfo.processInfo.environment
        let verifier = Verifier(
            set, share: share,
            options: Verifier.Options(
                path: environment["PATH"] ?? "", srsBinary: environment["SRS_BINARY"],
                temporaryFolder: FileManager.default.temporaryDirectory.path))
        let results: [CheckResult]
        do {
            results = try await verifier.run(
                began: { if Console.isInteractive && format == .text { Console.report("checking \($0) …") } },
                ended: { if format == .text { Console.result(line($0)) } })
        } catch {
            Console.error("\(error)")
            throw ExitCode(1)
        }
        if format == .json { Console.result(try JSONText.encode(results)) }
        let failed = results.filter(isFailure)
        if format == .text {
            let skipped = results.count { $0.status == .skipped }
            Console.report(
                "\(results.count) checks: \(results.count { $0.status == .passed }) passed, "
                    + "\(results.count { $0.status == .failed }) failed, \(skipped) skipped")
        }
        if !failed.isEmpty { throw ExitCode(1) }
    }

    private func isFailure(_ result: CheckResult) -> Bool {
        switch result.status {
        case .passed: false
        case .failed: true
        case .skipped: requireAll && !allowMissing.contains(result.name)
        }
    }

    private func line(_ result: CheckResult) -> String {
        let paint = Console.resultPaint
        let count = "\(result.covers.count) file\(result.covers.count == 1 ? "" : "s")"
        switch result.status {
        case .passed:
            let notes = result.notes.isEmpty ? "" : " (\(result.notes.joined(separator: "; ")))"
            return "\(paint.green("passed "))  \(result.name): \(count)\(notes)\n"
        case .failed:
            return "\(paint.red("failed "))  \(result.name): \(count)\n" + result.notes.map { "    \($0)\n" }.joined()
        case .skipped:
            return "\(paint.yellow("skipped"))  \(result.name): \(result.notes.joined(separator: "; "))\n"
        }
    }
}
