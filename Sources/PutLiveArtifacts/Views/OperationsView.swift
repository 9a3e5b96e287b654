import PutLiveConfig

extension Views {
    /// For sysusers.d, tmpfiles.d, sysctl.d, logrotate and fail2ban.
    static func operations(_ host: HostContext) -> [String: Any] {
        let config = host.config
        let paths = host.paths
        let role = config.deployment.role
        let rotation = config.reliability.logRotation
        let fail2ban = config.security.fail2ban
        let link = config.streaming.hls.tmpfsPath
        return [
            "hasAgent": role != .edge,
            "isEdge": role == .edge,
            "usesSRS": usesSRS(host),
            "usesWebRTC": role != .edge && config.streaming.webrtc.enabled,
            "swaps": config.reliability.swap.enabled,

            "configFolder": paths.configFolder,
            "configPath": paths.config,
            "environmentFile": paths.environmentFile,
            "tlsFolder": paths.tlsFolder,
            "dataFolder": paths.dataFolder,
            "acmeWebroot": paths.acmeWebroot,
            "logFolder": paths.logFolder,
            "nginxLogs": ["nginx-access.log", "nginx-error.log"].map { ["path": paths.logFolder + "/" + $0] },
            "ffmpegLogFolder": ffmpegLogFolder(host),
            "ffmpegLogAge": rotation.enabled ? "\(rotation.retentionDays)d" : "-",
            "dataFolders": role == .edge ? [] : dataFolders(host),
            "hlsMount": paths.hlsMount,
            "hlsLive": paths.hlsLive,
            "linksHLS": link != paths.hlsMount,
            "hlsLink": link,
            "edgeCacheParent": folder(of: paths.edgeCache),
            "edgeCache": paths.edgeCache,
            "srsFolder": paths.srsFolder,

            "logMaxBytes": rotation.maxSize.bytes,
            "logRetentionDays": rotation.retentionDays,
            "compressesLogs": rotation.compress,

            "jails": jails(host),
            "maxRetries": fail2ban.maxRetries,
            "findTime": fail2ban.findTime.wholeSeconds,
            "banTime": fail2ban.banTime.wholeSeconds,
            "neverBanned": config.security.adminCIDRs.map { ["network": $0] },
        ]
    }

    /// Where SRS puts the logs of its ffmpeg processes: a folder of its own, since root's logs don't belong into one
    /// that a service may write to.
    static func ffmpegLogFolder(_ host: HostContext) -> String { host.paths.logFolder + "/ffmpeg" }

    /// The folders of database, backups, videos and recordings, each once.
    private static func dataFolders(_ host: HostContext) -> [[String: Any]] {
        let config = host.config
        // What is shared with SRS by its group, and what is the agent's alone.
        let shared = [host.paths.videosFolder, config.streaming.recordingPath]
        let own = [folder(of: config.database.path), config.database.backupPath]
        var seen: Set<String> = []
        return (own.map { ($0, "0700") } + shared.map { ($0, "2775") })
            .filter { seen.insert($0.0).inserted }
            .map { path, mode in
                let prefix = path.hasPrefix(host.paths.dataFolder + "/") ? "" : ":"
                return [
                    "path": path, "mode": prefix + mode, "user": prefix + "putlive", "group": prefix + "putlive",
                ]
            }
    }

    /// The services that addresses are banned from, each with the filter that finds the failures.
    private static func jails(_ host: HostContext) -> [[String: Any]] {
        let streaming = host.config.streaming
        let ssh: [String: Any] = ["name": "sshd", "filter": "sshd", "ports": "ssh"]
        guard host.config.deployment.role != .edge else { return [ssh] }
        let web = [80, 443, streaming.hlsPort]
        let publishing = web + (usesSRS(host) ? [streaming.rtmpPort] : [])
        return [
            ["name": "putlive-login", "filter": "putlive-login", "ports": list(web)],
            ["name": "putlive-stream-key", "filter": "putlive-stream-key", "ports": list(publishing)],
            ssh,
        ]
    }

    private static func list(_ ports: [Int]) -> String { ports.map(String.init).joined(separator: ",") }
}
