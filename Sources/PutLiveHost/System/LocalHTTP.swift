#if canImport(Glibc)
    import Glibc
#endif

/// Asks an HTTP server on 127.0.0.1 one thing: a probe of a service needs no more of a client.
enum LocalHTTP {
    /// Nil when no valid answer came within `limit`, whatever the server does meanwhile.
    static func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? {
        let deadline = ContinuousClock.now + limit
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), let socket = connect(to: port, until: deadline) else {
            return nil
        }
        let request = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            User-Agent: putlive-reconcile\r
            Connection: close\r
            \r

            """
        // It fits into the empty buffer of a new connection.
        let length = request.utf8.count
        guard send(socket.number, request, length, Int32(MSG_NOSIGNAL)) == length else { return nil }
        var reader = HTTPAnswerReader()
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while socket.wait(for: POLLIN, limit: deadline - ContinuousClock.now) {
            guard let count = buffer.withUnsafeMutableBytes({ socket.read(into: $0) }) else { return nil }
            if count == 0 { reader.end() } else { reader.take(buffer[..<count]) }
            if reader.isDone { return reader.answer }
        }
        return nil
    }

    private static func connect(to port: Int, until deadline: ContinuousClock.Instant) -> Descriptor? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard let port = UInt16(exactly: port), let socket = Descriptor(socket(AF_INET, kind, 0)) else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return socket }
        guard errno == EINPROGRESS, socket.wait(for: POLLOUT, limit: deadline - ContinuousClock.now) else { return nil }
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &failure, &size)
        return failure == 0 ? socket : nil
    }
}
