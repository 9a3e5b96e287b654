import NIOCore

/// Notices that nothing happened on a connection for too long. One timer runs at most, and activity doesn't touch it:
/// when it fires it looks how long ago the last was.
final class IdleTimer {
    private let timeout: TimeAmount
    private let eventLoop: any EventLoop
    private let isBusy: () -> Bool
    private let whenIdle: () -> Void
    private var lastActive: NIODeadline
    private var scheduled: Scheduled<Void>?

    /// - Parameters:
    ///   - isBusy: Whether the client waits for us: the timer rests until it is started again.
    ///   - whenIdle: Called once.
    init(
        timeout: TimeAmount, eventLoop: any EventLoop, isBusy: @escaping () -> Bool, whenIdle: @escaping () -> Void
    ) {
        self.timeout = timeout
        self.eventLoop = eventLoop
        self.isBusy = isBusy
        self.whenIdle = whenIdle
        lastActive = eventLoop.now
    }

    /// Something happened.
    func touch() {
        lastActive = eventLoop.now
    }

    /// Something happened, and the client's turn is next.
    func start() {
        touch()
        if scheduled == nil { schedule(in: timeout) }
    }

    func stop() {
        scheduled?.cancel()
        scheduled = nil
    }

    private func schedule(in time: TimeAmount) {
        scheduled = eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            scheduled = nil
            guard !isBusy() else { return }
            let idle = eventLoop.now - lastActive
            if idle >= timeout { whenIdle() } else { schedule(in: timeout - idle) }
        }
    }
}
