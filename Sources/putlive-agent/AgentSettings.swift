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
        return "rtmp://\(config.server.domain)\(port == 1935 ? "" : ":\(port)")/live"
    }

    /// What a running agent takes over anew. `isTrusted`: the certificate in use is one that browsers trust.
    func policy(isTrusted: Bool) -> APIPolicy {
        let limit = config.security.rateLimit
        let cors = config.security.cors
        return APIPolicy(
            rateLimit: limit.enabled
                ? APIPolicy.RateLimit(requestsPerMinute: limit.requestsPerMinute, burst: limit.burst) : nil,
            allowedOrigins: cors.enabled ? Set(cors.allowedOrigins) : [],
            tokenLifetime: Int64(config.authentication.tokenExpiry.wholeSeconds),
            strictTransportSecurity: config.server.httpsEnabled && isTrusted)
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

    /// What can't change without a restart, in words; for telling after a reload.
    func restartReasons(since old: AgentSettings) -> [String] {
        let (new, old) = (config, old.config)
        return [
            new.server.httpPort != old.server.httpPort ? "server.http_port" : nil,
            new.database.path != old.database.path ? "database.path" : nil,
            new.authentication.jwtSecret != old.authentication.jwtSecret ? "authentication.jwt_secret" : nil,
            new.streaming.engine != old.streaming.engine ? "streaming.engine" : nil,
            new.streaming.hls.tmpfsPath != old.streaming.hls.tmpfsPath ? "streaming.hls.tmpfs_path" : nil,
            new.streaming.rtmpPort != old.streaming.rtmpPort ? "streaming.rtmp_port" : nil,
            new.streaming.webrtc != old.streaming.webrtc ? "streaming.webrtc" : nil,
            new.streaming.webrtc.enabled && new.streaming.maxConcurrentStreams > old.streaming.maxConcurrentStreams
                ? "streaming.max_concurrent_streams (of browsers)" : nil,
            new.streaming.hls.segmentDuration != old.streaming.hls.segmentDuration
                ? "streaming.hls.segment_duration" : nil,
            new.streaming.enableRecording != old.streaming.enableRecording ? "streaming.enable_recording" : nil,
            new.streaming.recordingPath != old.streaming.recordingPath ? "streaming.recording_path" : nil,
            new.server.publicIP != old.server.publicIP ? "server.public_ip" : nil,
            new.server.domain != old.server.domain ? "server.domain" : nil,
            new.authentication.requireAuth != old.authentication.requireAuth ? "authentication.require_auth" : nil,
        ].compactMap(\.self)
    }
}
