import HTTPTypes
import Hummingbird
import Logging
import Metrics
import PutLiveLive
import PutLiveStore

/// The one place where a request's right to call an endpoint is decided.
struct Authorizer: Sendable {
    let tokens: Tokens
    let accounts: Accounts
    let hookSecret: String
    let requiresLogin: Bool
    let clock: @Sendable () -> UnixTime

    /// Decides what can be decided without waiting: all but a token whose signature wasn't checked before. Fills in the
    /// account that `request` speaks for, where `access` asks for one.
    ///
    /// - Returns: Whether it is decided; if not, ``authorize(_:_:_:)`` decides.
    /// - Throws: `Problem` for those who may not.
    func authorizeAtOnce(_ request: Request, _ access: Access, _ context: inout APIContext) throws -> Bool {
        switch access {
        case .anyone:
            return true
        case .mediaServer:
            let secret = request.uri.queryParameters["secret"].map(String.init) ?? ""
            guard context.client.isLoopback, !hookSecret.isEmpty, secret.equalsInConstantTime(hookSecret) else {
                throw Problem.forbidden("Only SRS on this host calls this.")
            }
            return true
        case .monitoring where context.client.isLoopback && request.headers[.authorization] == nil:
            return true
        case .account where !requiresLogin && reads(request) && request.headers[.authorization] == nil:
            return true
        case .broadcaster:
            if let key = streamKey(request) {
                context.streamKey = key
                return true
            }
            return try recognize(request, access, &context)
        case .monitoring, .account, .publisher, .administrator:
            return try recognize(request, access, &context)
        }
    }

    private func recognize(_ request: Request, _ access: Access, _ context: inout APIContext) throws -> Bool {
        guard let known = accounts.recognize(try token(request), now: clock()) else { return false }
        try admit(known, access, &context)
        return true
    }

    /// Decides by a token whose signature has to be checked.
    ///
    /// - Throws: `Problem` for those who may not.
    func authorize(_ request: Request, _ access: Access, _ context: inout APIContext) async throws {
        let token = try token(request)
        guard let claims = await tokens.claims(of: token) else { throw refuse(.invalid) }
        try admit(accounts.admit(token, claims.session, now: clock()), access, &context)
    }

    private func admit(
        _ known: Result<SignedIn, Accounts.Refusal>, _ access: Access, _ context: inout APIContext
    ) throws {
        let signedIn = try known.mapError(refuse).get()
        guard access.admits(signedIn.user.role) else { throw Problem.forbidden(access.requirement) }
        context.signedIn = signedIn
    }

    private func reads(_ request: Request) -> Bool { request.method == .get || request.method == .head }

    /// The token, if it has the form of a stream key.
    private func streamKey(_ request: Request) -> BearerKey? {
        guard let field = request.headers[.authorization], field.utf8.count <= Tokens.lengthLimit,
            field.prefix(7).lowercased() == "bearer "
        else { return nil }
        return BearerKey(field.dropFirst(7))
    }

    private func token(_ request: Request) throws -> String {
        guard let field = request.headers[.authorization] else {
            throw Problem.unauthorized("Send Authorization: Bearer <token>, of POST /api/auth/login.")
        }
        // RFC 6750, section 2.1; the scheme's name is without case (RFC 9110, section 11.1).
        guard field.utf8.count <= Tokens.lengthLimit, field.prefix(7).lowercased() == "bearer " else {
            throw refuse(.invalid)
        }
        return String(field.dropFirst(7))
    }

    private func refuse(_ refusal: Accounts.Refusal) -> Problem {
        Counter(label: "putlive_token_rejections_total", dimensions: [("reason", refusal.rawValue)]).increment()
        switch refusal {
        case .invalid: return .unauthorized("This isn't a token of this host. Log in again.")
        case .expired: return .unauthorized("The token has expired. Log in again.")
        case .revoked: return .unauthorized("The token was revoked. Log in again.")
        }
    }
}
