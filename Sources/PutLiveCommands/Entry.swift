import ArgumentParser

/// How both tools begin and end: 0 for success, help and the version among it, 1 for an error, and whatever a command
/// says itself.
public enum Entry {
    /// Runs the command that the arguments name.
    public static func run<Root: ParsableCommand>(_ root: Root.Type) async {
        do {
            var command = try Root.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Console.exit(code.rawValue)
        } catch {
            let code = Root.exitCode(for: error)
            let text = Root.fullMessage(for: error)
            if code == .success {
                Console.result(text + "\n")
                Console.exit(0)
            }
            Console.report(text)
            Console.exit(1)
        }
    }
}
