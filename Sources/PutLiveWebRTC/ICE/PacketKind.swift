/// What a packet on a media port is, by its first two bytes (RFC 7983, section 7; RFC 5761, section 4).
public enum PacketKind: Sendable {
    /// A connectivity check.
    case stun
    /// Handshake and alerts.
    case dtls
    /// SRTP.
    case rtp
    /// SRTCP.
    case rtcp
    /// Nothing for us.
    case unknown

    /// Of a packet, as it came.
    public init(_ packet: UnsafeRawBufferPointer) {
        guard packet.count >= 2 else {
            self = .unknown
            return
        }
        switch packet[0] {
        case 0...3: self = .stun
        case 20...63: self = .dtls
        // RTCP's packet types, which RTP's payload types with their marker bit keep clear of.
        case 128...191: self = (192...223).contains(packet[1]) ? .rtcp : .rtp
        default: self = .unknown
        }
    }
}
