/// Why a handshake failed.
public enum DTLSFailure: Error, Sendable, Equatable {
    /// It wasn't through after 30 seconds.
    case timeout
    /// The peer's certificate isn't the one that its offer names (RFC 8122, section 6.2): somebody sits in between.
    case fingerprint
    /// The peer gave up, with this alert (RFC 5246, section 7.2).
    case alert(UInt8)
    /// There is no SRTP protection profile that both sides have.
    case profile
    /// What the peer sent isn't acceptable; OpenSSL's words for it.
    case refused(String)
}

extension DTLSFailure: CustomStringConvertible {
    /// For a log.
    public var description: String {
        switch self {
        case .timeout: "the DTLS handshake took longer than 30 seconds"
        case .fingerprint: "the peer's certificate has another fingerprint than its SDP names"
        case .alert(let number): "the peer ended the DTLS handshake with alert \(number)"
        case .profile: "no SRTP protection profile in common"
        case .refused(let words): "the DTLS handshake failed: \(words)"
        }
    }
}
