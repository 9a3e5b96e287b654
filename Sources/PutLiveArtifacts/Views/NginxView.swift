import PutLiveConfig

extension Views {
    /// For nginx.conf of a single host and an origin, and of an edge.
    static func nginx(_ host: HostContext) -> [String: Any] {
        let config = host.config
        let paths = host.paths
        let limit = config.security.rateLimit
        let cors = config.security.cors
        let hls = config.streaming.hls
        let view: [String: Any] = [
            "errorLog": paths.logFolder + "/nginx-error.log",
            "accessLog": paths.logFolder + "/nginx-access.log",
            "viewerLog": "syslog:server=unix:\(paths.accessSocket),nohostname,tag=putlive",
            "domain": config.server.domain,
            "agentPort": config.server.httpPort,
            "hlsPort": config.streaming.hlsPort,
            "https": config.server.httpsEnabled,
            "tlsCertificate": paths.tlsCertificate,
            "tlsKey": paths.tlsKey,
            "acmeWebroot": paths.acmeWebroot,
            "hlsMount": paths.hlsMount,
            "servesEdges": config.deployment.role == .origin,
            "trustsProxies": !config.server.trustedProxies.isEmpty,
            "trustedProxies": config.server.trustedProxies.map { ["network": $0] },
            "hasGeoIP": !config.monitoring.geoipDatabase.isEmpty,
            "geoipDatabase": config.monitoring.geoipDatabase,
            "corsOrigins": cors.enabled ? cors.allowedOrigins.map { ["origin": $0] } : [],
            "rateLimited": limit.enabled,
            "apiRequestsPerMinute": limit.requestsPerMinute * 5,
            // nginx refuses a burst of 0.
            "apiBurst": max(1, limit.burst) * 5,
            // A multipart form around the largest file.
            "uploadBytes": config.server.maxUploadSize.bytes + (1 << 20),
            "playlistCache": paths.edgeCache + "/playlists",
            "segmentCache": paths.edgeCache + "/segments",
            "cacheBytes": hls.tmpfsMaxSize.bytes,
            "cacheSeconds": max(60, hls.playlistWindow.wholeSeconds * 2),
        ]
        return view.merging(origin(config.deployment.originHost)) { $1 }
    }

    /// How an edge reaches its origin: an address by HTTP, for it lies in a network of our own and no certificate names
    /// it; a name by HTTPS, its certificate verified.
    private static func origin(_ host: String) -> [String: Any] {
        let isIPv6 = host.contains(":")
        let isAddress = isIPv6 || host.allSatisfy { $0.isNumber || $0 == "." }
        let name = isIPv6 ? "[\(host)]" : host
        return [
            "originName": name,
            "originServer": "\(name):\(isAddress ? 80 : 443)",
            "originTLS": !isAddress,
        ]
    }
}
