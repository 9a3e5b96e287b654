/// What an ICE agent wants done, or lets know.
public enum ICEEvent: Sendable, Equatable {
    /// Send this packet.
    case send([UInt8], to: TransportAddress)
    /// The packet was the peer's, so that media may come from where it came from.
    case authenticated
    /// Send to this address from now on.
    case selected(TransportAddress)
    /// The packet changed nothing.
    case ignored(ICEIgnored)
}

/// Why a packet changed nothing.
public enum ICEIgnored: Sendable, Equatable {
    /// No STUN, or damaged.
    case malformed
    /// An answer, a keepalive or another method: nothing that an ICE-lite agent waits for.
    case notRequest
    /// Without a username or without a code.
    case incomplete
    /// The username isn't ours.
    case unknownUsername
    /// Sent by one who doesn't know the password.
    case unauthentic
    /// It has attributes that must be understood and aren't.
    case unknownAttributes
    /// The peer believes that we are in control, which an ICE-lite agent never is.
    case roleConflict
}
