#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a packet came from, or goes to: the peer's address and our socket. It is looked up for each packet, so it holds
/// no reference and is cheap to hash.
public struct TransportAddress: Hashable, Sendable {
    /// The first 8 bytes of the IP address; 0 for IPv4.
    private let high: UInt64
    /// The last 8 bytes of the IP address; all 4 of IPv4.
    private let low: UInt64
    /// Tells our sockets apart: a number of the TCP connection, or of the local UDP socket.
    public let connection: UInt32
    /// Of the peer.
    public let port: UInt16
    /// Over TCP (RFC 6544); else over UDP.
    public let isTCP: Bool
    /// Of 16 bytes; else of 4.
    public let isIPv6: Bool

    /// Of an address in network byte order: 4 bytes for IPv4, 16 for IPv6. Anything else is taken as 0.0.0.0.
    public init(ip: UnsafeRawBufferPointer, port: UInt16, isTCP: Bool = false, connection: UInt32 = 0) {
        func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        isIPv6 = ip.count == 16
        high = isIPv6 ? number(ip[..<8]) : 0
        low = isIPv6 ? number(ip[8...]) : ip.count == 4 ? number(ip[...]) : 0
        self.port = port
        self.isTCP = isTCP
        self.connection = connection
    }

    /// Of an address as text, such as `192.0.2.1` or `2001:db8::1`; nil if it is none.
    public init?(ip text: String, port: UInt16, isTCP: Bool = false, connection: UInt32 = 0) {
        guard text.utf8.count <= 45 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = inet_pton(AF_INET, text, &bytes) == 1 ? 4 : inet_pton(AF_INET6, text, &bytes) == 1 ? 16 : 0
        guard count > 0 else { return nil }
        self = bytes.withUnsafeBytes {
            let ip = UnsafeRawBufferPointer(rebasing: $0[..<count])
            return TransportAddress(ip: ip, port: port, isTCP: isTCP, connection: connection)
        }
    }

    /// In network byte order, 4 bytes or 16.
    public var ipBytes: [UInt8] {
        func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64((count - 1 - $0) * 8)) }
        }
        return isIPv6 ? bytes(high, 8) + bytes(low, 8) : bytes(low, 4)
    }

    /// Such as `192.0.2.1` or `2001:db8::1`.
    public var ipText: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress,
                inet_ntop(isIPv6 ? AF_INET6 : AF_INET, ipBytes, start, 64) != nil
            else { return "" }
            return String(cString: start)
        }
    }

    /// As IPv4, if it is an IPv4 address that a socket of IPv6 shows as `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2).
    var unmapped: TransportAddress {
        guard isIPv6, high == 0, low >> 32 == 0xffff else { return self }
        return ipBytes[12...].withUnsafeBytes {
            TransportAddress(ip: $0, port: port, isTCP: isTCP, connection: connection)
        }
    }

    /// Of one client, as far as addresses tell: the same of IPv4, or of one /64 of IPv6, for a client has all of that.
    func isOfSameClient(as other: TransportAddress) -> Bool {
        let (one, two) = (unmapped, other.unmapped)
        guard one.isIPv6 == two.isIPv6 else { return false }
        return one.isIPv6 ? one.high == two.high : one.low == two.low
    }

    /// One word is enough to spread them.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low &* 31 &+ high &+ UInt64(port) << 40 &+ UInt64(connection) << 32)
    }
}

extension TransportAddress: CustomStringConvertible {
    /// Such as `192.0.2.1:5000/udp` or `[2001:db8::1]:5000/tcp`.
    public var description: String {
        (isIPv6 ? "[\(ipText)]" : ipText) + ":\(port)" + (isTCP ? "/tcp" : "/udp")
    }
}
