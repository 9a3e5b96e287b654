import Logging
import Metrics
import PutLiveStore
import Synchronization

/// Logins, and the sessions that come of them.
struct LoginService: Sendable {
    /// A good login.
    struct Ticket: Sendable {
        let token: String
        let session: Session
        let user: User
    }

    private final class Throttle: Sendable {
        let state = Mutex(LoginThrottle())
        let origin = ContinuousClock.now
        var now: Duration { ContinuousClock.now - origin }
    }

    let store: Store
    let accounts: Accounts
    let tokens: Tokens
    let passwords: PasswordChecker
    let policy: PolicyStore
    let clock: @Sendable () -> UnixTime
    private let throttle = Throttle()

    init(
        store: Store, accounts: Accounts, tokens: Tokens, passwords: PasswordChecker, policy: PolicyStore,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.store = store
        self.accounts = accounts
        self.tokens = tokens
        self.passwords = passwords
        self.policy = policy
        self.clock = clock
    }

    /// A ticket for the right name and password. A wrong name takes the time of a wrong password and gets its answer;
    /// so does a disabled account, unless the password is right.
    ///
    /// - Throws: `Problem`: 401, 403 for a disabled account, 429 after too many failures.
    func logIn(_ username: String, _ password: String, from client: ClientAddress, logger: Logger) async throws
        -> Ticket
    {
        let found = try await check(username, password, from: client, logger: logger)
        let ticket = try await issue(to: found.user, ifPasswordHash: found.passwordHash)
        try await store.users.touchLogin(found.user.id, now: clock())
        count("success")
        logger.info("login", metadata: ["ip": "\(client.ip)", "user": "\(found.user.username)"])
        return ticket
    }

    /// Does `password` belong to `user`? For what is asked for again though one is logged in.
    ///
    /// - Throws: `Problem` as ``logIn(_:_:from:logger:)``.
    func confirm(_ user: User, _ password: String, from client: ClientAddress, logger: Logger) async throws {
        _ = try await check(user.username, password, from: client, logger: logger)
    }

    private func check(
        _ username: String, _ password: String, from client: ClientAddress, logger: Logger
    ) async throws -> Credentials {
        let attempt = LoginThrottle.Attempt(address: client.network, site: client.site, account: username)
        if let wait = throttle.state.withLock({ $0.begin(attempt, now: throttle.now) }) {
            count("throttled")
            throw Problem.tooManyRequests(retryAfter: wait, "Too many failed logins; wait \(wait) s.")
        }
        let (found, isRight): (Credentials?, Bool)
        do {
            found = try await store.users.credentials(username: username)
            isRight = try await passwords.matches(password, hash: found?.passwordHash)
        } catch {
            throttle.state.withLock { $0.withdrawn(attempt) }
            throw error
        }
        guard let found, isRight, !found.user.disabled else {
            throttle.state.withLock { $0.failed(attempt) }
            logger.warning("login_failed", metadata: ["ip": "\(client.ip)", "user": "\(username.prefix(64))"])
            let isDisabled = isRight && found?.user.disabled == true
            count(isDisabled ? "disabled" : "bad_credentials")
            throw isDisabled
                ? Problem.forbidden("The account is disabled. An admin can enable it.") : .invalidCredentials
        }
        throttle.state.withLock { $0.succeeded(attempt, now: throttle.now) }
        return found
    }

    /// A new token in place of the one of `signedIn`, which no longer counts.
    func refresh(_ signedIn: SignedIn) async throws -> Ticket {
        try await issue(to: signedIn.user, replacing: signedIn.session.id)
    }

    /// The token no longer counts.
    func logOut(_ signedIn: SignedIn) async throws {
        let now = clock()
        let revoked = try await store.sessions.revoke(signedIn.session.id, now: now)
        let session = signedIn.session
        revoke([revoked ?? Revocation(id: session.id, expiresAt: session.expiresAt)])
    }

    /// These tokens don't count any more, from now on.
    func revoke(_ revocations: [Revocation]) {
        accounts.revoke(revocations, now: clock())
        Counter(label: "putlive_sessions_revoked_total").increment(by: revocations.count)
    }

    private func issue(
        to user: User, ifPasswordHash hash: String? = nil, replacing replaced: String? = nil
    ) async throws -> Ticket {
        let now = clock()
        let session = Session(
            id: RandomText.base32(26), userID: user.id, issuedAt: now, expiresAt: now + policy.tokenLifetime)
        let token = try await tokens.sign(session)
        let known = accounts.user(user.id)
        let change: SessionChange
        do {
            change = try await store.sessions.add(session, ifPasswordHash: hash, replacing: replaced, now: now)
        } catch StoreError.notFound {
            // Disabled, deleted or given another password while this one was checked.
            throw Problem.unauthorized("The account or the token was changed meanwhile. Log in again.")
        }
        revoke(change.revoked)
        if let voided = change.voided { accounts.void(voided, of: user.id) }
        accounts.put(change.user, insteadOf: known)
        return Ticket(token: token, session: session, user: change.user)
    }

    private func count(_ result: String) {
        Counter(label: "putlive_logins_total", dimensions: [("result", result)]).increment()
    }
}
