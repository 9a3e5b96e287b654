import PutLiveStore
import Synchronization

/// The accounts and what was revoked, in memory, so that a request's token is checked without the database. What the API
/// itself changes is taken over at once, what another process changes with the next ``replace(users:revocations:)``.
final class Accounts: Sendable {
    /// Why a token doesn't count.
    enum Refusal: String, Sendable, CaseIterable, Error {
        case invalid
        case expired
        case revoked
    }

    private struct State {
        var users: [String: User] = [:]
        /// By token, when each may be forgotten.
        var revoked: [String: UnixTime] = [:]
        /// Tokens issued before are void.
        var notBefore: UnixTime = 0
        /// The same for single users.
        var notBeforeByUser: [String: UnixTime] = [:]
        /// Tokens whose signature was checked, by their text: the check costs ten times the rest of a small request.
        var verified: [String: Session] = [:]
    }

    /// Tokens whose signature is remembered.
    static let rememberedTokens = 4096

    private let state = Mutex(State())

    /// Takes over what the database says. What was revoked since it was read stays so.
    func replace(users: [User], revocations: Revocations, now: UnixTime) {
        let users = Dictionary(users.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let revoked = Dictionary(revocations.tokens.map { ($0.id, $0.expiresAt) }, uniquingKeysWith: max)
        state.withLock {
            $0.users = users
            $0.revoked = $0.revoked.filter { $0.value > now }.merging(revoked, uniquingKeysWith: max)
            $0.notBefore = revocations.notBefore
            $0.notBeforeByUser.merge(revocations.notBeforeByUser, uniquingKeysWith: max)
        }
    }

    /// Whom `token` speaks for, if its signature was checked before.
    ///
    /// - Returns: nil where the signature has to be checked first.
    func recognize(_ token: String, now: UnixTime) -> Result<SignedIn, Refusal>? {
        state.withLock { state in
            guard let session = state.verified[token] else { return nil }
            return Self.check(session, in: state, now: now)
        }
    }

    /// Remembers that the signature of `token`, which says what `session` says, is good; answers whom it speaks for.
    func admit(_ token: String, _ session: Session, now: UnixTime) -> Result<SignedIn, Refusal> {
        state.withLock { state in
            let result = Self.check(session, in: state, now: now)
            if case .success = result {
                if state.verified.count >= Self.rememberedTokens { state.verified.removeAll(keepingCapacity: true) }
                state.verified[token] = session
            }
            return result
        }
    }

    private static func check(_ session: Session, in state: State, now: UnixTime) -> Result<SignedIn, Refusal> {
        guard session.expiresAt > now else { return .failure(.expired) }
        guard state.revoked[session.id] == nil, session.issuedAt >= state.notBefore,
            session.issuedAt >= state.notBeforeByUser[session.userID] ?? 0,
            let user = state.users[session.userID], !user.disabled
        else { return .failure(.revoked) }
        return .success(SignedIn(user: user, session: session))
    }

    /// Takes over a new or changed account.
    func put(_ user: User) {
        state.withLock { $0.users[user.id] = user }
    }

    /// Takes over an account as a transaction found it, unless another change was taken over since `known` was: that one
    /// is newer, or says the same.
    func put(_ user: User, insteadOf known: User?) {
        state.withLock { if $0.users[user.id] == known { $0.users[user.id] = user } }
    }

    /// These tokens of a user don't count any more.
    func void(_ voided: Voided, of user: String) {
        state.withLock { state in
            state.notBeforeByUser[user] = max(voided.before, state.notBeforeByUser[user] ?? 0)
            for token in voided.tokens { state.revoked[token] = nil }
        }
    }

    /// Forgets an account; its tokens don't count any more.
    func remove(user id: String) {
        state.withLock { $0.users[id] = nil }
    }

    /// These tokens don't count any more.
    func revoke(_ revocations: [Revocation], now: UnixTime) {
        guard !revocations.isEmpty else { return }
        state.withLock { state in
            for revocation in revocations { state.revoked[revocation.id] = revocation.expiresAt }
            state.revoked = state.revoked.filter { $0.value > now }
            let revoked = state.revoked
            state.verified = state.verified.filter { revoked[$0.value.id] == nil }
        }
    }

    func user(_ id: String) -> User? {
        state.withLock { $0.users[id] }
    }
}
