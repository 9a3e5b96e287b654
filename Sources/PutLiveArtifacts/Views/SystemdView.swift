import PutLiveConfig

extension Views {
    /// For the units of systemd, their drop-ins and journald's.
    static func systemd(_ host: HostContext) -> [String: Any] {
        let config = host.config
        let paths = host.paths
        let webRTC = config.streaming.webrtc
        let watchdog = config.reliability.watchdog
        let bucket = config.database.backupS3Bucket
        let database = folder(of: config.database.path)
        let recordings = config.streaming.recordingPath
        let agentPorts = [config.server.httpPort] + (webRTC.enabled ? [webRTC.udpPort, webRTC.tcpPort] : [])
        return [
            "agent": paths.agent,
            "configFolder": paths.configFolder,
            "configPath": paths.config,
            "appliedConfig": paths.appliedConfig,
            "environmentFile": paths.environmentFile,
            "hasAgent": config.deployment.role != .edge,
            "usesSRS": usesSRS(host),

            "restart": watchdog.restartOnFailure ? "on-failure" : "no",
            // systemd counts starts, of which the first is no restart.
            "startLimitBurst": watchdog.maxRestarts + 1,
            "apiTimeout": watchdog.apiTimeout.wholeSeconds,

            "agentBindsLowPort": agentPorts.contains { $0 < 1024 },
            "agentWritable": distinct([database, paths.videosFolder, recordings]).map { ["path": $0] },
            "databaseFolder": database,
            "protectHome": protectHome(from: [database, recordings, config.database.backupPath]),

            "srsBinary": paths.srsBinary,
            "srsConfig": paths.srsConfig,
            "srsFolder": paths.srsFolder,
            "srsBindsLowPort": config.streaming.rtmpPort < 1024,
            "srsOpenFiles": srsOpenFiles,
            "ffmpegLogFolder": ffmpegLogFolder(host),
            "records": config.streaming.enableRecording,
            "recordingPath": recordings,

            "accessSocket": paths.accessSocket,
            "hlsMount": paths.hlsMount,
            "hlsLive": paths.hlsLive,
            "hlsSize": config.streaming.hls.tmpfsMaxSize.description,

            "reconcileInterval": config.reliability.reconcileInterval.wholeSeconds,
            "backupInterval": config.database.backupInterval.wholeSeconds,
            "backupPath": config.database.backupPath,
            "backsUpToS3": !bucket.isEmpty,
            "backupS3URL": "s3://\(bucket)",
            "cleanupInterval": config.reliability.ffmpegCleanup.interval.wholeSeconds,
            "killsZombies": config.reliability.ffmpegCleanup.killZombies,

            "swapPath": config.reliability.swap.path,
            "swapBytes": config.reliability.swap.size.bytes,
            "swapfileTool": swapfileTool,

            "grafanaPort": config.monitoring.grafanaPort,
            "journalMaxSize": config.monitoring.journalMaxSize.description,
            "rotatesLogs": config.reliability.logRotation.enabled,
            "logRetentionDays": config.reliability.logRotation.retentionDays,
        ]
    }

    /// LimitNOFILE of srs.service. SRS refuses to start unless its max_connections + 128 are fewer (ossrs/srs#4545).
    static let srsOpenFiles = 4096

    /// The script that makes the swap file.
    static let swapfileTool = "/usr/local/libexec/putlive/swapfile"

    /// The name of the swap unit, which systemd wants derived from the path.
    static func swapUnit(_ config: Config) -> String {
        SystemdName.escape(path: config.reliability.swap.path) + ".swap"
    }

    /// Whether SRS runs on the host.
    static func usesSRS(_ host: HostContext) -> Bool {
        let role = host.config.deployment.role
        return (role == .single || role == .origin) && host.config.streaming.engine == .srs
    }

    /// The folder that a file is in; `path` is absolute.
    static func folder(of path: String) -> String {
        // By bytes, as the kernel reads it: to Swift a slash with a combining mark behind it is no slash.
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).dropLast()
        return "/" + parts.map { String(Substring($0)) }.joined(separator: "/")
    }

    /// Hides people's homes, unless something of the service's own is kept in one.
    private static func protectHome(from paths: [String]) -> String {
        let homes = ["/home", "/root", "/run/user"]
        let isInside = paths.contains { path in
            homes.contains { path == $0 || path.utf8.starts(with: ($0 + "/").utf8) }
        }
        return isInside ? "read-only" : "yes"
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
