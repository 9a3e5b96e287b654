import Logging
import PutLiveLive
import Synchronization

/// Where all log lines go: what they share is here, and may be changed while the agent runs.
public final class LogOutput: Sendable {
    private let severity: Atomic<UInt8>
    private let scrubber: Mutex<SecretScrubber>
    private let writer: any LogWriter
    private let clock: @Sendable () -> UnixMilliseconds
    private let counters: Counters?
    private let saysPriority: Bool
    /// Lines that the writer couldn't take and nobody was told of yet.
    private let lost = Atomic<Int>(0)

    private struct Counters {
        let info, warning, error, critical: MetricCounter
    }

    /// - Parameters:
    ///   - level: Lines below it aren't written.
    ///   - secrets: Values that no line may hold.
    ///   - clock: When a line is written.
    ///   - registry: Counts the lines in `putlive_log_messages_total`.
    ///   - saysPriority: Begin each line with its priority in the form that systemd's journal takes away again (sd-daemon(3)).
    public init(
        level: Logger.Level = .info, secrets: [String] = [], writer: any LogWriter,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now, registry: MetricsRegistry? = nil,
        saysPriority: Bool = false
    ) {
        self.saysPriority = saysPriority
        severity = Atomic(level.severity)
        scrubber = Mutex(SecretScrubber(secrets: secrets))
        self.writer = writer
        self.clock = clock
        counters = registry.map { registry in
            func counter(_ level: String) -> MetricCounter {
                registry.counter("putlive_log_messages_total", ["level": level])
            }
            return Counters(
                info: counter("info"), warning: counter("warning"), error: counter("error"),
                critical: counter("critical"))
        }
    }

    /// Of every logger that wasn't given one of its own.
    public var level: Logger.Level {
        get { Logger.Level(severity: severity.load(ordering: .relaxed)) }
        set { severity.store(newValue.severity, ordering: .relaxed) }
    }

    /// Values that no line may hold from now on, in place of those before.
    public func replaceSecrets(_ secrets: [String]) {
        let new = SecretScrubber(secrets: secrets)
        scrubber.withLock { $0 = new }
    }

    func write(_ event: LogEvent, metadata: Logger.Metadata) {
        count(event.level)
        let scrubber = scrubber.withLock { $0 }
        guard accept(event, metadata, scrubber) else {
            lost.wrappingAdd(1, ordering: .relaxed)
            return
        }
        // Told once lines pass again, which the one above did.
        guard lost.load(ordering: .relaxed) > 0 else { return }
        let count = lost.exchange(0, ordering: .relaxed)
        guard count > 0 else { return }
        let notice = LogEvent(
            level: .warning, message: "log_lines_lost", metadata: nil, source: nil, file: #fileID,
            function: #function, line: #line)
        if !accept(notice, ["count": .stringConvertible(count)], scrubber) {
            lost.wrappingAdd(count, ordering: .relaxed)
        }
    }

    private func accept(_ event: LogEvent, _ metadata: Logger.Metadata, _ scrubber: SecretScrubber) -> Bool {
        let line = LogLine.bytes(of: event, metadata: metadata, milliseconds: clock(), scrubber: scrubber)
        return writer.accept(saysPriority ? Array("<\(event.level.priority)>".utf8) + line : line)
    }

    private func count(_ level: Logger.Level) {
        guard let counters else { return }
        switch level {
        case .trace, .debug, .info, .notice: counters.info.increment()
        case .warning: counters.warning.increment()
        case .error: counters.error.increment()
        case .critical: counters.critical.increment()
        }
    }
}

extension Logger.Level {
    fileprivate var severity: UInt8 {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    /// Of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    fileprivate init(severity: UInt8) {
        switch severity {
        case 0: self = .trace
        case 1: self = .debug
        case 2: self = .info
        case 3: self = .notice
        case 4: self = .warning
        case 5: self = .error
        default: self = .critical
        }
    }
}
