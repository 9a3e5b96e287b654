/// What all sessions of a process have in common.
public struct PeerSettings: Sendable {
    /// Most bits a second that a browser is told to send, sound and picture together.
    public var maxBitrate: Int
    /// What a browser may begin with instead of feeling its way, in bits a second; nil leaves it to the browser.
    public var startBitrate: Int?
    /// Microseconds between the keyframes that are asked for.
    public var keyframeInterval: Int64
    /// Sessions at once, those that are still connecting among them.
    public var mostSessions: Int

    /// All of them.
    public init(maxBitrate: Int, startBitrate: Int? = nil, keyframeInterval: Int64, mostSessions: Int = 128) {
        self.maxBitrate = maxBitrate
        self.startBitrate = startBitrate
        self.keyframeInterval = keyframeInterval
        self.mostSessions = mostSessions
    }
}

/// The answer to an offer.
public struct PeerAnswer: Sendable {
    /// SDP.
    public var sdp: String
    /// Names the ICE session: the entity tag of RFC 9725, section 4.3.1.
    public var entityTag: String
    /// What was agreed on.
    public var tracks: [NegotiatedTrack]

    /// All fields.
    public init(sdp: String, entityTag: String, tracks: [NegotiatedTrack]) {
        self.sdp = sdp
        self.entityTag = entityTag
        self.tracks = tracks
    }
}

/// With what a browser finds out whether UDP leads here, before it goes on air.
public struct PeerProbe: Sendable {
    /// Of the checks; they count for ``ReachabilityProbe/seconds``.
    public var credentials: ICECredentials
    /// Where to send them: the values of `a=candidate`, of UDP alone.
    public var candidates: [String]
    /// The port of all of them.
    public var udpPort: Int

    /// All fields.
    public init(credentials: ICECredentials, candidates: [String], udpPort: Int) {
        self.credentials = credentials
        self.candidates = candidates
        self.udpPort = udpPort
    }
}

/// Why an offer, or the wish for a probe, wasn't taken.
public enum PeerRefusal: Error, Sendable, Equatable {
    /// It isn't understood, or nothing in it can be taken.
    case offer(SDPError)
    /// There is no session of this name.
    case unknownSession
    /// As many sessions as may be are there.
    case full
    /// There is no address to send to: the host has no network, or can't tell its interfaces.
    case noAddress
    /// No address has its ports, for one because another program has them. They are tried again.
    case noPort(PortFailure)
    /// OpenSSL couldn't do its part.
    case failed(String)
}
