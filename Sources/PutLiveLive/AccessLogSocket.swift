import Dispatch
import Logging
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads nginx's log of HLS requests from the datagram socket that systemd owns and hands over.
public final class AccessLogSocket: Service {
    private let descriptor: Int32
    private let viewers: Viewers
    private let metrics: LiveMetrics
    private let logger: Logger
    private let budget: Mutex<LineBudget>
    private let clock: @Sendable () -> UnixMilliseconds

    /// `descriptor` is a Unix datagram socket. It stays the caller's: systemd has it as well, and datagrams that come
    /// while no agent runs wait in it. More than `linesPerSecond` lines are taken off the socket but not looked at.
    public init(
        descriptor: Int32, viewers: Viewers, metrics: LiveMetrics, logger: Logger, linesPerSecond: Int = 20_000,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        self.descriptor = descriptor
        self.viewers = viewers
        self.metrics = metrics
        self.logger = logger
        budget = Mutex(LineBudget(perSecond: linesPerSecond))
        self.clock = clock
    }

    /// Reads until the service is asked to stop.
    public func run() async {
        // One at a time, and never in the way of requests.
        let queue = DispatchQueue(label: "putlive.access-log", qos: .utility)
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [self] in drain() }
        source.resume()
        let never = AsyncStream<Never> { _ in }
        for await _ in never.cancelOnGracefulShutdown() {}
        source.cancel()
    }

    /// Takes what is there, up to a bound, so that the event handler ends; it is called again for the rest.
    private func drain() {
        withUnsafeTemporaryAllocation(byteCount: AccessLogLine.limit + 1, alignment: 16) { buffer in
            for _ in 0..<1000 {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { return }
                receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// Takes in one datagram.
    func receive(_ datagram: UnsafeRawBufferPointer) {
        guard budget.withLock({ $0.take(at: clock()) }) else {
            metrics.accessLog[.dropped]?.increment()
            return
        }
        guard let hit = AccessLogLine.parse(datagram) else {
            metrics.accessLog[.malformed]?.increment()
            return
        }
        metrics.accessLog[.accepted]?.increment()
        viewers.record(hit)
    }
}

/// What became of a datagram; the label `result` of metrics.
enum AccessLogResult: String, CaseIterable {
    case accepted, malformed, dropped
}

/// So many lines a second, and no more.
struct LineBudget: Sendable {
    private let perSecond: Int
    private var second: UnixMilliseconds = 0
    private var taken = 0

    init(perSecond: Int) {
        self.perSecond = max(1, perSecond)
    }

    mutating func take(at now: UnixMilliseconds) -> Bool {
        if now / 1000 != second {
            second = now / 1000
            taken = 0
        }
        taken += 1
        return taken <= perSecond
    }
}
