import PutLiveCommands
import ArgumentParser
import Dispatch
import PutLiveArtifacts

/// Exit codes of every command: 0 clean, 1 error, 2 difference or drift.
@main
enum Main {
    static func main() async {
        // The catalog is made while the arguments and the config are read, on the thread that will then render beside
        // this one.
        DispatchQueue.global().async { Catalog.prepare() }
        do {
            var command = try PutLiveGen.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Console.exit(code.rawValue)
        } catch {
            let code = PutLiveGen.exitCode(for: error)
            let text = PutLiveGen.fullMessage(for: error)
            if code == .success {
                Console.result(text + "\n")
                Console.exit(0)
            }
            Console.report(text)
            Console.exit(1)
        }
    }
}

struct PutLiveGen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "putlive-gen",
        abstract: "Turn one config.yaml into a whole live-streaming host.",
        discussion: """
            It checks config.yaml, renders every file of the host and its AWS stack, and proves each with the program that \
            will read it. Start with `putlive-gen init`.

            Exit status: 0 clean, 1 error, 2 difference or drift. Reports go to stderr, results to stdout.
            Completion for your shell: putlive-gen --generate-completion-script bash|zsh|fish
            """,
        version: PutLiveVersion.text,
        subcommands: [
            Init.self, Validate.self, List.self, Render.self, Diff.self, Check.self, Verify.self, StackCommand.self,
            Schema.self, Explain.self,
        ])
}
