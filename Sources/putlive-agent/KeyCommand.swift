import ArgumentParser
import PutLiveAPI
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Create, list and revoke stream keys.",
        discussion: """
            A stream key lets one user publish one stream. These work on the database itself, whether an agent is \
            serving it or not.
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a stream key and print what to copy into OBS.")

        @Option(help: ArgumentHelp("Whose key: an admin or a streamer.", valueName: "name")) var user: String
        @Option(help: ArgumentHelp("The stream: lower-case letters, digits and dashes.", valueName: "name"))
        var stream: String
        @Option(help: ArgumentHelp("A note on it, such as the device.", valueName: "text")) var label = ""
        @Option(help: ArgumentHelp("How long it counts, as 12h or 30d; for ever by default.", valueName: "duration"))
        var expires: Lifetime?
        @OptionGroup var options: StoreOptions

        func validate() throws {
            if let problem = AccountRules.problem(stream: stream) { throw ValidationError("--stream \(problem)") }
            if let problem = AccountRules.problem(label: label) { throw ValidationError("--label \(problem)") }
        }

        func run() async throws {
            try await options.withStore { store, config, now in
                guard let secret = config.authentication.jwtSecret else {
                    throw CommandFailure(
                        "there is no secret to sign stream keys with",
                        remedy: "set authentication.jwt_secret in \(options.config.path)")
                }
                let owner = try await store.named(user)
                if owner.disabled || owner.role == .viewer {
                    throw CommandFailure(
                        "\(owner.username) \(owner.disabled ? "is disabled" : "is a viewer"), whose keys don't count",
                        remedy: owner.disabled
                            ? "`putlive-agent user enable \(owner.username)`" : "name an admin or a streamer")
                }
                // Whoever may run this is no less than an admin, who may give a stream to several users.
                let owned = try await store.keys.add(
                    userID: owner.id, stream: stream, label: label,
                    expiresAt: expires.map { now + Int64($0.duration.wholeSeconds) }, exclusive: false, now: now)
                try await store.note(
                    "key_created", stream: stream, "Stream key for \(owner.username) created on the command line", now)
                let text = StreamKeySigner(secret: secret.reveal()).sign(owned.key)
                Console.result("server:     \(AgentSettings(config).rtmpServer)\nstream key: \(stream)?key=\(text)\n")
                Console.report(
                    "\(owned.key.id): for \(owner.username), "
                        + (owned.key.expiresAt.map { "until \(RFC3339.string($0))" } ?? "until it is revoked"))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the stream keys.",
            discussion: "Without the signed text, which `key create` and the dashboard show.")

        @Option(help: ArgumentHelp("This user's alone.", valueName: "name")) var user: String?
        @Option(help: "How to print: text or json.") var format = ReportFormat.text
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore(format) { store, _, now in
                var owner: User?
                if let user { owner = try await store.named(user) }
                let total = try await store.keys.count(userID: owner?.id)
                let keys = try await store.keys.list(userID: owner?.id, limit: total)
                switch format {
                case .json:
                    Console.result(try JSONText.encode(Report(keys: keys.map { KeyRow(owned: $0, now: now) })))
                case .text:
                    Console.result(
                        table(
                            ["ID", "USER", "STREAM", "STATUS", "EXPIRES", "LAST USED", "LABEL"],
                            keys.map { owned in
                                [
                                    owned.key.id, owned.username, owned.key.stream, owned.status(at: now).rawValue,
                                    owned.key.expiresAt.map { RFC3339.string($0) } ?? "never",
                                    owned.key.lastUsedAt.map { RFC3339.string($0) } ?? "never", owned.key.label,
                                ]
                            }))
                }
            }
        }

        private struct Report: Encodable {
            var keys: [KeyRow]
            var total: Int

            init(keys: [KeyRow]) {
                self.keys = keys
                total = keys.count
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Revoke a stream key for ever.")

        @Argument(help: ArgumentHelp("The key's id, as `key list` shows it.", valueName: "id")) var id: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore { store, _, now in
                guard try await store.keys.find(id) != nil else {
                    throw CommandFailure(
                        "there is no stream key \(id) in \(store.path)",
                        remedy: "`putlive-agent key list` names them all")
                }
                let owned = try await store.keys.revoke(id, now: now)
                try await store.note(
                    "key_revoked", stream: owned.key.stream,
                    "Stream key of \(owned.username) revoked on the command line", now)
                Console.report("\(id): revoked; it was \(owned.username)'s for \(owned.key.stream)")
            }
        }
    }
}

/// How long something counts.
struct Lifetime: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        do {
            duration = try ValueType<Duration>.duration(.seconds(60) ... .seconds(3650 * 86_400)).parse(argument)
        } catch {
            return nil
        }
    }
}

/// A key as the API shows it.
private struct KeyRow: Encodable {
    var owned: OwnedKey
    var now: UnixTime

    private enum Key: String, CodingKey {
        case id, username, stream, label, status
        case userID = "user_id"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case lastUsedAt = "last_used_at"
    }

    func encode(to encoder: any Encoder) throws {
        let key = owned.key
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(key.id, forKey: .id)
        try container.encode(key.userID, forKey: .userID)
        try container.encode(owned.username, forKey: .username)
        try container.encode(key.stream, forKey: .stream)
        try container.encode(key.label, forKey: .label)
        try container.encode(RFC3339.string(key.createdAt), forKey: .createdAt)
        // With null where there is none.
        try container.encode(key.expiresAt.map { RFC3339.string($0) }, forKey: .expiresAt)
        try container.encode(key.revokedAt.map { RFC3339.string($0) }, forKey: .revokedAt)
        try container.encode(key.lastUsedAt.map { RFC3339.string($0) }, forKey: .lastUsedAt)
        try container.encode(owned.status(at: now).rawValue, forKey: .status)
    }
}
