#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A port of browsers' media that can't be had at one of the host's addresses. It is tried again until it can.
public struct PortFailure: Error, Equatable, CustomStringConvertible {
    /// Of the host's interfaces.
    public var address: String
    /// 1 to 65535.
    public var port: Int
    /// Else of UDP.
    public var isTCP: Bool
    /// The `errno` of the call that failed; 0 for what was no call.
    public var errno: Int32

    /// All fields.
    public init(address: String, port: Int, isTCP: Bool, errno: Int32) {
        self.address = address
        self.port = port
        self.isTCP = isTCP
        self.errno = errno
    }

    /// The address is only coming or has just gone, which is no fault of the port.
    public var isOfAddress: Bool { errno == EADDRNOTAVAIL }

    /// In words, without the address.
    public var description: String {
        let port = "\(isTCP ? "TCP" : "UDP") port \(port)"
        return switch errno {
        case EADDRINUSE: "\(port) is taken by another program"
        case EACCES, EPERM: "\(port) may not be used by the agent"
        case 0: "\(port) can't be had"
        default: "\(port) can't be had: \(String(cString: strerror(errno)))"
        }
    }
}
