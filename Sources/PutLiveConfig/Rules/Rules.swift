/// What must hold between the keys of a file.
enum Rules {
    static func check(_ config: Config, in session: ReadingSession) {
        checkTimes(config, session)
        checkLists(config, session)
        // What depends on the role can't be told without it.
        let isRoleKnown = !session.isDoubtful("deployment.role")
        if isRoleKnown { checkDefaultQualities(config, session) }
        checkLadder(config, session)
        guard isRoleKnown else { return }
        checkRole(config, session)
        checkTLS(config, session)
        checkSRSPackage(config, session)
        checkPorts(config, session)
        checkPaths(config, session)
        checkMemory(config, session)
        checkCapacity(config, session)
    }

    private static func checkRole(_ config: Config, _ session: ReadingSession) {
        let role = config.deployment.role
        let domain = config.server.domain.lowercased()
        if role != .local && ["localhost", "127.0.0.1", "::1"].contains(domain) {
            session.report(
                .error, key: "server.domain", message: "a public host needs its own name",
                remedy: "set server.domain to the host's DNS name, such as stream.example.com")
        }
        if role != .local, let problem = IPAddress(config.server.publicIP)?.problem {
            session.report(
                .error, key: "server.public_ip", message: "\(quoted(config.server.publicIP)) \(problem)",
                remedy: "write auto, or the address that browsers reach the host at")
        }
        let origin = config.deployment.originHost.lowercased()
        if role == .edge && origin.isEmpty {
            session.report(
                .error, key: "deployment.origin_host", message: "an edge needs the origin that it fetches from",
                remedy: "set deployment.origin_host to the origin's host name")
        }
        if role != .edge && !origin.isEmpty {
            session.report(
                .warning, key: "deployment.origin_host",
                message: "is used by an edge alone, and this is role \(role.rawValue)",
                remedy: "remove it, or set deployment.role to edge")
        }
        if role == .edge && origin == domain {
            session.report(
                .error, key: "deployment.origin_host", with: "server.domain",
                message: "is the edge's own name, so it would fetch from itself",
                remedy: "name the origin by a host name or address of its own")
        }
        if role == .edge && config.streaming.webrtc.enabled {
            session.report(
                .error, key: "streaming.webrtc.enabled", message: "an edge takes no broadcasts: it only caches",
                remedy: "set it to false, or publish to the origin")
        }
        if role == .edge && config.streaming.enableRecording {
            session.report(
                .error, key: "streaming.enable_recording", message: "an edge has nothing to record",
                remedy: "remove it, and record at the origin")
        }
    }

    private static func checkTLS(_ config: Config, _ session: ReadingSession) {
        guard config.server.httpsEnabled else {
            if config.deployment.role == .single || config.deployment.role == .origin {
                session.report(
                    .warning, key: "server.https_enabled",
                    message: "without HTTPS browsers refuse the camera, and passwords travel in the clear",
                    remedy: "set https_enabled: true with ssl_cert and ssl_key, unless something in front ends TLS")
            }
            return
        }
        if config.deployment.role == .local {
            session.report(
                .error, key: "server.https_enabled",
                message: "the local role serves plain HTTP, which browsers trust on localhost",
                remedy: "set it to false")
            return
        }
        let domain = config.server.domain == "localhost" ? "stream.example.com" : config.server.domain
        for (key, value) in [("ssl_cert", config.server.sslCert), ("ssl_key", config.server.sslKey)] where value.isEmpty
        {
            session.report(
                .error, key: "server.\(key)", with: "server.https_enabled",
                message: "https_enabled is true, but there is no \(key)",
                remedy: "name the file, such as /etc/letsencrypt/live/\(domain)/"
                    + (key == "ssl_cert" ? "fullchain.pem" : "privkey.pem"))
        }
        if !config.server.sslCert.isEmpty && config.server.sslCert == config.server.sslKey {
            session.report(
                .error, key: "server.ssl_key", with: "server.ssl_cert", message: "is the same file as ssl_cert",
                remedy: "name the file of the private key alone")
        }
    }

    private static func checkTimes(_ config: Config, _ session: ReadingSession) {
        let database = config.database
        if database.backupEnabled && database.backupRetention < database.backupInterval {
            session.report(
                .error, key: "database.backup_retention", with: "database.backup_interval", "database.backup_enabled",
                message:
                    "\(database.backupRetention.configText) is shorter than backup_interval, \(database.backupInterval.configText): "
                    + "there would be times without a backup",
                remedy: "keep backups at least as long as the interval")
        }
        let hls = config.streaming.hls
        if hls.playlistWindow < hls.segmentDuration * 3 {
            session.report(
                .error, key: "streaming.hls.playlist_window", with: "streaming.hls.segment_duration",
                message:
                    "\(hls.playlistWindow.configText) holds fewer than 3 segments of \(hls.segmentDuration.configText)",
                remedy: "use at least \((hls.segmentDuration * 3).configText) (RFC 8216, section 6.2.2)")
        }
        let fail2ban = config.security.fail2ban
        if fail2ban.enabled && fail2ban.banTime < .seconds(60) {
            session.report(
                .warning, key: "security.fail2ban.ban_time",
                message: "a ban of \(fail2ban.banTime.configText) hardly slows guessing",
                remedy: "use 10m or more")
        }
    }

    private static func checkLists(_ config: Config, _ session: ReadingSession) {
        let cors = config.security.cors
        if cors.enabled && cors.allowedOrigins.isEmpty {
            session.report(
                .error, key: "security.cors.allowed_origins", with: "security.cors.enabled",
                message: "cors is enabled, but no origin is allowed",
                remedy: "list the sites, or set security.cors.enabled to false")
        }
        for (index, server) in config.streaming.webrtc.iceServers.enumerated() {
            let place = "streaming.webrtc.ice_servers[\(index)]"
            if server.urls.isEmpty {
                session.report(
                    .error, key: place, message: "names no server", remedy: "add urls: \"stun:host:port\"")
            }
            let isTURN = server.urls.contains { $0.hasPrefix("turn") }
            if isTURN && (server.username.isEmpty || server.credential == nil) {
                session.report(
                    .error, key: place, message: "a TURN server needs username and credential",
                    remedy: "add both (RFC 8656)")
            }
        }
    }
}
