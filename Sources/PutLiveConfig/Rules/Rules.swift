/// What must hold between the keys of a file.
enum Rules {
    static func check(_ config: Config, in session: ReadingSession) {
        checkRole(config, session)
        checkTLS(config, session)
        checkLadder(config, session)
        checkPorts(config, session)
        checkTimes(config, session)
        checkLists(config, session)
        checkMemory(config, session)
        checkCapacity(config, session)
    }

    private static func checkRole(_ config: Config, _ session: ReadingSession) {
        let role = config.deployment.role
        if role != .local && (config.server.domain == "localhost" || config.server.domain.isEmpty) {
            session.report(
                .error, key: "server.domain", "a public host needs its own name",
                remedy: "set server.domain to the host's DNS name, such as stream.example.com")
        }
        if role == .edge && config.deployment.originHost.isEmpty {
            session.report(
                .error, key: "deployment.origin_host", "an edge needs the origin that it fetches from",
                remedy: "set deployment.origin_host to the origin's host name")
        }
        if role != .edge && !config.deployment.originHost.isEmpty {
            session.report(
                .warning, key: "deployment.origin_host", "is used by an edge alone, and this is \(role.rawValue)",
                remedy: "remove it, or set deployment.role to edge")
        }
        if role == .edge && config.streaming.webrtc.enabled {
            session.report(
                .error, key: "streaming.webrtc.enabled", "an edge takes no broadcasts: it only caches",
                remedy: "set it to false, or publish to the origin")
        }
        if role == .edge && !config.deployment.originHost.isEmpty && config.deployment.originHost == config.server.domain {
            session.report(
                .error, key: "deployment.origin_host", "is the edge's own name, so it would fetch from itself",
                remedy: "name the origin by a host name or address of its own")
        }
        if config.streaming.engine == .embedded && config.streaming.enableRecording && role == .edge {
            session.report(
                .error, key: "streaming.enable_recording", "an edge has nothing to record", remedy: "remove it")
        }
    }

    private static func checkTLS(_ config: Config, _ session: ReadingSession) {
        guard config.server.httpsEnabled else {
            if config.deployment.role == .single || config.deployment.role == .origin {
                session.report(
                    .warning, key: "server.https_enabled",
                    "without HTTPS browsers refuse the camera, and passwords travel in the clear",
                    remedy: "set https_enabled: true with ssl_cert and ssl_key, unless something in front ends TLS")
            }
            return
        }
        if config.deployment.role == .local {
            session.report(
                .error, key: "server.https_enabled", "the local role serves plain HTTP, which browsers trust on localhost",
                remedy: "set it to false")
            return
        }
        for (key, value) in [("ssl_cert", config.server.sslCert), ("ssl_key", config.server.sslKey)] where value.isEmpty {
            session.report(
                .error, key: "server.\(key)", "https_enabled is true, but there is no \(key)",
                remedy: "name the file, such as /etc/letsencrypt/live/\(config.server.domain)/"
                    + (key == "ssl_cert" ? "fullchain.pem" : "privkey.pem"))
        }
        if !config.server.sslCert.isEmpty && config.server.sslCert == config.server.sslKey {
            session.report(
                .error, key: "server.ssl_key", "is the same file as ssl_cert",
                remedy: "name the file of the private key alone")
        }
    }

    private static func checkLadder(_ config: Config, _ session: ReadingSession) {
        let streaming = config.streaming
        var first: [String: Int] = [:]
        for (index, quality) in streaming.qualities.enumerated() where !quality.name.isEmpty {
            if let earlier = first[quality.name] {
                session.report(
                    .error, key: "streaming.qualities[\(index)].name",
                    "\(quoted(quality.name)) is the name of qualities[\(earlier)] already",
                    remedy: "give each quality a name of its own")
            } else {
                first[quality.name] = index
            }
            if quality.name == "src" {
                session.report(
                    .error, key: "streaming.qualities[\(index)].name", "\"src\" is the name of the source's own rendition",
                    remedy: "name it by its height, such as 480p")
            }
            if quality.enabled && streaming.webrtc.enabled && quality.bitrate > streaming.webrtc.maxBitrate {
                session.report(
                    .error, key: "streaming.qualities[\(index)].bitrate",
                    "\(quality.bitrate) is over streaming.webrtc.max_bitrate, \(streaming.webrtc.maxBitrate)",
                    remedy: "lower it, or raise max_bitrate")
            }
        }
        var defaults = [("streaming.default_quality", streaming.defaultQuality)]
        if streaming.webrtc.enabled {
            defaults.append(("streaming.webrtc.default_quality", streaming.webrtc.defaultQuality))
        }
        let enabled = streaming.ladder.map(\.name).joined(separator: ", ")
        // An edge has no ladder of its own, and an absent one can't contradict it.
        for (key, name) in defaults where config.deployment.role != .edge {
            guard let quality = streaming.qualities.first(where: { $0.name == name }) else {
                session.report(
                    .error, key: key, "\(quoted(name)) is none of streaming.qualities",
                    remedy: enabled.isEmpty ? "add it to qualities" : "choose one of \(enabled)")
                continue
            }
            if !quality.enabled {
                session.report(
                    .error, key: key, "\(quoted(name)) is disabled",
                    remedy: enabled.isEmpty ? "enable it" : "choose one of \(enabled), or enable it")
            }
        }
    }

    private static func checkTimes(_ config: Config, _ session: ReadingSession) {
        let database = config.database
        if database.backupEnabled && database.backupRetention < database.backupInterval {
            session.report(
                .error, key: "database.backup_retention",
                "\(database.backupRetention.configText) is shorter than backup_interval, \(database.backupInterval.configText): "
                    + "there would be times without a backup",
                remedy: "keep backups at least as long as the interval")
        }
        let hls = config.streaming.hls
        if hls.playlistWindow < hls.segmentDuration * 3 {
            session.report(
                .error, key: "streaming.hls.playlist_window",
                "\(hls.playlistWindow.configText) holds fewer than 3 segments of \(hls.segmentDuration.configText)",
                remedy: "use at least \((hls.segmentDuration * 3).configText) (RFC 8216, section 6.2.2)")
        }
        let fail2ban = config.security.fail2ban
        if fail2ban.enabled && fail2ban.banTime < .seconds(60) {
            session.report(
                .warning, key: "security.fail2ban.ban_time", "a ban of \(fail2ban.banTime.configText) hardly slows guessing",
                remedy: "use 10m or more")
        }
    }

    private static func checkLists(_ config: Config, _ session: ReadingSession) {
        let cors = config.security.cors
        if cors.enabled && cors.allowedOrigins.isEmpty {
            session.report(
                .error, key: "security.cors.allowed_origins", "cors is enabled, but no origin is allowed",
                remedy: "list the sites, or set security.cors.enabled to false")
        }
        reportDoubles(cors.allowedOrigins.map { $0.lowercased() }, "security.cors.allowed_origins", session)
        reportDoubles(config.security.adminCIDRs, "security.admin_cidrs", session)
        for (index, server) in config.streaming.webrtc.iceServers.enumerated() {
            let place = "streaming.webrtc.ice_servers[\(index)]"
            if server.urls.isEmpty {
                session.report(.error, key: place, "names no server", remedy: "add urls: stun:host:port")
            }
            let isTURN = server.urls.contains { $0.hasPrefix("turn") }
            if isTURN && (server.username.isEmpty || server.credential == nil) {
                session.report(
                    .error, key: place, "a TURN server needs username and credential", remedy: "add both (RFC 8656)")
            }
        }
    }

    private static func reportDoubles(_ values: [String], _ key: String, _ session: ReadingSession) {
        var seen: Set<String> = []
        for (index, value) in values.enumerated() where !seen.insert(value).inserted {
            session.report(.error, key: "\(key)[\(index)]", "\(quoted(value)) is listed twice", remedy: "remove one")
        }
    }
}
