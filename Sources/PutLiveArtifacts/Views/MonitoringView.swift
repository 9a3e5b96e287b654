import PutLiveConfig

extension Views {
    /// For Prometheus, its alert rules and its service's arguments, the node exporter, Grafana and the CloudWatch agent.
    static func monitoring(_ host: HostContext) -> [String: Any] {
        let config = host.config
        let role = config.deployment.role
        // An edge runs nginx alone; a laptop has no node exporter, and Prometheus there is the user's own.
        let hasAgent = role != .edge
        let hasSRS = hasAgent && config.streaming.engine == .srs
        let prometheus = loopback(config.monitoring.prometheusPort)
        let bandwidth = sustainedMegabits(of: config.deployment.instanceType)
        return [
            "scrapeInterval": "\(config.monitoring.metricsInterval.wholeSeconds)s",
            "retentionSeconds": config.monitoring.prometheusRetention.wholeSeconds,
            "instance": config.server.domain,
            // Half above the segment length, which is what broadcasters are asked for.
            "keyframesRareSeconds": max(6, config.streaming.hls.segmentDuration.milliseconds * 3 / 2 / 1000),
            "scrapesAgent": hasAgent,
            "scrapesHost": role != .local,
            "usesSRS": hasSRS,
            "agentTarget": loopback(config.server.httpPort),
            "nodeTarget": loopback(host.paths.nodeExporterPort),
            "nodeExporterPort": host.paths.nodeExporterPort,
            "prometheusTarget": prometheus,
            "prometheusPort": config.monitoring.prometheusPort,
            "prometheusURL": "http://\(prometheus)",
            "knowsBandwidth": bandwidth != nil,
            // 80 % of it, in bytes a second.
            "bandwidthWarning": (bandwidth ?? 0) * 1_000_000 / 8 * 8 / 10,
            "grafanaDashboards": "/var/lib/grafana/dashboards",
            "cloudwatchRegion": config.monitoring.cloudwatch.region,
            "cloudwatchNamespace": config.monitoring.cloudwatch.namespace,
            // The group that the stack makes, with its retention; an instance may write to no other.
            "logGroup": "/putlive/\(config.server.domain)/\(role.rawValue)",
            "disks": (hasAgent ? ["/", host.paths.hlsMount] : ["/"]).map { ["path": $0] },
            "processes": watchedProcesses(agent: hasAgent, srs: hasSRS).map { ["exe": $0] },
        ]
    }

    private static func loopback(_ port: Int) -> String { "127.0.0.1:\(port)" }

    /// Regular expressions of process names, as the CloudWatch agent's procstat takes them.
    private static func watchedProcesses(agent: Bool, srs: Bool) -> [String] {
        ["^nginx$"] + (agent ? ["^putlive-agent$"] : []) + (srs ? ["^srs$"] : [])
    }

    /// What an instance type sends without end, in megabits a second; nil for a type that isn't known. Of the fixed
    /// types the least of their generations. AWS, "Amazon EC2 instance network bandwidth", column baseline.
    private static func sustainedMegabits(of instanceType: String) -> Int? {
        let parts = instanceType.split(separator: ".")
        guard parts.count == 2 else { return nil }
        let size = String(parts[1])
        let burstable = [
            "nano": 32, "micro": 64, "small": 128, "medium": 256, "large": 512, "xlarge": 1024, "2xlarge": 2048,
        ]
        let fixed = ["large": 625, "xlarge": 1250, "2xlarge": 2500, "4xlarge": 5000, "8xlarge": 10_000]
        if parts[0].hasPrefix("t") { return burstable[size] }
        let isGeneral = parts[0].hasPrefix("c") || parts[0].hasPrefix("m") || parts[0].hasPrefix("r")
        // A family with n, such as c6in, has several times the network.
        return isGeneral && !parts[0].contains("n") ? fixed[size] : nil
    }
}
