#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells systemd how the service does, as sd_notify(3) describes. Without systemd it does nothing.
public struct ServiceNotifier: Sendable {
    /// A message that systemd doesn't take at once is given up after this, in microseconds.
    private static let patience = 100_000
    /// systemd shows no more of a status.
    private static let longestStatus = 512

    private let address: UnixAddress?
    /// How often to call `watchdog()`: half of the time after which systemd kills. Nil where it doesn't watch.
    public let watchdogInterval: Duration?

    /// - Parameters:
    ///   - environment: Of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    ///   - processID: The process' own.
    public init(environment: [String: String], processID: Int32 = getpid()) {
        address = environment["NOTIFY_SOCKET"].flatMap(UnixAddress.init(notifySocket:))
        watchdogInterval = Self.watchdogInterval(environment, processID)
    }

    private static func watchdogInterval(_ environment: [String: String], _ processID: Int32) -> Duration? {
        if let wanted = environment["WATCHDOG_PID"], Int32(wanted) != processID { return nil }
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 1 else {
            return nil
        }
        return .microseconds(microseconds / 2)
    }

    /// Whether systemd wants to be told anything.
    public var isEnabled: Bool { address != nil }

    /// The service has started.
    @discardableResult public func ready(status: String? = nil) -> Bool {
        send("READY=1" + Self.line(status: status))
    }

    /// The event loops turn.
    @discardableResult public func watchdog() -> Bool {
        send("WATCHDOG=1")
    }

    /// The service reads its configuration anew; `ready` ends that.
    /// - Parameter monotonicMicroseconds: Now, of CLOCK_MONOTONIC.
    @discardableResult public func reloading(monotonicMicroseconds: UInt64) -> Bool {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)")
    }

    /// The service ends.
    @discardableResult public func stopping(status: String? = nil) -> Bool {
        send("STOPPING=1" + Self.line(status: status))
    }

    /// One line for `systemctl status`.
    @discardableResult public func status(_ text: String) -> Bool {
        send(String(Self.line(status: text).dropFirst()))
    }

    private static func line(status: String?) -> String {
        guard let status else { return "" }
        // A line end would begin another variable.
        let text = status.unicodeScalars.prefix(longestStatus).map { $0.value < 0x20 ? " " : String($0) }.joined()
        return "\nSTATUS=" + text
    }

    /// One datagram; false where systemd didn't get it.
    private func send(_ state: String) -> Bool {
        guard let address else { return false }
        let descriptor = UnixAddress.datagramSocket()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 0, tv_usec: .init(Self.patience))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(state.utf8)
        while true {
            let count = address.withPointer { sendto(descriptor, bytes, bytes.count, UnixAddress.noSignal, $0, $1) }
            if count >= 0 || errno != EINTR { return count == bytes.count }
        }
    }
}
