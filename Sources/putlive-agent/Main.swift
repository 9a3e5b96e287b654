import ArgumentParser
import PutLiveCommands

@main
enum Main {
    static func main() {
        Memory.configure()
        Entry.run(PutLiveAgent.self)
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
            FFmpegCleanupCommand.self, ReconcileCommand.self,
        ])
}
