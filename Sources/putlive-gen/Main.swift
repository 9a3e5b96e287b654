import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Exit codes of every command: 0 clean, 1 error, 2 difference or drift.
@main
enum Main {
    static func main() {
        Memory.populateVariables()
        // The catalog is made while the arguments and the config are read.
        _ = SideThread { Catalog.prepare() }
        Entry.run(PutLiveGen.self)
        // All is written, and the kernel takes the memory back faster than the program gives it.
        _exit(0)
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
