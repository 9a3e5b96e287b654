import ArgumentParser
import PutLiveCommands

@main
enum Main {
    static func main() async {
        Memory.configure()
        do {
            var command = try PutLiveAgent.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Console.exit(code.rawValue)
        } catch {
            let code = PutLiveAgent.exitCode(for: error)
            let text = PutLiveAgent.fullMessage(for: error)
            if code == .success {
                Console.result(text + "\n")
                Console.exit(0)
            }
            Console.report(text)
            Console.exit(1)
        }
    }
}

struct PutLiveAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "putlive-agent",
        abstract: "Serve a PutLive host: the API, the web pages, the live streams.",
        discussion: """
            Exit status: 0 clean, 1 error. Reports go to stderr, results to stdout.
            Completion for your shell: putlive-agent --generate-completion-script bash|zsh|fish
            """,
        version: PutLiveVersion.text,
        subcommands: [
            Serve.self, UserCommand.self, KeyCommand.self, BackupCommand.self, RestoreCommand.self,
            FFmpegCleanupCommand.self,
        ])
}
