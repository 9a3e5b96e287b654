import PutLiveArtifacts
import PutLiveConfig

/// What a change of a key means to an agent with the embedded engine.
enum AgentEffect {
    /// It doesn't read the key, or at the first start of a host alone.
    case none
    case reload
    case restart
    /// A part at once, the rest with a restart.
    case both
}

/// A change of a key, and what it means.
struct AgentKeyChange: Sendable {
    var key: String
    var effect: AgentEffect
    var change: @Sendable (inout Config) -> Void

    init(_ key: String, _ effect: AgentEffect, _ change: @escaping @Sendable (inout Config) -> Void) {
        self.key = key
        self.effect = effect
        self.change = change
    }

    /// One of every key that config.yaml may have.
    static let all = server + streaming + accounts + host

    private static let server: [AgentKeyChange] = [
        .init("version", .restart) { $0.version = .v30 },
        .init("deployment.role", .restart) { $0.deployment.role = .origin },
        .init("deployment.origin_host", .none) { $0.deployment.originHost = "origin.example.org" },
        .init("deployment.instance_type", .none) { $0.deployment.instanceType = "m5.large" },
        .init("deployment.region", .none) { $0.deployment.region = "eu-west-1" },
        .init("server.domain", .restart) { $0.server.domain = "other.example.org" },
        .init("server.http_port", .restart) { $0.server.httpPort = 3300 },
        .init("server.https_enabled", .both) { $0.server.httpsEnabled.toggle() },
        .init("server.ssl_cert", .none) { $0.server.sslCert = "/other.pem" },
        .init("server.ssl_key", .none) { $0.server.sslKey = "/other.key" },
        .init("server.public_ip", .restart) { $0.server.publicIP = "192.0.2.9" },
        .init("server.trusted_proxies", .none) { $0.server.trustedProxies = ["192.0.2.0/24"] },
        .init("server.max_upload_size", .reload) { $0.server.maxUploadSize = .gibibytes(7) },
    ]

    private static let streaming: [AgentKeyChange] = [
        .init("streaming.engine", .restart) { $0.streaming.engine = .srs },
        .init("streaming.srs.package_url", .none) { $0.streaming.srs.url = "https://example.org/srs.tar" },
        .init("streaming.srs.package_sha256", .none) { $0.streaming.srs.sha256 = "00" },
        .init("streaming.rtmp_port", .restart) { $0.streaming.rtmpPort = 1936 },
        .init("streaming.hls_port", .none) { $0.streaming.hlsPort = 8088 },
        .init("streaming.max_concurrent_streams", .both) { $0.streaming.maxConcurrentStreams += 1 },
        .init("streaming.default_quality", .restart) { $0.streaming.defaultQuality = "360p" },
        .init("streaming.webrtc.enabled", .restart) { $0.streaming.webrtc.enabled.toggle() },
        .init("streaming.webrtc.ice_servers[].urls", .restart) {
            $0.streaming.webrtc.iceServers[0].urls.append("stun:b.example.org")
        },
        .init("streaming.webrtc.ice_servers[].username", .restart) {
            $0.streaming.webrtc.iceServers[0].username = "somebody"
        },
        .init("streaming.webrtc.ice_servers[].credential", .restart) {
            $0.streaming.webrtc.iceServers[0].credential = Secret("other-credential")
        },
        .init("streaming.webrtc.default_quality", .restart) { $0.streaming.webrtc.defaultQuality = "360p" },
        .init("streaming.webrtc.max_bitrate", .restart) { $0.streaming.webrtc.maxBitrate = .kilobits(3333) },
        .init("streaming.webrtc.udp_port", .restart) { $0.streaming.webrtc.udpPort = 8001 },
        .init("streaming.webrtc.tcp_port", .restart) { $0.streaming.webrtc.tcpPort = 8001 },
        .init("streaming.hls.segment_duration", .restart) { $0.streaming.hls.segmentDuration = .seconds(3) },
        .init("streaming.hls.playlist_window", .restart) { $0.streaming.hls.playlistWindow = .seconds(40) },
        .init("streaming.hls.cleanup_enabled", .restart) { $0.streaming.hls.cleanupEnabled.toggle() },
        .init("streaming.hls.tmpfs_path", .none) { $0.streaming.hls.tmpfsPath = "/dev/shm/other" },
        .init("streaming.hls.tmpfs_max_size", .none) { $0.streaming.hls.tmpfsMaxSize = .mebibytes(77) },
        .init("streaming.enable_recording", .restart) { $0.streaming.enableRecording.toggle() },
        .init("streaming.recording_path", .restart) { $0.streaming.recordingPath = "/srv/recordings" },
        .init("streaming.recording_retention", .reload) { $0.streaming.recordingRetention = .seconds(9 * 86_400) },
        .init("streaming.qualities[].name", .both) { $0.streaming.qualities[0].name = "145p" },
        .init("streaming.qualities[].resolution", .both) {
            $0.streaming.qualities[0].resolution = Resolution(width: 258, height: 144)
        },
        .init("streaming.qualities[].bitrate", .both) { $0.streaming.qualities[0].bitrate = .kilobits(201) },
        .init("streaming.qualities[].fps", .both) { $0.streaming.qualities[0].fps = 16 },
        .init("streaming.qualities[].audio_bitrate", .both) { $0.streaming.qualities[0].audioBitrate = .kilobits(33) },
        .init("streaming.qualities[].enabled", .both) { $0.streaming.qualities[0].enabled.toggle() },
    ]

    private static let accounts: [AgentKeyChange] = [
        .init("authentication.jwt_secret", .restart) { $0.authentication.jwtSecret = Secret("another") },
        .init("authentication.token_expiry", .reload) { $0.authentication.tokenExpiry = .seconds(7200) },
        .init("authentication.require_auth", .restart) { $0.authentication.requireAuth.toggle() },
        .init("authentication.default_admin_user", .none) { $0.authentication.defaultAdminUser = "somebody" },
        .init("authentication.default_admin_pass", .reload) { $0.authentication.defaultAdminPass = Secret("another") },
        .init("database.path", .restart) { $0.database.path = "/srv/data/putlive.db" },
        .init("database.backup_enabled", .restart) { $0.database.backupEnabled.toggle() },
        .init("database.backup_interval", .restart) { $0.database.backupInterval = .seconds(7200) },
        .init("database.backup_retention", .none) { $0.database.backupRetention = .seconds(9 * 86_400) },
        .init("database.backup_path", .restart) { $0.database.backupPath = "/srv/backups" },
        .init("database.backup_s3_bucket", .restart) { $0.database.backupS3Bucket = "some-bucket" },
        .init("security.rate_limit.enabled", .reload) { $0.security.rateLimit.enabled.toggle() },
        .init("security.rate_limit.requests_per_minute", .reload) { $0.security.rateLimit.requestsPerMinute += 1 },
        .init("security.rate_limit.burst", .reload) { $0.security.rateLimit.burst += 1 },
        .init("security.cors.enabled", .reload) { $0.security.cors.enabled.toggle() },
        .init("security.cors.allowed_origins", .reload) { $0.security.cors.allowedOrigins = ["https://b.example.org"] },
        .init("security.fail2ban.enabled", .none) { $0.security.fail2ban.enabled.toggle() },
        .init("security.fail2ban.max_retries", .none) { $0.security.fail2ban.maxRetries += 1 },
        .init("security.fail2ban.ban_time", .none) { $0.security.fail2ban.banTime = .seconds(77) },
        .init("security.fail2ban.find_time", .none) { $0.security.fail2ban.findTime = .seconds(77) },
        .init("security.admin_cidrs", .none) { $0.security.adminCIDRs = ["192.0.2.0/24"] },
        .init("scheduler.enabled", .reload) { $0.scheduler.enabled.toggle() },
        .init("scheduler.check_interval", .reload) { $0.scheduler.checkInterval = .seconds(7) },
        .init("scheduler.default_loop_playlist", .reload) { $0.scheduler.defaultLoopPlaylist.toggle() },
    ]

    private static let host: [AgentKeyChange] = [
        .init("monitoring.prometheus_enabled", .none) { $0.monitoring.prometheusEnabled.toggle() },
        .init("monitoring.prometheus_port", .none) { $0.monitoring.prometheusPort = 9999 },
        .init("monitoring.metrics_interval", .none) { $0.monitoring.metricsInterval = .seconds(7) },
        .init("monitoring.prometheus_retention", .none) { $0.monitoring.prometheusRetention = .seconds(9 * 86_400) },
        .init("monitoring.grafana_enabled", .none) { $0.monitoring.grafanaEnabled.toggle() },
        .init("monitoring.grafana_port", .none) { $0.monitoring.grafanaPort = 9998 },
        .init("monitoring.geoip_database", .none) { $0.monitoring.geoipDatabase = "/srv/geo.mmdb" },
        .init("monitoring.journal_max_size", .none) { $0.monitoring.journalMaxSize = .mebibytes(77) },
        .init("monitoring.cloudwatch.enabled", .none) { $0.monitoring.cloudwatch.enabled.toggle() },
        .init("monitoring.cloudwatch.region", .none) { $0.monitoring.cloudwatch.region = "eu-west-1" },
        .init("monitoring.cloudwatch.namespace", .none) { $0.monitoring.cloudwatch.namespace = "Other" },
        .init("reliability.swap.enabled", .none) { $0.reliability.swap.enabled.toggle() },
        .init("reliability.swap.size", .none) { $0.reliability.swap.size = .gibibytes(3) },
        .init("reliability.swap.path", .none) { $0.reliability.swap.path = "/srv/swap" },
        .init("reliability.log_rotation.enabled", .none) { $0.reliability.logRotation.enabled.toggle() },
        .init("reliability.log_rotation.max_size", .none) { $0.reliability.logRotation.maxSize = .mebibytes(7) },
        .init("reliability.log_rotation.retention_days", .none) { $0.reliability.logRotation.retentionDays = 9 },
        .init("reliability.log_rotation.compress", .none) { $0.reliability.logRotation.compress.toggle() },
        .init("reliability.ffmpeg_cleanup.enabled", .none) { $0.reliability.ffmpegCleanup.enabled.toggle() },
        .init("reliability.ffmpeg_cleanup.interval", .none) { $0.reliability.ffmpegCleanup.interval = .seconds(77) },
        .init("reliability.ffmpeg_cleanup.kill_zombies", .none) { $0.reliability.ffmpegCleanup.killZombies.toggle() },
        // The agent's unit says these two to systemd.
        .init("reliability.watchdog.api_timeout", .none) { $0.reliability.watchdog.apiTimeout = .seconds(77) },
        .init("reliability.watchdog.restart_on_failure", .none) {
            $0.reliability.watchdog.restartOnFailure.toggle()
        },
        .init("reliability.watchdog.srs_timeout", .none) { $0.reliability.watchdog.srsTimeout = .seconds(77) },
        .init("reliability.watchdog.max_restarts", .none) { $0.reliability.watchdog.maxRestarts += 1 },
        .init("reliability.reconcile_interval", .reload) { $0.reliability.reconcileInterval = .seconds(77) },
        .init("reliability.on_drift", .none) { $0.reliability.onDrift = .report },
        .init("alerts.email", .none) { $0.alerts.email = "b@example.org" },
        .init("alerts.sms", .none) { $0.alerts.sms = "+491" },
    ]
}
