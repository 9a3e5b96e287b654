import PutLiveAPI
import PutLiveArtifacts
import PutLiveConfig
import PutLiveLive

/// What the live side and the API are told of the config. They know nothing of config.yaml themselves.
struct AgentSettings {
    let config: Config
    let host: HostContext

    init(_ config: Config) {
        self.config = config
        host = HostContext(config: config)
    }

    private var isLocal: Bool { config.deployment.role == .local }
    private var usesSRS: Bool { config.streaming.engine == .srs }

    /// The folder that holds `live/`.
    var hlsFolder: String {
        isLocal ? config.streaming.hls.tmpfsPath : host.paths.hlsMount
    }

    var live: LiveSettings {
        let streaming = config.streaming
        return LiveSettings(
            engine: usesSRS ? .srs : .embedded,
            hlsFolder: hlsFolder,
            maxConcurrentStreams: streaming.maxConcurrentStreams,
            segmentSeconds: Double(streaming.hls.segmentDuration.milliseconds) / 1000,
            playlistWindowSeconds: Double(streaming.hls.playlistWindow.wholeSeconds),
            ladder: streaming.qualities.map { quality in
                LadderQuality(
                    name: quality.name, width: quality.resolution.width, height: quality.resolution.height,
                    videoKilobits: quality.bitrate.kilobitsPerSecond, fps: quality.fps,
                    audioKilobits: quality.audioBitrate.kilobitsPerSecond, enabled: quality.enabled)
            },
            defaultQuality: streaming.defaultQuality,
            cleanupEnabled: streaming.hls.cleanupEnabled,
            srsAPI: usesSRS ? LiveSettings.SRSAddress(port: host.paths.srsAPIPort) : nil,
            ladderVhost: host.paths.ladderVhost,
            cleanupReport: usesSRS && !isLocal ? host.paths.cleanupReport : nil)
    }

    func api(webFolder: String, tokenKey: [UInt8], version: String) -> APISettings {
        var settings = APISettings(
            tokenKey: tokenKey, hookSecret: usesSRS ? host.hookSecret.reveal() : "", rtmpServer: rtmpServer,
            webFolder: webFolder, version: version)
        settings.port = config.server.httpPort
        // With SRS, nginx serves the streams; a laptop has no nginx.
        settings.hlsFolder = usesSRS && !isLocal ? nil : hlsFolder
        settings.requiresLogin = config.authentication.requireAuth
        settings.webRTC = webRTC
        return settings
    }

    /// The server that OBS publishes to.
    var rtmpServer: String {
        let port = config.streaming.rtmpPort
        let domain = config.server.domain
        let host = domain.contains(":") ? "[\(domain)]" : domain
        return "rtmp://\(host)\(port == 1935 ? "" : ":\(port)")/live"
    }

    /// The last reconcile of this host; nil on a laptop, which isn't reconciled.
    var reconcileStatus: ReconcileStatus? {
        isLocal
            ? nil
            : ReconcileStatus(
                path: host.paths.reconcileStatusFolder + "/status.json", interval: reconcileInterval)
    }

    /// Between two runs of reconcile, in seconds.
    var reconcileInterval: Int64 { Int64(config.reliability.reconcileInterval.wholeSeconds) }

    /// How long a recording is kept, in seconds.
    var recordingRetention: Int64 { Int64(config.streaming.recordingRetention.wholeSeconds) }

    /// What a running agent takes over anew.
    var policy: APIPolicy {
        let limit = config.security.rateLimit
        let cors = config.security.cors
        return APIPolicy(
            rateLimit: limit.enabled
                ? APIPolicy.RateLimit(requestsPerMinute: limit.requestsPerMinute, burst: limit.burst) : nil,
            allowedOrigins: cors.enabled ? Set(cors.allowedOrigins) : [],
            tokenLifetime: Int64(config.authentication.tokenExpiry.wholeSeconds),
            strictTransportSecurity: config.server.httpsEnabled)
    }

    /// `hasAccessLog`: systemd handed over the socket of nginx's log.
    func metrics(hasAccessLog: Bool) -> MetricSettings {
        var features: MetricFeatures = []
        if usesSRS { features.insert(.srs) }
        if config.database.backupEnabled { features.insert(.backups) }
        if !isLocal { features.insert(.reconcile) }
        if hasAccessLog { features.insert(.accessLog) }
        if config.server.httpsEnabled { features.insert(.tls) }
        if config.streaming.webrtc.enabled { features.insert(.webRTC) }
        return MetricSettings(
            maximumStreams: config.streaming.maxConcurrentStreams,
            qualities: config.streaming.ladder.map(\.name), routes: APIServer.metricRoutes, features: features)
    }

    /// The keys whose change takes a restart; for telling after a reload.
    func restartReasons(since old: AgentSettings) -> [String] {
        AgentKeys.restartReasons(from: old.config, to: config)
    }
}
