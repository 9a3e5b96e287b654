/// What a login is checked against.
public struct Credentials: Sendable, Equatable {
    /// The account.
    public var user: User
    /// For `PasswordHash`.
    public var passwordHash: String
}

/// A token that must no longer be believed.
public struct Revocation: Sendable, Hashable {
    /// The token's `jti`.
    public var id: String
    /// When it may be forgotten: the token has expired by then.
    public var expiresAt: UnixTime

    /// A token and its expiry.
    public init(id: String, expiresAt: UnixTime) {
        self.id = id
        self.expiresAt = expiresAt
    }
}

/// All that must no longer be believed.
public struct Revocations: Sendable, Equatable {
    /// Tokens issued before this second are void: the database was restored, so what was revoked since the backup is
    /// unknown. 0 where it never was.
    public var notBefore: UnixTime
    /// The same for single users, whose oldest tokens were forgotten (`SessionChange`).
    public var notBeforeByUser: [String: UnixTime] = [:]
    /// Revoked tokens that haven't expired.
    public var tokens: [Revocation]
}

/// A user after a change, and the tokens that the change revoked.
public struct UserChange: Sendable, Equatable {
    /// As it is now.
    public var user: User
    /// For the caller's memory of revoked tokens.
    public var revoked: [Revocation]
}

/// What a new token changed.
public struct SessionChange: Sendable, Equatable {
    /// The token's user as it is now.
    public var user: User
    /// For the caller's memory of revoked tokens.
    public var revoked: [Revocation]
    /// What was made void as a whole.
    public var voided: Voided?
}

/// Tokens of one user that are void for their age, and needn't be remembered one by one.
public struct Voided: Sendable, Equatable {
    /// All that were issued before this second.
    public var before: UnixTime
    /// Those of them that were remembered.
    public var tokens: [String]
}

extension User {
    /// Whether the account may put streams on air. Stream keys go by the same (``Keys``).
    public var mayPublish: Bool { !disabled && role != .viewer }
}

/// Whether a key counts.
public enum KeyStatus: String, Sendable, CaseIterable {
    case active
    case expired
    /// Or its owner may no longer publish.
    case revoked
}

/// A key and what of its owner decides whether it counts.
public struct OwnedKey: Sendable, Equatable {
    /// The key.
    public var key: StreamKey
    /// Its owner's name.
    public var username: String
    /// Whether its owner is enabled and of a role that publishes.
    public var ownerMayPublish: Bool

    /// Whether it counts at `now`.
    public func status(at now: UnixTime) -> KeyStatus {
        if key.revokedAt != nil || !ownerMayPublish { return .revoked }
        if let expiry = key.expiresAt, expiry <= now { return .expired }
        return .active
    }
}
