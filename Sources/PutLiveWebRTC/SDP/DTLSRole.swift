/// Who begins the DTLS handshake (RFC 8842 section 5).
public enum DTLSRole: String, Sendable {
    /// We wait for the peer's ClientHello.
    case server
    /// We send ours.
    case client

    /// The value of `a=setup` that says so.
    var setup: String { self == .server ? "passive" : "active" }
}
