import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes lines to a file descriptor, standard output: one system call a line, under a lock.
///
/// It never waits long, for loggers run on the event loops. To a socket, as systemd's journal is, it sends without
/// waiting; anything else it first asks for room, and gives it no more at once than fits. Where there is no room it waits
/// up to 30 ms, and only for the first line: until the reader has caught up, lines are lost at once, and counted.
public final class DescriptorLogWriter: LogWriter {
    private static let waits = 3
    private static let waitMilliseconds: Int32 = 10
    /// A pipe that has room takes this much without waiting (PIPE_BUF, a page).
    private static let pieceSize = 4_096

    private struct State {
        /// The rest of a line of which a part was written; it must come before the next, or both are spoilt.
        var rest: [UInt8] = []
        var isStalled = false
    }

    private let descriptor: Int32
    private let isSocket: Bool
    private let state = Mutex(State())

    /// The descriptor stays open, and stays in the mode it is in: others may share it.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        var status = stat()
        isSocket = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Writes a line with its end; false where there is no room for it, or nobody who reads.
    public func accept(_ line: [UInt8]) -> Bool {
        state.withLock { state in
            var waits = state.isStalled ? 0 : Self.waits
            if !state.rest.isEmpty {
                state.rest.removeFirst(push(state.rest[...], &waits))
                guard state.rest.isEmpty else { return false }
            }
            let written = push(line[...], &waits)
            state.isStalled = written < line.count
            // A line that is begun will be finished.
            if written > 0 { state.rest = Array(line[written...]) }
            return written > 0
        }
    }

    /// Bytes that were written.
    private func push(_ bytes: ArraySlice<UInt8>, _ waits: inout Int) -> Int {
        var rest = bytes
        while !rest.isEmpty {
            if isSocket || hasRoom(within: 0) {
                let count = rest.withUnsafeBytes { rest in
                    isSocket
                        ? send(descriptor, rest.baseAddress, rest.count, UnixAddress.dontWait)
                        : write(descriptor, rest.baseAddress, min(rest.count, Self.pieceSize))
                }
                if count > 0 { rest.removeFirst(count) }
                if count > 0 || errno == EINTR { continue }
                // EPIPE and the like: nobody reads, and there is nobody to tell.
                guard errno == EAGAIN else { break }
            }
            guard waits > 0 else { break }
            waits -= 1
            _ = hasRoom(within: Self.waitMilliseconds)
        }
        return bytes.count - rest.count
    }

    /// Whether a write wouldn't wait. Where something is wrong with the descriptor it wouldn't either: it fails.
    private func hasRoom(within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }
}
