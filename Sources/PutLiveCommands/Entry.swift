import ArgumentParser
import Dispatch

/// How both tools begin and end: 0 for success, help and the version among it, 1 for an error, and whatever a command
/// says itself.
public enum Entry {
    /// Runs the command that the arguments name. One that waits for nothing runs on this thread, and the threads of
    /// Swift's tasks aren't started for it.
    public static func run<Root: ParsableCommand>(_ root: Root.Type) {
        do {
            var command = try Root.parseAsRoot()
            if let asynchronous = command as? any AsyncParsableCommand {
                runInTask(asynchronous, of: root)
            }
            try command.run()
        } catch {
            end(root, with: error)
        }
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
