import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import Synchronization

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
            users and log paths; it says which. Nothing of this machine is changed. The stacks are checked too. A \
            check whose tool is missing is skipped, and says how to get it.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Flag(help: "Count a skipped check as failed.") var requireAll = false
    @Option(help: ArgumentHelp("With --require-all: let this check be skipped.", valueName: "check"))
    var allowMissing: [String] = []
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func validate() throws {
        let known =
            CheckKind.allCases.filter { $0 != .none }.map(\.rawValue) + ["systemd-security"]
            + Stack.allCases.map { "stack-\($0.rawValue)" }
        for name in allowMissing where !known.contains(name) {
            throw ValidationError(
                "--allow-missing: there is no check \(name); there are \(known.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let config = try options.load(format)
        let share = try shareOptions.find()
        let set = try ArtifactSet.rendered(config, share)
        let environment = ProcessInfo.processInfo.environment
        let verifier = Verifier(
            set, share: share,
            options: Verifier.Options(
                path: environment["PATH"] ?? "", srsBinary: environment["SRS_BINARY"],
                temporaryFolder: FileManager.default.temporaryDirectory.path))
        let results = try await stoppingOnSignals {
            try await verifier.run(
                began: { if Console.isInteractive && format == .text { Console.report("checking \($0) …") } },
                ended: { if format == .text { Console.result(line($0)) } })
        }
        if format == .json { Console.result(try JSONText.encode(results)) }
        let failed = results.filter(isFailure)
        if format == .text {
            let skipped = results.filter { $0.status == .skipped }
            let missing = skipped.filter(isFailure).map(\.name).joined(separator: ", ")
            Console.report(
                "\(counted(results.count, "check")): \(results.count { $0.status == .passed }) passed, "
                    + "\(results.count { $0.status == .failed }) failed, \(skipped.count) skipped"
                    + (missing.isEmpty ? "" : "; skipped and required: \(missing)"))
        }
        if !failed.isEmpty { throw ExitCode(1) }
    }

    /// A stop is orderly: the tool that runs is ended, and the stage, which holds secrets, removed.
    private func stoppingOnSignals(
        _ body: @escaping @Sendable () async throws -> [CheckResult]
    ) async throws -> [CheckResult] {
        let task = Task { try await body() }
        let stopped = Mutex<Int32?>(nil)
        StopSignals.handle { number in
            stopped.withLock { $0 = number }
            task.cancel()
        }
        do {
            let results = try await task.value
            if let number = stopped.withLock({ $0 }) { throw ExitCode(128 + number) }
            return results
        } catch let code as ExitCode {
            throw code
        } catch {
            // As a shell says it of a program that a signal ended.
            if let number = stopped.withLock({ $0 }) { throw ExitCode(128 + number) }
            Console.error("\(error)")
            throw ExitCode(1)
        }
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
