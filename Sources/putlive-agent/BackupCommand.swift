import ArgumentParser
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back up the database, while the agent serves it.",
        discussion: """
            The copy is of one moment, is verified, and is named after the time. Then backups older than \
            database.backup_retention are removed from the same place. S3 is reached by the aws command and its \
            credentials; ACCOUNT_ID in a bucket's name is replaced by the account's number, and without a prefix it is \
            `backups`.
            """)

    @Option(
        help: ArgumentHelp(
            "A folder, or s3://bucket/prefix; by default database.backup_path.", valueName: "place"),
        completion: .directory)
    var to: String?
    @OptionGroup var config: ConfigOptions

    func validate() throws {
        if to == "" { throw ValidationError("--to names no place") }
    }

    func run() async throws {
        let config = try self.config.load()
        let backup = Backup(database: config.database.path)
        let retention = Int64(config.database.backupRetention.wholeSeconds)
        let now = Agent.now()
        try await reportingStoreErrors {
            let place = to ?? config.database.backupPath
            if place.hasPrefix("s3://") {
                let target = try S3Target(place)
                // The copy waits for its upload where backups may lie, not in a /tmp that may be small.
                let upload = S3Backup(
                    backup: backup, folder: config.database.backupPath, target: target, retention: retention)
                try await noting(backup, .s3, now) { try await upload.run(now: now) }
            } else {
                var folder = Substring(place)
                while folder.count > 1 && folder.hasSuffix("/") { folder.removeLast() }
                try await noting(backup, .folder, now) {
                    let made = try backup.make(in: String(folder), retention: retention, now: now)
                    return Finished(place: made.path, size: made.size, removed: made.removed.count)
                }
            }
        }
    }

    /// A backup at its place.
    struct Finished {
        var place: String
        var size: Int64
        /// How many older ones were removed.
        var removed: Int
    }

    /// Notes in the database how it went, for the agent's metrics.
    private func noting(
        _ backup: Backup, _ place: BackupPlace, _ now: UnixTime, _ body: () async throws -> Finished
    ) async throws {
        let finished: Finished
        do {
            finished = try await body()
        } catch {
            // What failed is told anyway; a database that can't be read can't note it, either.
            try? backup.noteFailure(place)
            throw error
        }
        Console.report(
            "\(inert(finished.place)): \((finished.size + 1023) / 1024) KiB, "
                + "\(counted(finished.removed, "older backup")) removed")
        do {
            try backup.noteSuccess(place, size: finished.size, now: now)
        } catch {
            Console.report("the backup is good, but the agent won't know: \(inert("\(error)"))")
        }
    }
}
