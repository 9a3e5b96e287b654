#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The address of a Unix socket: a path, or a name of Linux's abstract namespace (unix(7)).
struct UnixAddress: Sendable {
    /// `sun_path`; the first byte of an abstract name is 0.
    private let path: [UInt8]

    /// As `NOTIFY_SOCKET` gives it: an absolute path, or `@` and an abstract name. Nil for what is neither, such as
    /// vsock of a virtual machine, and for what is too long.
    init?(notifySocket text: String) {
        var path = Array(text.utf8)
        guard path.count > 1, !path.contains(0) else { return nil }
        switch path[0] {
        // The kernel wants a byte 0 after a path.
        case UInt8(ascii: "/"): path.append(0)
        case UInt8(ascii: "@"): path[0] = 0
        default: return nil
        }
        guard path.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
        self.path = path
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name is as long as the address says, so the bytes after it must not be counted.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(offset + path.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// A new datagram socket that programs started later don't get; -1 where there is none.
    static func datagramSocket() -> Int32 {
        #if canImport(Glibc)
            return socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #elseif canImport(Musl)
            return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
        #else
            let descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
            if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            return descriptor
        #endif
    }

    /// For send(2): no SIGPIPE.
    static var noSignal: Int32 {
        #if canImport(Darwin)
            return 0
        #else
            return Int32(MSG_NOSIGNAL)
        #endif
    }

    /// For send(2): don't wait, and no SIGPIPE.
    static var dontWait: Int32 {
        Int32(MSG_DONTWAIT) | noSignal
    }
}
