/// Candidates of our own, as the values of `a=candidate` (RFC 8839, section 5.1). They are all of type host: an ICE-lite
/// agent has no others (RFC 8445, section 2.5).
public enum ICECandidate {
    /// Of a UDP socket.
    ///
    /// - Parameters:
    ///   - address: IPv4 or IPv6 as text; browsers want no names.
    ///   - index: 0 for the address to be tried first, 1 for the next.
    public static func udp(address: String, port: UInt16, index: Int) -> String {
        text(
            foundation: 2 * index + 1, transport: "udp", address: address, port: port,
            priority: priority(type: 126, local: 65_535 - min(max(index, 0), 65_535)))
    }

    /// Of a TCP socket that listens (RFC 6544, section 4.5).
    ///
    /// - Parameters:
    ///   - address: IPv4 or IPv6 as text; browsers want no names.
    ///   - index: 0 for the address to be tried first, 1 for the next.
    public static func passiveTCP(address: String, port: UInt16, index: Int) -> String {
        // A lower type preference than UDP's, so that TCP is what is left when UDP is blocked; and the direction
        // preference of a passive candidate in the upper bits (RFC 6544, section 4.2).
        let local = 4 << 13 | (8191 - min(max(index, 0), 8191))
        return text(
            foundation: 2 * index + 2, transport: "tcp", address: address, port: port,
            priority: priority(type: 90, local: local)) + " tcptype passive"
    }

    /// RFC 8445, section 5.1.2.1, for component 1: there is no other with rtcp-mux.
    private static func priority(type: Int, local: Int) -> Int { type << 24 | local << 8 | 255 }

    private static func text(
        foundation: Int, transport: String, address: String, port: UInt16, priority: Int
    ) -> String {
        "\(foundation) 1 \(transport) \(priority) \(address) \(port) typ host"
    }
}
