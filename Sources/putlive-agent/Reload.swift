import Logging
import PutLiveAPI
import PutLiveCommands
import PutLiveConfig
import PutLiveLive
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads the config anew on SIGHUP. A bad one changes nothing.
final class Reload: Service {
    private let options: ConfigOptions
    /// What the parts were made with.
    private let settings: AgentSettings
    private let server: APIServer
    private let live: LiveState
    private let recordings: RecordingCleanup
    private let reconcile: ReconcileStatus?
    private let notifier: ServiceNotifier
    private let log: LogOutput
    private let successful: MetricGauge
    private let time: MetricGauge
    private let logger: Logger

    init(
        options: ConfigOptions, settings: AgentSettings, server: APIServer, live: LiveState,
        recordings: RecordingCleanup, reconcile: ReconcileStatus?, notifier: ServiceNotifier, log: LogOutput,
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.options = options
        self.settings = settings
        self.server = server
        self.live = live
        self.recordings = recordings
        self.reconcile = reconcile
        self.notifier = notifier
        self.log = log
        self.logger = logger
        successful = metrics.gauge("putlive_config_last_reload_successful")
        time = metrics.gauge("putlive_config_last_reload_timestamp_seconds")
        successful.set(true)
        time.set(Agent.now())
    }

    func run() async {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        notifier.reloading(monotonicMicroseconds: Self.monotonicMicroseconds)
        defer { notifier.ready() }
        let loaded = options.read()
        guard let config = loaded.config else {
            successful.set(false)
            // The diagnostics show lines of the config, so only where they are goes to the log; what has no place in
            // the file, as when there is none, is said in words.
            let places = loaded.diagnostics.prefix(5).map {
                $0.line > 0 ? "\($0.line):\($0.column) \($0.key)" : $0.message
            }.joined(separator: ", ")
            logger.error(
                "config_refused",
                metadata: [
                    "errors": "\(loaded.errorCount)", "at": "\(places)",
                    "remedy":
                        "putlive-gen validate --config \(options.path) says what is wrong; the old one stays in force",
                ])
            return
        }
        let new = AgentSettings(config)
        let reasons = new.restartReasons(since: settings)
        // The old ones may still be shown by what began with them.
        log.replaceSecrets(settings.host.secretTexts + new.host.secretTexts)
        server.reload(new.policy)
        live.set(LiveState.Limits(new.live))
        recordings.retention = new.recordingRetention
        reconcile?.interval = new.reconcileInterval
        successful.set(true)
        time.set(Agent.now())
        logger.notice("config_reloaded")
        if !reasons.isEmpty {
            logger.warning("restart_needed", metadata: ["keys": "\(reasons.joined(separator: ", "))"])
        }
    }

    private static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
