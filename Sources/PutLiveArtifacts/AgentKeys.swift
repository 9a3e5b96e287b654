import PutLiveConfig

/// A key of config.yaml that the agent reads, with what it says there: any text that differs when the value does.
public struct AgentSetting: Sendable, Hashable {
    /// `server.http_port`.
    public let key: String
    /// Kept as a secret, for some are: for comparing and hashing alone.
    public let value: Secret

    init(_ key: String, _ value: some CustomStringConvertible) {
        self.key = key
        self.value = Secret(value.description)
    }
}

/// What the agent makes of a changed config.yaml: the one place that says which keys need a restart of it.
public enum AgentKeys {
    /// What the agent takes at its start and keeps until its end.
    public static func needingRestart(_ config: Config) -> [AgentSetting] {
        let streaming = config.streaming
        let isLocal = config.deployment.role == .local
        // With SRS it's SRS that writes HLS and records; the agent needn't know how.
        let writesHLS = streaming.engine == .embedded
        return [
            AgentSetting("version", config.version.rawValue),
            AgentSetting("deployment.role", config.deployment.role.rawValue),
            AgentSetting("server.domain", config.server.domain),
            AgentSetting("server.http_port", config.server.httpPort),
            AgentSetting("server.https_enabled", config.server.httpsEnabled),
            AgentSetting("server.public_ip", config.server.publicIP),
            AgentSetting("streaming.engine", streaming.engine.rawValue),
            AgentSetting("streaming.rtmp_port", streaming.rtmpPort),
            AgentSetting("streaming.max_concurrent_streams", streaming.maxConcurrentStreams),
            AgentSetting("streaming.default_quality", streaming.defaultQuality),
            AgentSetting("streaming.webrtc", text(streaming.webrtc)),
            AgentSetting("streaming.hls.segment_duration", streaming.hls.segmentDuration.milliseconds),
            AgentSetting(
                "streaming.hls.playlist_window", writesHLS ? streaming.hls.playlistWindow.milliseconds : 0),
            AgentSetting("streaming.hls.cleanup_enabled", streaming.hls.cleanupEnabled),
            // A host's is a link for people; the agent uses the mount behind it.
            AgentSetting("streaming.hls.tmpfs_path", isLocal ? streaming.hls.tmpfsPath : ""),
            AgentSetting("streaming.enable_recording", writesHLS && streaming.enableRecording),
            AgentSetting("streaming.recording_path", streaming.recordingPath),
            AgentSetting("streaming.qualities", list(streaming.qualities.map(text))),
            AgentSetting("authentication.jwt_secret", config.authentication.jwtSecret?.reveal() ?? ""),
            AgentSetting("authentication.require_auth", config.authentication.requireAuth),
            AgentSetting("database.path", config.database.path),
            AgentSetting("database.backup_enabled", config.database.backupEnabled),
            AgentSetting("database.backup_interval", config.database.backupInterval.milliseconds),
            AgentSetting("database.backup_path", config.database.backupPath),
            AgentSetting("database.backup_s3_bucket", config.database.backupS3Bucket.isEmpty ? "none" : "some"),
        ]
    }

    /// What a running agent takes over on SIGHUP. Some keys are among both: a part of what they mean waits for a restart.
    public static func takenOverByReload(_ config: Config) -> [AgentSetting] {
        let limit = config.security.rateLimit
        let cors = config.security.cors
        let scheduler = config.scheduler
        return [
            // Whether browsers are told to come back by HTTPS alone.
            AgentSetting("server.https_enabled", config.server.httpsEnabled),
            AgentSetting("server.max_upload_size", config.server.maxUploadSize.bytes),
            AgentSetting("streaming.max_concurrent_streams", config.streaming.maxConcurrentStreams),
            AgentSetting("streaming.qualities", list(config.streaming.qualities.map(text))),
            AgentSetting("streaming.recording_retention", config.streaming.recordingRetention.milliseconds),
            AgentSetting("authentication.token_expiry", config.authentication.tokenExpiry.milliseconds),
            // For the log, which hides it.
            AgentSetting("authentication.default_admin_pass", config.authentication.defaultAdminPass?.reveal() ?? ""),
            AgentSetting("security.rate_limit.enabled", limit.enabled),
            AgentSetting("security.rate_limit.requests_per_minute", limit.requestsPerMinute),
            AgentSetting("security.rate_limit.burst", limit.burst),
            AgentSetting("security.cors.enabled", cors.enabled),
            AgentSetting("security.cors.allowed_origins", list(cors.allowedOrigins)),
            // After how long a reconcile that didn't come is missed.
            AgentSetting("reliability.reconcile_interval", config.reliability.reconcileInterval.milliseconds),
            AgentSetting("scheduler.enabled", scheduler.enabled),
            AgentSetting("scheduler.check_interval", scheduler.checkInterval.milliseconds),
            AgentSetting("scheduler.default_loop_playlist", scheduler.defaultLoopPlaylist),
        ]
    }

    /// The keys of a new config that an agent with the old one has to be restarted for, in the order of a file.
    public static func restartReasons(from old: Config, to new: Config) -> [String] {
        zip(needingRestart(old), needingRestart(new)).filter { $0 != $1 }.map(\.1.key)
    }

    private static func text(_ webRTC: WebRTC) -> String {
        let servers = webRTC.iceServers.map {
            list([list($0.urls), $0.username, $0.credential?.reveal() ?? ""])
        }
        return list([
            "\(webRTC.enabled)", list(servers), webRTC.defaultQuality, "\(webRTC.maxBitrate.bitsPerSecond)",
            "\(webRTC.udpPort)", "\(webRTC.tcpPort)",
        ])
    }

    private static func text(_ quality: Quality) -> String {
        list([
            quality.name, "\(quality.resolution)", "\(quality.bitrate.bitsPerSecond)", "\(quality.fps)",
            "\(quality.audioBitrate.bitsPerSecond)", "\(quality.enabled)",
        ])
    }

    /// Each with its length before it, so that no two lists have the same text.
    private static func list(_ texts: [String]) -> String {
        texts.map { "\($0.utf8.count):\($0)" }.joined()
    }
}
