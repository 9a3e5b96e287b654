/// Why a session is over.
public enum PeerEnd: Sendable, Equatable {
    /// The peer said so: DTLS close_notify. RTCP BYE doesn't: it ends one source (RFC 3550, section 6.6), and clients
    /// send it while others of theirs go on.
    case closedByPeer
    /// We ended it.
    case closed
    /// No connectivity check of the peer ever came through.
    case neverConnected
    /// The peer was there and isn't any more: its consent (RFC 7675) is too old.
    case consentLost
    /// The handshake failed.
    case handshakeFailed(DTLSFailure)
}

/// What happens to a session, for those who asked for it.
public enum PeerEvent: Sendable, Equatable {
    /// ICE and DTLS are through; `address` is the peer's.
    case connected(address: String, isTCP: Bool)
    /// The first packet of media came.
    case firstMedia
    /// It is over; nothing comes after this.
    case ended(PeerEnd)
}

/// Where a session's media and events go. Both are called on the server's event loop and must not wait for anything.
public struct PeerHandlers: Sendable {
    /// Takes each picture and each packet of sound.
    public var frame: @Sendable (ReceivedFrame) -> Void
    /// Takes each event.
    public var event: @Sendable (PeerEvent) -> Void

    /// Both.
    public init(
        frame: @escaping @Sendable (ReceivedFrame) -> Void, event: @escaping @Sendable (PeerEvent) -> Void
    ) {
        self.frame = frame
        self.event = event
    }
}

/// What is measured of a session.
public struct PeerStatistics: Sendable {
    /// Media, by kind, and feedback.
    public var media: ReceiverStatistics
    /// ICE and DTLS are through.
    public var isConnected: Bool
    /// Media comes over ICE-TCP.
    public var usesTCP: Bool
    /// Packets that failed SRTP's authentication.
    public var unauthentic: Int
    /// Packets that came a second time (RFC 3711, section 3.3.2).
    public var replayed: Int
}
