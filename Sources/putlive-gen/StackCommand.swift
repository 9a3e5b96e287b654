import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

extension Stack: ExpressibleByArgument {
    /// The name as it is typed.
    public var defaultValueDescription: String { rawValue }
}

struct StackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stack",
        abstract: "Render a CloudFormation stack.",
        discussion: Stack.allCases.map { "\($0.rawValue): \($0.purpose)" }.joined(separator: "\n"))

    @Argument(help: "The stack: \(Stack.allCases.map(\.rawValue).joined(separator: " or ")).") var name: Stack
    @OptionGroup var options: ConfigOptions
    @OptionGroup var shareOptions: ShareOptions
    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write, stdout by default.", valueName: "file"),
        completion: .file())
    var output: String?

    func run() throws {
        let config = try options.load()
        let role = config.deployment.role
        guard role == .single || role == .origin else {
            Console.error(
                "no stack is made of a config of role \(role.rawValue)",
                remedy: "use a config of role single, or of role origin, whose stack makes its edges too")
            throw ExitCode(1)
        }
        let type = config.deployment.instanceType
        guard !Stack.isARM(type) else {
            Console.error(
                "\(type) has ARM processors, and the stacks' image and package are for x86-64",
                remedy: "set deployment.instance_type to one such as t3.small")
            throw ExitCode(1)
        }
        let share = try shareOptions.find()
        let text = try reportingErrors { try name.render(config, share: share) }
        guard let output else {
            Console.result(text)
            return
        }
        try reportingErrors { try OutputFile.write(text, to: output, mode: 0o644) }
        Console.report("\(output): the stack \(name.rawValue)")
    }
}
