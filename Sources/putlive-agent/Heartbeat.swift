import NIOCore
import PutLiveAPI
import ServiceLifecycle
import Synchronization

/// The event loops' own pulse: each ticks once a second, the delay of its tick is a metric, and systemd's watchdog is fed
/// only while all of them tick.
final class Heartbeat: Service {
    private static let interval = TimeAmount.seconds(1)

    private let group: any EventLoopGroup
    private let notifier: ServiceNotifier
    private let lag: PeakGauge
    private let beats = Mutex<[ContinuousClock.Instant]>([])

    init(group: any EventLoopGroup, notifier: ServiceNotifier, lag: PeakGauge) {
        self.group = group
        self.notifier = notifier
        self.lag = lag
    }

    func run() async throws {
        let loops = Array(group.makeIterator())
        beats.withLock { $0 = Array(repeating: .now, count: loops.count) }
        let tasks = loops.enumerated().map { index, loop in
            loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { [self] _ in
                beats.withLock { beats in
                    let late = beats[index].duration(to: .now) - .nanoseconds(Self.interval.nanoseconds)
                    beats[index] = .now
                    lag.record(max(0, Double(late.components.seconds) + Double(late.components.attoseconds) / 1e18))
                }
            }
        }
        defer { for task in tasks { task.cancel() } }
        guard let watchdog = notifier.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        let ticks = AsyncStream<Void>(unfolding: { try? await Task.sleep(for: watchdog / 3) })
        for await _ in ticks.cancelOnGracefulShutdown() where isAlive(within: watchdog) {
            notifier.watchdog()
        }
    }

    private func isAlive(within limit: Duration) -> Bool {
        beats.withLock { beats in beats.allSatisfy { $0.duration(to: .now) < limit } }
    }
}
