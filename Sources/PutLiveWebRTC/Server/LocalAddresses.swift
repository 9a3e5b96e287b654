import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The addresses of the host's interfaces that browsers may send to.
enum LocalAddresses {
    /// Most that are used: a host of containers has hundreds.
    private static let limit = 16

    /// In the order of the interfaces, IPv4 first, each as text.
    ///
    /// - Throws: `IOError` if the interfaces can't be listed, as when descriptors have run out.
    static func list(includesLoopback: Bool) throws -> [String] {
        let devices = try System.enumerateDevices()
        let addresses = devices.compactMap(\.address).filter { isUsable($0, includesLoopback: includesLoopback) }
        let texts = addresses.compactMap(\.ipAddress).filter { !$0.contains("%") }
        let unique = texts.enumerated().filter { texts.firstIndex(of: $1) == $0 }.map(\.element)
        let sorted = unique.filter { !$0.contains(":") } + unique.filter { $0.contains(":") }
        return Array(sorted.prefix(limit))
    }

    /// Link-local addresses need a scope that a candidate can't name (RFC 8839, section 5.1).
    static func isUsable(_ address: SocketAddress, includesLoopback: Bool) -> Bool {
        switch address {
        case .v4(let v4):
            let value = UInt32(bigEndian: v4.address.sin_addr.s_addr)
            if value >> 24 == 127 { return includesLoopback && value == 0x7f00_0001 }
            return value != 0 && value >> 16 != 0xa9fe
        case .v6(let v6):
            return withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
                if isLoopback { return includesLoopback }
                let isLinkLocal = bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
                return !isLinkLocal && bytes.contains { $0 != 0 }
            }
        case .unixDomainSocket:
            return false
        }
    }
}

extension TransportAddress {
    /// Of a socket's other end; nil for what is no IP address.
    init?(_ address: SocketAddress, isTCP: Bool, connection: UInt32) {
        switch address {
        case .v4(let v4):
            let port = UInt16(bigEndian: v4.address.sin_port)
            self = withUnsafeBytes(of: v4.address.sin_addr) {
                TransportAddress(ip: $0, port: port, isTCP: isTCP, connection: connection)
            }
        case .v6(let v6):
            let port = UInt16(bigEndian: v6.address.sin6_port)
            self = withUnsafeBytes(of: v6.address.sin6_addr) {
                TransportAddress(ip: $0, port: port, isTCP: isTCP, connection: connection)
            }
        case .unixDomainSocket:
            return nil
        }
    }
}

extension TransportAddress {
    /// For a socket.
    var socketAddress: SocketAddress {
        let bytes = ipBytes
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return SocketAddress(address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return SocketAddress(address)
    }
}
