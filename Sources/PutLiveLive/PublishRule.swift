/// What the check of a stream key came to.
public enum KeyVerdict: Sendable, Equatable {
    /// It is good for this stream.
    case valid(keyID: String, userID: String)
    /// There is no such key, or none was shown.
    case unknown
    /// Its signature is wrong.
    case signature
    /// It is for another stream.
    case wrongStream
    /// Its time is over: it lets nobody in, but who went on air by it may still say so.
    case expired(keyID: String)
    /// It was revoked.
    case revoked
    /// Its user may not publish any more.
    case disabledUser
    /// It can't be checked now.
    case unavailable
}

/// Why a publisher was refused; the label `reason` of metrics.
public enum PublishRefusal: String, Sendable, CaseIterable, Error {
    // As the verdicts of the same names.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case unknown, signature, expired, revoked
    /// The key is for another stream.
    case wrongStream = "wrong_stream"
    /// Another publisher is on air under this name.
    case busy
    /// `streaming.max_concurrent_streams` are on air.
    case limit
    /// Keys can't be checked now: the database doesn't answer.
    case unavailable

    /// The publisher's credentials are at fault: what fail2ban counts.
    public var isRejectedKey: Bool { self != .busy && self != .limit && self != .unavailable }
}

/// Who asks to publish.
public enum Credential: Sendable, Equatable {
    /// A stream key, checked.
    case key(KeyVerdict)
    /// A login token of a user who may publish, checked.
    case login(userID: String)
    /// The secret of this process, checked.
    case agent
}

/// A wish to publish.
public struct PublishRequest: Sendable, Equatable {
    /// Under which name.
    public var stream: StreamName
    /// What it comes in as.
    public var source: StreamSource
    /// By what right.
    public var credential: Credential
    /// The connection, if it has a name already.
    public var clientID: String?
    /// From where.
    public var address: String?
    /// False of a browser that has only offered so far: it takes nobody's place before its media can come.
    public var isConnected = true

    /// All fields.
    public init(
        stream: StreamName, source: StreamSource, credential: Credential, clientID: String? = nil,
        address: String? = nil
    ) {
        self.stream = stream
        self.source = source
        self.credential = credential
        self.clientID = clientID
        self.address = address
    }
}

/// The answer to a wish to publish.
public enum PublishDecision: Sendable, Equatable {
    /// The stream goes on air.
    case begin(Publisher)
    /// The connection belongs to a stream that is on air already: the agent's own publish, or a question asked twice.
    case attach
    /// The same publisher has come again: the broadcast given is to end for it.
    case takeOver(Broadcast, Publisher)
    /// No.
    case refuse(PublishRefusal)
}

/// Who may publish: RTMP and browsers go by this one rule.
public enum PublishRule {
    /// Decides on `request`. `current` is on air under its name; `count` streams are on air, `limit` may be.
    public static func decide(
        _ request: PublishRequest, current: Broadcast?, count: Int, limit: Int
    ) -> PublishDecision {
        let publisher: Publisher
        switch request.credential {
        case .agent: publisher = .agent
        case .login(let userID): publisher = .login(userID: userID)
        case .key(.valid(let keyID, let userID)): publisher = .key(id: keyID, userID: userID)
        case .key(let verdict): return .refuse(refusal(of: verdict) ?? .unknown)
        }
        guard let current else { return count < limit ? .begin(publisher) : .refuse(.limit) }
        if let clientID = request.clientID, clientID == current.clientID { return .attach }
        if publisher == .agent {
            // The bridge and the playout say what they begin before they connect.
            return current.source == .rtmp ? .refuse(.busy) : .attach
        }
        return publisher.mayTakeOver(current.publisher) ? .takeOver(current, publisher) : .refuse(.busy)
    }

    /// Why a key of this verdict lets nobody in; nil if it does.
    static func refusal(of verdict: KeyVerdict) -> PublishRefusal? {
        switch verdict {
        case .valid: nil
        case .unknown: .unknown
        case .signature: .signature
        case .wrongStream: .wrongStream
        case .expired: .expired
        case .unavailable: .unavailable
        // To the publisher it is one thing: somebody took the right away.
        case .revoked, .disabledUser: .revoked
        }
    }

    /// Whether a publisher who is on air must leave, now that it would be refused for this. A key's expiry says until
    /// when one may go on air: a show isn't cut off at that second. A database that doesn't answer takes nobody's
    /// right away.
    static func ends(_ refusal: PublishRefusal) -> Bool {
        switch refusal {
        case .unknown, .signature, .wrongStream, .revoked: true
        case .expired, .unavailable, .busy, .limit: false
        }
    }
}
