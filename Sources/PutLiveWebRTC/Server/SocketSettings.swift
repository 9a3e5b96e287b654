/// Where to listen for media.
public struct SocketSettings: Sendable {
    /// Of all browsers' media.
    public var udpPort: Int
    /// For browsers whose network drops UDP (RFC 6544).
    public var tcpPort: Int
    /// Listen on, and tell browsers of, the loopback address too: they run on this host.
    public var includesLoopback: Bool
    /// TCP connections at once. Where there are more, one that belongs to no session makes room.
    public var mostConnections: Int
    /// Of them, from one client: an IPv4 address, or the /64 of an IPv6 one.
    public var mostConnectionsOfOne: Int

    /// All of them.
    public init(
        udpPort: Int, tcpPort: Int, includesLoopback: Bool = false, mostConnections: Int = 256,
        mostConnectionsOfOne: Int = 16
    ) {
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.includesLoopback = includesLoopback
        self.mostConnections = mostConnections
        self.mostConnectionsOfOne = mostConnectionsOfOne
    }
}
