import Hummingbird
import Metrics
import PutLiveStore

/// /api/auth: logging in and out, and one's own password.
enum AuthRoutes {
    private struct Login: Decodable {
        let username: String
        let password: String
    }

    private struct NewPassword: Decodable {
        let current_password: String
        let new_password: String
    }

    private struct Account: Encodable {
        let id: String
        let username: String
        let role: String

        init(_ user: User) {
            id = user.id
            username = user.username
            role = user.role.rawValue
        }
    }

    private struct Ticket: Encodable {
        let token: String
        let expires_in: Int64
        let user: Account
    }

    private struct Me: Encodable {
        let user: Account
        let expires_at: String
    }

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.on(.post, "/api/auth/login") { request, context in
            let login = try await JSON.decode(Login.self, from: request)
            // Longer ones are nobody's, and needn't be hashed or logged whole.
            guard login.username.utf8.count <= 256, login.password.utf8.count <= 1024 else {
                throw Problem.invalidCredentials
            }
            let ticket = try await services.logins.logIn(
                login.username, login.password, from: context.client, logger: context.logger)
            services.live.note("login", detail: "User \(ticket.user.username) logged in")
            return answer(ticket)
        }
        routes.on(.post, "/api/auth/refresh") { _, context in
            answer(try await services.logins.refresh(context.account()))
        }
        routes.on(.post, "/api/auth/logout") { _, context in
            try await services.logins.logOut(context.account())
            return .json(Message(message: "Logged out successfully"))
        }
        routes.onAtOnce(.get, "/api/auth/me") { _, context in
            let me = try context.account()
            return .json(Me(user: Account(me.user), expires_at: RFC3339.string(me.session.expiresAt)))
        }
        routes.on(.post, "/api/auth/password") { request, context in
            let wanted = try await JSON.decode(NewPassword.self, from: request)
            return try await changePassword(wanted, context, services)
        }
    }

    private static func answer(_ ticket: LoginService.Ticket) -> Response {
        .json(
            Ticket(
                token: ticket.token, expires_in: ticket.session.expiresAt - ticket.session.issuedAt,
                user: Account(ticket.user)))
    }

    private static func changePassword(
        _ wanted: NewPassword, _ context: APIContext, _ services: APIServices
    ) async throws -> Response {
        let me = try context.account()
        var fields = Fields()
        fields.refuse(AccountRules.problem(password: wanted.new_password), "new_password")
        try fields.check()
        // The right one is asked for as at a login, and guessing is slowed down as there.
        try await services.logins.confirm(
            me.user, wanted.current_password, from: context.client, logger: context.logger)
        let hash = try await services.passwords.hash(wanted.new_password)
        let change = try await services.store.users.update(
            me.user.id, passwordHash: hash, keeping: me.session.id, now: services.clock())
        services.logins.revoke(change.revoked)
        services.live.note("password_changed", detail: "User \(me.user.username) changed the password")
        context.logger.info(
            "password_changed", metadata: ["ip": "\(context.client.ip)", "user": "\(me.user.username)"])
        return .json(Message(message: "Password changed"))
    }
}
