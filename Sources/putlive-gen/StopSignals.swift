import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What asks a program to end: Ctrl-C, a service manager, a terminal that goes away.
///
/// A handler writes into a pipe, which is then read in peace. libdispatch's own sources need the signals ignored, and an
/// ignored signal is lost when it comes to the main thread while that doesn't block it.
enum StopSignals {
    private static let pipeEnds: [Int32] = {
        var ends: [Int32] = [-1, -1]
        return pipe(&ends) == 0 ? ends : [-1, -1]
    }()

    /// From here on calls `body` with the number of each that comes, on a thread of its own. For one caller.
    static func handle(_ body: @escaping @Sendable (Int32) -> Void) {
        // Made before a handler needs it. Programs that are started from here get neither end.
        for end in pipeEnds { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                let problem = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(StopSignals.pipeEnds[1], &byte, 1)
                errno = problem
            }
        }
        DispatchQueue(label: "stop").async {
            var byte: UInt8 = 0
            while true {
                let count = read(pipeEnds[0], &byte, 1)
                if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { return }
            }
        }
    }
}
