#if canImport(Glibc)
    import Glibc
#endif

/// An open file, folder, pipe or socket, closed with the last reference to it.
final class Descriptor {
    let number: Int32

    /// Nil for what a system call tells as failed; `errno` says why.
    init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { close(number) }

    var status: stat? {
        var status = stat()
        return fstat(number, &status) == 0 ? status : nil
    }

    /// Reads once into `buffer`: the count, 0 at the end, nil for an error.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        while true {
            let count = Glibc.read(number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }

    /// Writes all of it; false for an error.
    func write(_ content: [UInt8]) -> Bool {
        content.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Waits until there is something to read or write; false when `limit` passes before.
    func wait(for events: Int32, limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let left = max(.zero, deadline - ContinuousClock.now).components
            var request = pollfd(fd: number, events: Int16(events), revents: 0)
            // Rounded up, so that the last part of a millisecond isn't spent in a circle.
            let parts = (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            let milliseconds = min(left.seconds, 3600) * 1000 + parts
            let count = poll(&request, 1, Int32(milliseconds))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }
}

extension SystemError {
    /// With what the system says of `errno`.
    init(_ what: String, errno code: Int32) {
        self.init("\(what): \(String(cString: strerror(code)))")
    }
}
