#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sockets that systemd opened for the service, as sd_listen_fds(3) describes.
public enum SocketActivation {
    /// systemd passes sockets from this descriptor on.
    private static let firstDescriptor: Int32 = 3
    /// More are a mistake.
    private static let mostSockets: Int32 = 64
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// The sockets by the names that their units give (`FileDescriptorName=`), `unknown` where they give none; of several
    /// with one name, the first. Programs that the service starts get neither the sockets nor the variables.
    ///
    /// Call it once, first of all: it changes the environment, which no other thread may read meanwhile.
    /// - Parameters:
    ///   - environment: Of the process.
    ///   - processID: The process' own; sockets of another aren't taken.
    ///   - unset: Removes a variable of the process.
    public static func take(
        environment: [String: String], processID: Int32 = getpid(), unset: (String) -> Void = { unsetenv($0) }
    ) -> [String: Int32] {
        take(environment: environment, processID: processID, from: firstDescriptor, unset: unset)
    }

    static func take(
        environment: [String: String], processID: Int32, from first: Int32, unset: (String) -> Void
    ) -> [String: Int32] {
        defer { variables.forEach(unset) }
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == processID,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0, count <= mostSockets
        else { return [:] }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        var sockets: [String: Int32] = [:]
        for index in 0..<count {
            let descriptor = first + index
            let flags = fcntl(descriptor, F_GETFD)
            guard flags >= 0 else { continue }
            _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC)
            let name = Int(index) < names.count && !names[Int(index)].isEmpty ? String(names[Int(index)]) : "unknown"
            if sockets[name] == nil { sockets[name] = descriptor }
        }
        return sockets
    }
}
