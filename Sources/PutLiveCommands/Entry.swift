import ArgumentParser
import Dispatch

/// How both tools begin and end: 0 for success, help and the version among it, 1 for an error, and whatever a command
/// says itself.
public enum Entry {
    /// Runs the command that the arguments name. One that waits for nothing runs on this thread, and the threads of
    /// Swift's tasks aren't started for it.
    public static func run<Root: ParsableCommand>(_ root: Root.Type) {
        do {
            var command = try namedCommand(of: root) ?? Root.parseAsRoot()
            // The type first: of a value, Swift also asks whether `any ParsableCommand` itself is one, which takes a while.
            if type(of: command) is any AsyncParsableCommand.Type,
                let asynchronous = command as? any AsyncParsableCommand
            {
                runInTask(asynchronous, of: root)
            }
            try command.run()
        } catch {
            end(root, with: error)
        }
    }

    /// The command that the first argument names, parsed by itself if it says whose command it is: then the line isn't
    /// parsed twice more for a request of completion scripts, which takes an eighth of a render. What can't be parsed so is
    /// left to the root, which knows what to say.
    private static func namedCommand<Root: ParsableCommand>(of root: Root.Type) -> (any ParsableCommand)? {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first,
            let command = Root.configuration.subcommands.first(where: { $0.configuration.commandName == name }),
            command.configuration._superCommandName == Root.configuration.commandName,
            let parsed = try? command.parseAsRoot(Array(arguments.dropFirst())),
            // Help is a command of its own.
            type(of: parsed) == command
        else { return nil }
        return parsed
    }

    private static func runInTask<Root: ParsableCommand>(
        _ command: sending any AsyncParsableCommand, of root: Root.Type
    ) -> Never {
        Task {
            do {
                var command = command
                try await command.run()
                Console.exit(0)
            } catch {
                end(root, with: error)
            }
        }
        dispatchMain()
    }

    private static func end<Root: ParsableCommand>(_ root: Root.Type, with error: any Error) -> Never {
        if let code = error as? ExitCode { Console.exit(code.rawValue) }
        let text = Root.fullMessage(for: error)
        if Root.exitCode(for: error) == .success {
            Console.result(text + "\n")
            Console.exit(0)
        }
        Console.report(text)
        Console.exit(1)
    }
}
