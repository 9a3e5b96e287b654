import ArgumentParser
import PutLiveCommands
import PutLiveConfig

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the API, the web pages and the live streams until told to stop.",
        discussion: """
            Listens on 127.0.0.1 at server.http_port. Logs one JSON object a line to stdout. SIGTERM ends it after the \
            requests under way; SIGHUP reads the config anew and keeps the old one if the new one is bad.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var share: ShareOptions

    func run() async throws {
        let config = try options.load()
        guard config.deployment.role != .edge else {
            Console.error(
                "an edge has no agent that serves",
                remedy: "run it on the host whose deployment.role is single or origin")
            throw ExitCode(1)
        }
        let folder = try share.find()
        try await reportingStoreErrors {
            try await Agent(config: config, options: options, webFolder: folder.path + "/web").run()
        }
    }
}
