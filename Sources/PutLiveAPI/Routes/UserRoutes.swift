import Hummingbird
import Logging
import PutLiveLive
import PutLiveStore

/// /api/users: accounts, for admins.
enum UserRoutes {
    private struct NewUser: Decodable {
        let username: String
        let password: String
        let role: String
    }

    private struct Change: Decodable {
        let role: String?
        let disabled: Bool?
        let password: String?
    }

    struct Item: Encodable {
        let id: String
        let username: String
        let role: String
        let disabled: Bool
        let created_at: String
        @ExplicitNull var last_login_at: String?

        init(_ user: User) {
            id = user.id
            username = user.username
            role = user.role.rawValue
            disabled = user.disabled
            created_at = RFC3339.string(user.createdAt)
            _last_login_at = ExplicitNull(wrappedValue: user.lastLoginAt.map { RFC3339.string($0) })
        }
    }

    private struct Items: Encodable {
        let users: [Item]
        let total: Int
    }

    private static let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.on(.get, "/api/users") { _, _ in
            let users = try await services.store.users.list(limit: AccountRules.users)
            return .json(Items(users: users.map(Item.init), total: users.count))
        }
        routes.on(.post, "/api/users") { request, context in
            let wanted = try await JSON.decode(NewUser.self, from: request)
            return try await create(wanted, context, services)
        }
        routes.on(.get, "/api/users/{id}") { _, context in
            .json(Item(try await find(context, services)))
        }
        routes.on(.patch, "/api/users/{id}") { request, context in
            let change = try await JSON.decode(Change.self, from: request)
            return try await update(find(context, services), change, context, services)
        }
        routes.on(.delete, "/api/users/{id}") { _, context in
            let user = try await find(context, services)
            let change = try await services.store.users.delete(user.id, now: services.clock())
            services.accounts.remove(user: user.id)
            services.logins.revoke(change.revoked)
            await services.review.run()
            try note("user_deleted", user, "deleted", context, services)
            return .json(Message(message: "User deleted"))
        }
    }

    /// An event and a line of who did what to whom.
    private static func note(
        _ kind: String, _ user: User, _ done: String, _ context: APIContext, _ services: APIServices,
        fields: [String] = []
    ) throws {
        let me = try context.account().user.username
        let changes = fields.joined(separator: ", ")
        services.live.note(
            kind, detail: "User \(user.username) \(done) by \(me)" + (changes.isEmpty ? "" : ": \(changes)"))
        var metadata: Logger.Metadata = [
            "ip": "\(context.client.ip)", "user": "\(user.username)", "role": "\(user.role.rawValue)", "by": "\(me)",
        ]
        if !changes.isEmpty { metadata["changes"] = "\(changes)" }
        context.logger.info("\(kind)", metadata: metadata)
    }

    private static func find(_ context: APIContext, _ services: APIServices) async throws -> User {
        let id = context.parameter
        guard let user = try await services.store.users.find(id: id) else {
            throw Problem.notFound("There is no user with this id.")
        }
        return user
    }

    private static func create(_ wanted: NewUser, _ context: APIContext, _ services: APIServices) async throws
        -> Response
    {
        var fields = Fields()
        fields.refuse(AccountRules.problem(username: wanted.username), "username")
        fields.refuse(AccountRules.problem(password: wanted.password), "password")
        let role = fields.value(Role(rawValue: wanted.role), "role", "one of \(roles)")
        try fields.check()
        let hash = try await services.passwords.hash(wanted.password)
        let user = try await services.store.users.add(
            username: wanted.username, role: role ?? .viewer, passwordHash: hash, now: services.clock())
        services.accounts.put(user)
        try note("user_created", user, "created", context, services)
        return .json(Item(user), status: .created)
    }

    private static func update(
        _ user: User, _ change: Change, _ context: APIContext, _ services: APIServices
    ) async throws -> Response {
        var fields = Fields()
        fields.require(
            change.role != nil || change.disabled != nil || change.password != nil, "role",
            "give at least one of role, disabled, password")
        let role = change.role.map { Role(rawValue: $0) }
        if case .some(.none) = role { fields.require(false, "role", "one of \(roles)") }
        fields.refuse(change.password.flatMap { AccountRules.problem(password: $0) }, "password")
        try fields.check()
        let hash: String? =
            if let password = change.password { try await services.passwords.hash(password) } else { nil }
        let done = try await services.store.users.update(
            user.id, role: role ?? nil, disabled: change.disabled, passwordHash: hash, now: services.clock())
        services.accounts.put(done.user)
        services.logins.revoke(done.revoked)
        await services.review.run()
        try note(
            "user_changed", done.user, "changed", context, services,
            fields: [
                change.role.map { "role \($0)" }, change.disabled.map { $0 ? "disabled" : "enabled" },
                change.password.map { _ in "password" },
            ].compactMap(\.self))
        return .json(Item(done.user))
    }
}

/// An optional that is written as null, where Codable would leave the key out.
@propertyWrapper
struct ExplicitNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}
