import ArgumentParser
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the database's place.",
        discussion: """
            The backup is verified first. It refuses while an agent serves the database, and to replace a database \
            without --force; the replaced one is kept beside it. All logins end, since nobody knows which of them were \
            revoked after the backup was made.
            """)

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"), completion: .file(extensions: ["db"]))
    var file: String
    @Flag(help: "Replace the database that there is; it is kept under another name.") var force = false
    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let config = try self.config.load()
        try await reportingStoreErrors {
            if file.hasPrefix("s3://") {
                throw CommandFailure("\(file) isn't on this host", remedy: "fetch it first: aws s3 cp \(file) .")
            }
            let path = config.database.path
            let aside = try Restore(backup: file, database: path).run(force: force, now: Agent.now())
            Console.report(
                inert("\(path): restored from \(file)") + (aside.map { inert("; the old one is \($0)") } ?? ""))
            Console.report("everybody has to log in again")
        }
    }
}
