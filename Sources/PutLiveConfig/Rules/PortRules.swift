/// No two programs on one port; TCP and UDP are kept apart.
extension Rules {
    private struct Listener {
        /// The key that sets the port, or nil where it is fixed.
        var key: String?
        var port: Int
        var isUDP = false
        var program: String
    }

    /// The ports of services that get no right to open one below 1024.
    private static let rootless = ["server.http_port", "monitoring.prometheus_port", "monitoring.grafana_port"]

    static func checkPorts(_ config: Config, _ session: ReadingSession) {
        let listeners = listeners(of: config).filter { listener in
            listener.key.map { !session.isDoubtful($0) } ?? true
        }
        for (index, second) in listeners.enumerated() {
            guard let key = second.key,
                let first = listeners[..<index].first(where: { $0.port == second.port && $0.isUDP == second.isUDP })
            else { continue }
            // Of two keys the one to change is that which the file sets.
            if let other = first.key, session.isGiven(other), !session.isGiven(key) {
                report(other, second, session)
            } else {
                report(key, first, session)
            }
        }
        for listener in listeners where listener.port < 1024 {
            guard let key = listener.key, rootless.contains(key) else { continue }
            session.report(
                .error, key: key, message: "\(listener.port) is a port that only root may open",
                remedy: "use 1024 or above"
                    + (key == "server.http_port" ? ": nginx answers on 80 and 443" : ""))
        }
    }

    private static func report(_ key: String, _ other: Listener, _ session: ReadingSession) {
        let taker = other.key.map { "\($0) (\(other.program))" } ?? other.program
        session.report(
            .error, key: key, message: "\(other.isUDP ? "UDP" : "TCP") port \(other.port) is taken by \(taker)",
            remedy: "give \(key) a port of its own")
    }

    /// The fixed ones first, so that a clash is reported at the key that can be changed.
    private static func listeners(of config: Config) -> [Listener] {
        let role = config.deployment.role
        let streaming = config.streaming
        var list: [Listener] = []
        if role != .local {
            list.append(Listener(port: 22, program: "SSH"))
            list.append(Listener(port: 80, program: "nginx, HTTP"))
            list.append(Listener(port: 443, program: "nginx, HTTPS"))
            list.append(Listener(key: "streaming.hls_port", port: streaming.hlsPort, program: "nginx, HLS"))
        }
        guard role != .edge else { return list }
        if streaming.engine == .srs {
            list.insert(Listener(port: 1985, program: "the API of SRS"), at: 0)
            list.append(Listener(key: "streaming.rtmp_port", port: streaming.rtmpPort, program: "SRS, RTMP"))
        }
        if config.monitoring.prometheusEnabled && role != .local {
            list.insert(Listener(port: 9100, program: "the node exporter"), at: 0)
        }
        list.append(Listener(key: "server.http_port", port: config.server.httpPort, program: "the agent"))
        if config.monitoring.prometheusEnabled {
            list.append(
                Listener(
                    key: "monitoring.prometheus_port", port: config.monitoring.prometheusPort, program: "Prometheus"))
        }
        if config.monitoring.prometheusEnabled && config.monitoring.grafanaEnabled && role != .local {
            list.append(
                Listener(key: "monitoring.grafana_port", port: config.monitoring.grafanaPort, program: "Grafana"))
        }
        if streaming.webrtc.enabled {
            list.append(
                Listener(key: "streaming.webrtc.tcp_port", port: streaming.webrtc.tcpPort, program: "WebRTC over TCP"))
            list.append(
                Listener(
                    key: "streaming.webrtc.udp_port", port: streaming.webrtc.udpPort, isUDP: true, program: "WebRTC"))
        }
        return list
    }
}
