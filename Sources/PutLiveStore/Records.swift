/// Seconds since 1970-01-01T00:00:00Z.
public typealias UnixTime = Int64

/// What a user may do; enforced in one place by the API.
public enum Role: String, Sendable, CaseIterable, Codable {
    case admin
    case streamer
    case viewer
}

/// An account. Its password's hash stays in the store.
public struct User: Sendable, Equatable {
    /// Random, stable, never reused.
    public var id: String
    /// Unique without regard to case.
    public var username: String
    /// What the user may do.
    public var role: Role
    /// May not log in nor publish.
    public var disabled: Bool
    /// When the account was made.
    public var createdAt: UnixTime
    /// The last good login.
    public var lastLoginAt: UnixTime?

    /// All fields, as they are stored.
    public init(
        id: String, username: String, role: Role, disabled: Bool = false, createdAt: UnixTime,
        lastLoginAt: UnixTime? = nil
    ) {
        self.id = id
        self.username = username
        self.role = role
        self.disabled = disabled
        self.createdAt = createdAt
        self.lastLoginAt = lastLoginAt
    }
}

/// A permission to publish one stream name, given to one user. The signed text that a broadcaster sends is computed of
/// it and isn't stored.
public struct StreamKey: Sendable, Equatable {
    /// Random; the first part of the signed key.
    public var id: String
    /// Whose key it is.
    public var userID: String
    /// The stream name that it allows: `[a-z0-9-]{1,64}`.
    public var stream: String
    /// The owner's note.
    public var label: String
    /// When it was made.
    public var createdAt: UnixTime
    /// The first second in which it no longer counts.
    public var expiresAt: UnixTime?
    /// When it was revoked.
    public var revokedAt: UnixTime?
    /// When a publisher last used it.
    public var lastUsedAt: UnixTime?

    /// All fields, as they are stored.
    public init(
        id: String, userID: String, stream: String, label: String = "", createdAt: UnixTime,
        expiresAt: UnixTime? = nil, revokedAt: UnixTime? = nil, lastUsedAt: UnixTime? = nil
    ) {
        self.id = id
        self.userID = userID
        self.stream = stream
        self.label = label
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }
}

/// One issued token, known by its `jti` (RFC 7519, section 4.1.7).
public struct Session: Sendable, Equatable {
    /// The token's `jti`.
    public var id: String
    /// Whose token it is.
    public var userID: String
    /// When it was issued.
    public var issuedAt: UnixTime
    /// The first second in which it no longer counts.
    public var expiresAt: UnixTime
    /// When it was revoked.
    public var revokedAt: UnixTime?

    /// All fields, as they are stored.
    public init(id: String, userID: String, issuedAt: UnixTime, expiresAt: UnixTime, revokedAt: UnixTime? = nil) {
        self.id = id
        self.userID = userID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// Viewers of one stream in one minute.
public struct ViewerMinute: Sendable, Equatable {
    /// The stream's name.
    public var stream: String
    /// The first second of the minute.
    public var minute: UnixTime
    /// Most viewers at once.
    public var peakViewers: Int
    /// Seconds watched, summed over the viewers; divided by 60 it is their mean number.
    public var watchSeconds: Int
    /// Bytes sent to them.
    public var bytesSent: Int64
    /// Viewers that began to watch.
    public var sessions: Int

    /// All fields, as they are stored.
    public init(
        stream: String, minute: UnixTime, peakViewers: Int, watchSeconds: Int, bytesSent: Int64, sessions: Int
    ) {
        self.stream = stream
        self.minute = minute
        self.peakViewers = peakViewers
        self.watchSeconds = watchSeconds
        self.bytesSent = bytesSent
        self.sessions = sessions
    }
}

/// Time watched from one country on one day.
public struct CountryDay: Sendable, Equatable {
    /// ISO 3166-1 alpha-2, or `-` where it isn't known.
    public var country: String
    /// The first second of the day, UTC.
    public var day: UnixTime
    /// Seconds watched.
    public var watchSeconds: Int

    /// All fields, as they are stored.
    public init(country: String, day: UnixTime, watchSeconds: Int) {
        self.country = country
        self.day = day
        self.watchSeconds = watchSeconds
    }
}

/// Something that happened, for people to read.
public struct Event: Sendable, Equatable {
    /// Grows with time; 0 before it is stored.
    public var id: Int64
    /// When it happened.
    public var time: UnixTime
    /// Lower case with underscores, such as `stream_started`.
    public var kind: String
    /// The stream it is about.
    public var stream: String?
    /// One line for people; no secret.
    public var detail: String

    /// All fields; the store gives the id.
    public init(id: Int64 = 0, time: UnixTime, kind: String, stream: String? = nil, detail: String) {
        self.id = id
        self.time = time
        self.kind = kind
        self.stream = stream
        self.detail = detail
    }
}
