import ArgumentParser
import PutLiveAPI
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Add, list, change and remove accounts.",
        discussion: """
            It works on the database itself, whether an agent is serving it or not; a running one takes changes over \
            within seconds. Passwords are asked for on the terminal, or read as one line of standard input; never \
            taken from arguments.
            """,
        subcommands: [Add.self, List.self, Password.self, Disable.self, Enable.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add an account.",
            discussion: "Roles: admin may do everything, streamer publishes, viewer only looks.")

        @Argument(help: ArgumentHelp("Letters, digits, dots, dashes and underscores.", valueName: "name"))
        var username: String
        @Option(help: "What the user may do.") var role = Role.viewer
        @Flag(help: "Make up a password and print it.") var generate = false
        @OptionGroup var options: StoreOptions

        func validate() throws {
            if let problem = AccountRules.problem(username: username) { throw ValidationError("the name \(problem)") }
        }

        func run() async throws {
            try await options.withStore(creates: true) { store, _, now in
                // Said before anybody types a password for nothing.
                if try await store.users.find(username: username) != nil {
                    throw StoreError.conflict("a user \(username)")
                }
                let password = try PasswordPrompt.read(generated: generate)
                let hash = try PasswordHash(password: password).text
                let user = try await store.users.add(username: username, role: role, passwordHash: hash, now: now)
                try await store.note("user_created", "User \(user.username) created on the command line", now)
                if generate { Console.result(password + "\n") }
                Console.report("\(user.username): added, role \(user.role.rawValue)")
                // The agent makes the config's first admin in an empty database alone.
                if try await store.users.countByRole()[.admin] == 0 {
                    Console.report("there is no admin yet: add one with `putlive-agent user add NAME --role admin`")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts.")

        @Option(help: "How to print: text or json.") var format = ReportFormat.text
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore(format) { store, _, _ in
                let users = try await store.users.list(limit: AccountRules.users)
                switch format {
                case .json: Console.result(try JSONText.encode(Report(users: users.map(UserRow.init))))
                case .text:
                    Console.result(
                        table(
                            ["NAME", "ROLE", "STATE", "CREATED", "LAST LOGIN"],
                            users.map { user in
                                [
                                    user.username, user.role.rawValue, user.disabled ? "disabled" : "enabled",
                                    RFC3339.string(user.createdAt),
                                    user.lastLoginAt.map { RFC3339.string($0) } ?? "never",
                                ]
                            }))
                }
            }
        }

        private struct Report: Encodable {
            var users: [UserRow]
            var total: Int

            init(users: [UserRow]) {
                self.users = users
                total = users.count
            }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passwd", abstract: "Change a password.", discussion: "The user's logins end with it.")

        @Argument(help: ArgumentHelp("Whose password.", valueName: "name")) var username: String
        @Flag(help: "Make up a password and print it.") var generate = false
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore { store, _, now in
                let user = try await store.named(username)
                let password = try PasswordPrompt.read(generated: generate)
                let hash = try PasswordHash(password: password).text
                let change = try await store.users.update(user.id, passwordHash: hash, now: now)
                try await store.note("user_changed", "Password of \(user.username) set on the command line", now)
                if generate { Console.result(password + "\n") }
                Console.report("\(user.username): password changed, \(counted(change.revoked.count, "login")) ended")
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Lock an account.",
            discussion: "Its logins end, and its stream keys don't count, until it is enabled again.")

        @Argument(help: ArgumentHelp("Whose account.", valueName: "name")) var username: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore { store, _, now in
                let user = try await store.named(username)
                let change = try await store.users.update(user.id, disabled: true, now: now)
                try await store.note("user_changed", "User \(user.username) disabled on the command line", now)
                Console.report("\(user.username): disabled, \(counted(change.revoked.count, "login")) ended")
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "enable", abstract: "Unlock an account.")

        @Argument(help: ArgumentHelp("Whose account.", valueName: "name")) var username: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore { store, _, now in
                let user = try await store.named(username)
                try await store.users.update(user.id, disabled: false, now: now)
                try await store.note("user_changed", "User \(user.username) enabled on the command line", now)
                Console.report("\(user.username): enabled")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove an account with its stream keys.")

        @Argument(help: ArgumentHelp("Whose account.", valueName: "name")) var username: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.withStore { store, _, now in
                let user = try await store.named(username)
                let keys = try await store.keys.count(userID: user.id)
                try await store.users.delete(user.id, now: now)
                try await store.note("user_deleted", "User \(user.username) removed on the command line", now)
                Console.report("\(user.username): removed, with \(counted(keys, "stream key"))")
            }
        }
    }
}

extension Store {
    /// The account that a command names.
    func named(_ username: String) async throws -> User {
        if let user = try await users.find(username: username) { return user }
        throw CommandFailure(
            "there is no user \(username) in \(path)", remedy: "`putlive-agent user list` names them all")
    }

    /// What a command did, for the events of the dashboard.
    func note(_ kind: String, stream: String? = nil, _ detail: String, _ now: UnixTime) async throws {
        try await events.add(Event(time: now, kind: kind, stream: stream, detail: detail))
    }
}

/// An account as the API shows it.
private struct UserRow: Encodable {
    var user: User

    init(_ user: User) { self.user = user }

    private enum Key: String, CodingKey {
        case id, username, role, disabled
        case createdAt = "created_at"
        case lastLoginAt = "last_login_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(user.id, forKey: .id)
        try container.encode(user.username, forKey: .username)
        try container.encode(user.role, forKey: .role)
        try container.encode(user.disabled, forKey: .disabled)
        try container.encode(RFC3339.string(user.createdAt), forKey: .createdAt)
        // With null where there is none.
        try container.encode(user.lastLoginAt.map { RFC3339.string($0) }, forKey: .lastLoginAt)
    }
}
