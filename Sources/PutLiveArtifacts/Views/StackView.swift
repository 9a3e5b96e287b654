import PutLiveConfig

extension Views {
    /// What both CloudFormation templates are rendered with. The instances' own settings are set in UserData to the same
    /// values, so that the ports that a security group opens are the ports that the host listens on. Those of Prometheus and
    /// Grafana are among them so that none clashes with their defaults, and what is held against the instance's memory.
    static func stack(_ host: HostContext) -> [String: Any] {
        let config = host.config
        let https = config.server.httpsEnabled
        let email = config.alerts.email
        let domain = config.server.domain
        let srs = srsPackage(config)
        return [
            "region": config.deployment.region,
            "instanceType": config.deployment.instanceType,
            // A stack's addresses are IPv4, and its log group can't hold a colon.
            "hasDomain": !domain.isEmpty && !domain.contains(":"),
            "domain": domain,
            // The parameter stands in single quotes in UserData, so a quote can't be in it.
            "hasAdminEmail": !email.isEmpty && !email.contains("'"),
            "adminEmail": email,
            "alertPhone": config.alerts.sms,
            "httpsEnabled": https,
            "httpPort": config.server.httpPort,
            "originPort": https ? 443 : 80,
            "srsPackageURL": srs.url,
            "srsPackageSHA256": srs.sha256,
            "rtmpPort": config.streaming.rtmpPort,
            "hlsPort": config.streaming.hlsPort,
            "hlsBytes": config.streaming.hls.tmpfsMaxSize.bytes,
            "swapEnabled": config.reliability.swap.enabled,
            "swapBytes": config.reliability.swap.size.bytes,
            "webrtcEnabled": config.streaming.webrtc.enabled,
            "webrtcUDPPort": config.streaming.webrtc.udpPort,
            "webrtcTCPPort": config.streaming.webrtc.tcpPort,
            "grafanaEnabled": config.monitoring.grafanaEnabled,
            "grafanaPort": config.monitoring.grafanaPort,
            "prometheusEnabled": config.monitoring.prometheusEnabled,
            "prometheusPort": config.monitoring.prometheusPort,
            "cloudwatchEnabled": config.monitoring.cloudwatch.enabled,
            "metricNamespace": config.monitoring.cloudwatch.namespace,
            "logGroupRetentionDays": logGroupRetention(atLeast: config.reliability.logRotation.retentionDays),
            "backupExpiryDays": config.database.backupRetention.wholeDays + 30,
            "edgeTargetBytesPerMinute": edgeTargetBytesPerMinute,
        ]
    }

    /// What the parameters of SRS's package are if nobody sets them: empty, for PutLive's own engine, where the config has
    /// that or names what a new server can't reach.
    private static func srsPackage(_ config: Config) -> (url: String, sha256: String) {
        let package = config.streaming.srs
        let isReachable = package.url.hasPrefix("https://") && !package.url.contains("[")
        return config.streaming.engine == .srs && isReachable ? (package.url, package.sha256) : ("", "")
    }

    /// 40 Mbit/s: two thirds of a t3.micro's baseline bandwidth of 64 Mbit/s, so that a new edge is there before the old
    /// ones have spent their credits. In bytes a minute, as EC2's NetworkOut counts.
    private static let edgeTargetBytesPerMinute = 300_000_000

    /// The shortest retention that CloudWatch Logs offers for at least `days` days; its longest for more than that.
    /// Source: CloudWatch Logs API Reference, PutRetentionPolicy.
    static func logGroupRetention(atLeast days: Int) -> Int {
        let offered = [
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
        ]
        return offered.first { $0 >= days } ?? 3653
    }
}
