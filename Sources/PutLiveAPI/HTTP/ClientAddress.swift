import HTTPTypes
import NIOCore

/// Whom a request comes from.
public struct ClientAddress: Sendable, Equatable {
    /// IPv4 or IPv6 without port, zone or brackets; what limits and logs go by.
    public var ip: String
    /// The peer is this host itself, and speaks for nobody else.
    public var isLoopback: Bool
    /// The request came through the host's nginx by HTTPS.
    public var isHTTPS: Bool

    /// Reads it of the connection and, where the peer is this host, of what its nginx says. nginx overwrites the field,
    /// so its one address is true; anything else in it is no address of nginx's, and the peer's own counts.
    ///
    /// - Parameter peer: The connection's other end as an IP address; nil where it isn't known.
    public init(peer: String?, headers: HTTPFields) {
        let peer = peer ?? "0.0.0.0"
        let fromThisHost = peer == "::1" || peer.hasPrefix("127.") || peer.hasPrefix("::ffff:127.")
        let forwarded = Self.forwardingFields.contains { headers[$0] != nil }
        guard fromThisHost, forwarded else {
            self.init(ip: peer, isLoopback: fromThisHost && !forwarded, isHTTPS: false)
            return
        }
        let named = headers[.xForwardedFor].flatMap(Self.address)
        self.init(ip: named ?? peer, isLoopback: false, isHTTPS: headers[.xForwardedProto] == "https")
    }

    init(ip: String, isLoopback: Bool, isHTTPS: Bool) {
        self.ip = ip
        self.isLoopback = isLoopback
        self.isHTTPS = isHTTPS
    }

    /// Any of these, and the request isn't the peer's own.
    private static let forwardingFields: [HTTPField.Name] = [.xForwardedFor, .xForwardedProto, .xRealIP, .forwarded]

    /// `text` if it is one IP address, written the usual way.
    private static func address(_ text: String) -> String? {
        guard text.utf8.count <= 45, let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        return address.ipAddress
    }

    /// What the limits count by: an IPv4 address, or the /64 of an IPv6 one, for a client has all of that.
    var network: String {
        guard ip.contains(":"), let address = try? SocketAddress(ipAddress: ip, port: 0), case .v6(let v6) = address
        else { return ip }
        return withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
            // An IPv4 address in IPv6's clothes stays one address.
            let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            let kept = isMapped ? bytes[12..<16] : bytes[0..<8]
            return kept.map { String($0, radix: 16) }.joined(separator: ":") + (isMapped ? "" : "::/64")
        }
    }
}

extension HTTPField.Name {
    static let xForwardedFor = constant("X-Forwarded-For")
    static let xForwardedProto = constant("X-Forwarded-Proto")
    static let xRealIP = constant("X-Real-IP")
    static let forwarded = constant("Forwarded")
    static let xRequestID = constant("X-Request-Id")
    static let crossOriginOpenerPolicy = constant("Cross-Origin-Opener-Policy")
    static let permissionsPolicy = constant("Permissions-Policy")
    static let referrerPolicy = constant("Referrer-Policy")

    /// A name that is known to be one (RFC 9110, section 5.1).
    private static func constant(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}
