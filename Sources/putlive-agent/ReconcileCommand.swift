import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import PutLiveHost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Make this host equal to its config, or tell how it differs.",
        discussion: """
            --check tells each difference with its cause and changes nothing. --apply proves all files with the programs that \
            read them, writes what differs, and restarts or reloads each unit that needs it, once. When anything fails, every \
            file and service is put back. A restart that would end a broadcast waits for its end. On a host, a systemd \
            timer applies regularly, and a path unit whenever the config changes.

            Exit status: 0 in order, or made so; 1 failed, and the host is as it was; 2 --check found differences.
            """,
        subcommands: [ReconcileStatusCommand.self])

    @Option(
        help: ArgumentHelp(
            "The config to read; by default \(HostPaths().config), with --root the one below that folder.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @OptionGroup var shareOptions: ShareOptions
    @Flag(help: "Tell how the host differs, and change nothing.") var check = false
    @Flag(help: "Make the host equal to its config.") var apply = false
    @Flag(
        help: """
            Take PutLive's files and units off the host, and put other packages' files back. The config and what people \
            made stay.
            """)
    var withdraw = false
    @Flag(help: "Restart what has to be restarted even while somebody is live.") var now = false
    @Option(
        help: ArgumentHelp(
            "A host's image below a folder: its files, modes and enabled units alone.", valueName: "folder"),
        completion: .directory)
    var root: String?
    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func validate() throws {
        if now && !apply { throw ValidationError("--now belongs to --apply") }
        if let root {
            var status = stat()
            guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw ValidationError("--root: \(root) is not a folder")
            }
        }
    }

    func run() async throws {
        // Not in validate(), which is asked for `reconcile status` as well.
        guard [check, apply, withdraw].filter(\.self).count == 1 else {
            throw ValidationError("say one of --check, --apply and --withdraw")
        }
        let rootFolder = try reconciledRoot()
        guard check || !rootFolder.isEmpty || geteuid() == 0 else {
            Console.error(
                "only root may change a host",
                remedy: "sudo putlive-agent reconcile \(apply ? "--apply" : "--withdraw")")
            throw ExitCode(1)
        }
        // systemd reads a number at a line's start as its importance.
        let isJournal = JournalStream.isConnected(to: STDERR_FILENO)
        var reconcile = HostReconcile(
            mode: check ? .check : apply ? .apply : .withdraw, config: config ?? rootFolder + HostPaths().config,
            version: PutLiveVersion.text)
        reconcile.doesNotWait = now
        reconcile.root = rootFolder
        reconcile.share = withdraw ? nil : try shareOptions.find()
        if rootFolder.isEmpty {
            reconcile.environment = EnvironmentFile.environment(path: HostPaths().environmentFile)
        }
        // systemd's runs come every half minute.
        reconcile.retriesAtOnce = !isJournal || getenv("INVOCATION_ID") == nil
        reconcile.searchPath = ProcessInfo.processInfo.environment["PATH"] ?? ""
        reconcile.srsBinary = ProcessInfo.processInfo.environment["SRS_BINARY"]
        reconcile.say = { Console.report(inert($0)) }
        reconcile.alert = { Console.report((isJournal ? "<1>" : "alert: ") + inert($0)) }
        let isText = format == .text
        reconcile.diagnosed = { diagnostics in
            // The journal is told in one line each, by the report below.
            guard isText && !isJournal else { return }
            for item in diagnostics { Console.report(item.text(colour: Console.reportPaint.enabled)) }
        }
        let report: StatusReport
        let actions: [String]
        do {
            (report, actions) = try await reconcile.run()
        } catch {
            Console.error("\(error)")
            throw ExitCode(1)
        }
        switch format {
        case .json: Console.result(try JSONText.encode(Output(report: report, wouldDo: check ? actions : nil)))
        case .text: ReconcileText(report: report, wouldDo: check ? actions : []).print()
        }
        if report.result == .failed { throw ExitCode(1) }
        if check && !report.differences.isEmpty { throw ExitCode(2) }
    }

    /// Absolute, and empty for the host itself.
    private func reconciledRoot() throws -> String {
        guard let root else { return "" }
        guard let resolved = realpath(root, nil) else { return root }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return path == "/" ? "" : path
    }

    private struct Output: Encodable {
        var report: StatusReport
        var wouldDo: [String]?
    }
}
