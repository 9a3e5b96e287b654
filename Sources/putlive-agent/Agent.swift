import CoreMetrics
import Logging
import NIOCore
import NIOPosix
import PutLiveAPI
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import PutLiveLive
import PutLiveStore
import PutLiveWebRTC
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The agent while it serves: builds every part from the config, runs them together, and ends them together.
struct Agent {
    let config: Config
    let options: ConfigOptions
    let webFolder: String

    /// How long requests and broadcasts under way may take to end.
    private static let drainTime = Duration.seconds(20)

    func run() async throws {
        let started = ContinuousClock.now
        let settings = AgentSettings(config)
        let environment = Environment.current
        let notifier = ServiceNotifier(environment: environment)
        let sockets = SocketActivation.take(environment: environment)
        Descriptors.raiseLimit()

        let metrics = MetricsRegistry(settings: settings.metrics(hasAccessLog: sockets["access"] != nil)) { problem in
            Logger(label: "metrics").warning("\(problem.event)", metadata: ["family": "\(problem.family)"])
        }
        MetricsSystem.bootstrap(metrics)
        let log = LogSetup.start(secrets: settings.host.secretTexts, metrics: metrics)
        metrics.collectProcess(now: WallClock.now())
        let logger = Logger(label: "putlive-agent")
        MediaLibraryLog.route(to: logger)

        let lock = try ServingLock(path: config.database.path)
        let store = try Store.open(
            path: config.database.path, now: Self.now(), observe: DatabaseMetrics(registry: metrics).observe)
        defer { withExtendedLifetime(lock) {} }
        try await FirstAccount(config: config, store: store, logger: logger).create()

        try MediaFolder.live(in: settings.hlsFolder).make()
        if let folder = settings.bridge.recordingFolder { try MediaFolder.recordings(folder).make() }
        let group = EventLoops.shared.group
        let secret = config.authentication.jwtSecret?.reveal() ?? RandomText.base32(52)
        let signer = StreamKeySigner(secret: secret)
        let media = try await peers(settings, group, logger)
        let live = LiveParts(
            settings: settings.live, rtmpPort: config.streaming.rtmpPort, bridge: settings.bridge,
            peers: media?.server, store: store, signer: signer, accessSocket: sockets["access"],
            group: group, logger: logger)
        metrics.onCollect(live.state.showActive)
        let system = SystemMonitor(diskPath: AgentGauges.folder(of: config.database.path))
        let reconcile = settings.reconcileStatus
        if let reconcile { metrics.collectReconcile(reconcile) }
        let probe = HealthProbe(
            store: store, hlsFolder: settings.hlsFolder, srs: live.poller, ports: media?.ports, reconcile: reconcile,
            clock: Self.now)
        let health = HealthService(
            version: config.version.rawValue, started: started, probe: probe.callAsFunction,
            sampler: { system.snapshot() }, clock: Self.now)
        await health.check()
        let server = try await APIServer(
            settings: settings.api(
                webFolder: webFolder, tokenKey: Array(secret.utf8), version: config.version.rawValue),
            policy: settings.policy,
            parts: APIServer.Parts(
                store: store, live: live.state, hooks: live.hooks, bridge: live.bridge, review: live.review,
                signer: signer, metrics: metrics, health: health, reconcile: reconcile, viewers: live.viewers.record,
                logger: logger, clock: Self.now))
        let gauges = AgentGauges(store: store, settings: settings, health: health, metrics: metrics)

        let recordings = RecordingCleanup(
            path: config.streaming.recordingPath, retention: settings.recordingRetention, live: live.state,
            logger: logger)
        let reload = Reload(
            options: options, settings: settings, server: server, live: live.state, recordings: recordings,
            reconcile: reconcile, notifier: notifier, log: log, metrics: metrics, logger: logger)
        let web = server.service(group: group) { port in
            logger.notice("serving", metadata: ["port": "\(port)", "version": "\(PutLiveVersion.text)"])
            live.state.note("agent_started", detail: "putlive-agent \(PutLiveVersion.text)")
            notifier.ready(status: "Serving on port \(port)")
        }
        let heartbeat = Heartbeat(
            group: group, notifier: notifier, lag: PeakGauge("putlive_event_loop_lag_seconds", in: metrics))
        let upkeep = Upkeep(
            store: store, server: server, review: live.review, recordings: recordings, health: health, gauges: gauges,
            system: system, logger: logger, clock: Self.now)
        // Ended in the opposite order, each when the one after it is done: the server before what it answers with, and
        // the heartbeat last, for draining may take longer than the watchdog waits.
        let renewal: [any Service] = media.map { [$0.renewal] } ?? []
        let services: [any Service] =
            [heartbeat] + live.services + renewal + [upkeep, reload, web, Stopping(notifier: notifier)]
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.drainTime
        do {
            let services = ServiceGroup(configuration: configuration)
            try await withTaskExecutorPreference(EventLoops.shared) { try await services.run() }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw CommandFailure(
                "port \(config.server.httpPort) of 127.0.0.1 is taken",
                remedy: "choose another server.http_port, or end the program that has it: ss -ltnp names it")
        } catch {
            throw CommandFailure("the agent had to stop: \(error)")
        }
        try? await server.shutDown()
        try? await live.shutDown()
        try? store.close()
        logger.notice("stopped")
    }

    /// Where browsers send their media, and what looks after it; nil where they don't broadcast. Ports that can't be had
    /// and a disk that is full keep nothing else of the agent down.
    private func peers(
        _ settings: AgentSettings, _ group: any EventLoopGroup, _ logger: Logger
    ) async throws -> (server: WebRTCServer, ports: MediaPorts, renewal: CertificateRenewal)? {
        guard config.streaming.webrtc.enabled else { return nil }
        let file = CertificateFile(path: AgentGauges.folder(of: config.database.path) + "/webrtc.pem")
        let server: WebRTCServer
        do {
            let certificate = try file.loadOrMake(now: Self.now()) { CertificateRenewal.warn(logger, $0) }
            server = try await WebRTCServer.make(
                settings: settings.peers, sockets: settings.sockets, certificate: certificate, group: group)
        } catch {
            throw CommandFailure("browsers' media can't be received: \(error)")
        }
        do {
            try await server.start()
        } catch {
            logger.error("webrtc_addresses_unknown", metadata: ["error": "\(error)"])
        }
        let renewal = CertificateRenewal(file: file, peers: server, logger: logger, clock: Self.now)
        return (server, MediaPorts(peers: server, logger: logger), renewal)
    }

    @Sendable static func now() -> UnixTime { WallClock.now() / 1000 }
}

/// Tells systemd as soon as the end begins.
private struct Stopping: Service {
    let notifier: ServiceNotifier

    func run() async throws {
        try? await gracefulShutdown()
        notifier.stopping()
    }
}

/// The environment, as a dictionary.
enum Environment {
    static var current: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }
}

/// Files and connections that may be open at once.
enum Descriptors {
    /// As many as the host lets this process have.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
