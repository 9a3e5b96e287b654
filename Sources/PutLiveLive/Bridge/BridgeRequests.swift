import PutLiveWebRTC

/// A browser's wish to go on air.
public struct OfferRequest: Sendable {
    /// By what right.
    public enum Right: Sendable, Equatable {
        /// A signed stream key, not checked yet.
        case key(String)
        /// A login token of a user who may publish, checked.
        case login(userID: String)
    }

    /// Under which name.
    public var stream: StreamName
    /// The offer, in SDP.
    public var sdp: String
    /// By what right.
    public var right: Right
    /// How it came.
    public var method: PublishProtocol
    /// From where.
    public var address: String
    /// Of the HTTP request, for the log.
    public var requestID: String

    /// All fields.
    public init(
        stream: StreamName, sdp: String, right: Right, method: PublishProtocol, address: String, requestID: String
    ) {
        self.stream = stream
        self.sdp = sdp
        self.right = right
        self.method = method
        self.address = address
        self.requestID = requestID
    }
}

/// A browser that may send now.
public struct BridgeAnswer: Sendable {
    /// Names its session.
    public var id: String
    /// The answer, in SDP.
    public var sdp: String
    /// Names its ICE session (RFC 9725, section 4.3.1).
    public var entityTag: String
}

/// Why a browser can't go on air, or can't change what it has.
public enum BridgeRefusal: Error, Sendable, Equatable {
    /// The offer isn't understood; in words.
    case malformed(String)
    /// Nothing in the offer can be taken; in words.
    case unacceptable(String)
    /// It may not publish, or not now.
    case publisher(PublishRefusal)
    /// There is no such session.
    case unknown
    /// The session is another publisher's.
    case foreign
    /// There is no room on this machine; in words.
    case full(String)
    /// The agent is at fault; its log says more.
    case failed
}
