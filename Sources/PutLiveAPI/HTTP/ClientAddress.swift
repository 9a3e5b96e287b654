import HTTPTypes
import NIOCore

/// Whom a request comes from.
struct ClientAddress: Sendable {
    /// Of nobody known.
    static let unknown = ClientAddress(address: nil, isLoopback: false, isHTTPS: false)

    private let address: SocketAddress?
    /// The peer is this host itself, and speaks for nobody else.
    let isLoopback: Bool
    /// The request came through the host's nginx by HTTPS.
    let isHTTPS: Bool

    /// Reads it of the connection and, where the peer is this host, of what its nginx says. nginx overwrites the field,
    /// so its one address is true; anything else in it is no address of nginx's, and the peer's own counts.
    ///
    /// - Parameter peer: The connection's other end; nil where it isn't known.
    init(peer: SocketAddress?, headers: HTTPFields) {
        let isThisHost = peer?.isLoopback ?? false
        let isForwarded = isThisHost && Self.forwardingFields.contains { headers[$0] != nil }
        guard isForwarded else {
            self.init(address: peer, isLoopback: isThisHost, isHTTPS: false)
            return
        }
        let named = headers[.xForwardedFor].flatMap(Self.address)
        self.init(address: named ?? peer, isLoopback: false, isHTTPS: headers[.xForwardedProto] == "https")
    }

    init(address: SocketAddress?, isLoopback: Bool, isHTTPS: Bool) {
        self.address = address
        self.isLoopback = isLoopback
        self.isHTTPS = isHTTPS
    }

    /// IPv4 or IPv6 without port, zone or brackets; what logs show.
    var ip: String { address?.ipAddress ?? "0.0.0.0" }

    /// Any of these, and the request isn't the peer's own.
    private static let forwardingFields: [HTTPField.Name] = [.xForwardedFor, .xForwardedProto, .xRealIP, .forwarded]

    /// `text` if it is one IP address, written the usual way.
    private static func address(_ text: String) -> SocketAddress? {
        text.utf8.count <= 45 ? try? SocketAddress(ipAddress: text, port: 0) : nil
    }

    /// What the limits count by: an IPv4 address, or the /64 of an IPv6 one, for a client has all of that.
    var network: String {
        guard case .v6(let v6) = address else { return ip }
        return withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
            // An IPv4 address in IPv6's clothes is that address.
            guard !bytes.isMappedIPv4 else { return bytes[12..<16].map { "\($0)" }.joined(separator: ".") }
            return bytes[0..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
        }
    }

    /// The /48 of an IPv6 address, which is what a whole site is given (RFC 6177); nil for IPv4.
    var site: String? {
        guard case .v6(let v6) = address else { return nil }
        return withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
            guard !bytes.isMappedIPv4 else { return nil }
            return bytes[0..<6].map { String($0, radix: 16) }.joined(separator: ":") + "::/48"
        }
    }
}

extension SocketAddress {
    /// Of this host itself: 127.0.0.0/8, ::1, or the former as IPv6.
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let v4):
            withUnsafeBytes(of: v4.address.sin_addr) { $0[0] == 127 }
        case .v6(let v6):
            withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                bytes.isMappedIPv4 ? bytes[12] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
            }
        case .unixDomainSocket: false
        }
    }
}

extension UnsafeRawBufferPointer {
    /// ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
    fileprivate var isMappedIPv4: Bool {
        self[0..<10].allSatisfy { $0 == 0 } && self[10] == 0xFF && self[11] == 0xFF
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
    static let acceptPost = constant("Accept-Post")
    static let acceptPatch = constant("Accept-Patch")
    static let link = constant("Link")

    /// A name that is known to be one (RFC 9110, section 5.1).
    private static func constant(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}
