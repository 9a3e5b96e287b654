import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

extension Deployment.Role: ExpressibleByArgument {}

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a config to start from, with random secrets.",
        discussion: """
            The file is readable by its owner alone. The local role needs nothing else: no root, no TLS, no domain, and every \
            path lies below the config's own folder.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
    var output = "config.yaml"
    @Option(help: "What the host is.") var role = Deployment.Role.single
    @Option(help: ArgumentHelp("The host's public name; needed by every role but local.", valueName: "host"))
    var domain: String?
    @Option(help: ArgumentHelp("Mail address for alarms and certificates.", valueName: "address")) var email: String?
    @Option(help: ArgumentHelp("The origin that an edge fetches from.", valueName: "host")) var originHost: String?
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Set a key of the config; may be repeated. Of a list the elements are separated by commas.",
            valueName: "key=value"))
    var set: [String] = []
    @Flag(help: "Overwrite the file if it exists.") var force = false
    @OptionGroup var shareOptions: ShareOptions

    func run() throws {
        if role != .local && domain == nil {
            Console.error(
                "a host of role \(role.rawValue) needs its public name",
                remedy: "add --domain stream.example.com, or --role local")
            throw ExitCode(1)
        }
        if role == .edge && originHost == nil {
            Console.error("an edge needs its origin", remedy: "add --origin-host origin.example.com")
            throw ExitCode(1)
        }
        let share = try shareOptions.find()
        let folder = ConfigOptions.folder(of: output)
        try reportingErrors {
            var text = try InitialConfig(
                role: role, domain: domain ?? "localhost", email: email ?? "", originHost: originHost ?? "",
                folder: folder
            ).render(share: share)
            text = try settingKeys(in: text)
            // Better no file than one that the next command refuses.
            let loaded = ConfigLoader(environment: .process).load(Array(text.utf8), file: output, directory: folder)
            if loaded.config == nil {
                for diagnostic in loaded.diagnostics where diagnostic.severity == .error {
                    Console.error("\(diagnostic.key): \(diagnostic.message)", remedy: diagnostic.remedy)
                }
                throw ExitCode(1)
            }
            try OutputFile.write(text, to: output, mode: 0o600, replacing: force)
        }
        Console.report(
            "\(output): role \(role.rawValue)\(role == .edge ? "" : ", with random secrets"), readable by you alone")
        Console.report("next: putlive-gen validate --config \(output)")
    }

    private func settingKeys(in text: String) throws -> String {
        var editor = ConfigEditor(text)
        for setting in set {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            do {
                guard parts.count == 2 else {
                    throw ValueError("\(setting) is no KEY=VALUE", remedy: "write --set server.http_port=4000")
                }
                if ConfigSchema.key(parts[0])?.kind == .secret {
                    throw ValueError(
                        "\(parts[0]) is a secret, and arguments can be read by every user of the machine",
                        remedy: "set \(parts[0])_file to the path of a file that holds it")
                }
                try editor.set(parts[0], to: parts[1])
            } catch let problem as ValueError {
                Console.error("--set: \(problem.message)", remedy: problem.remedy)
                throw ExitCode(1)
            }
        }
        return editor.text
    }
}
