/// A label of a metric family, and what is known of its values (the table of labels in docs/metrics.md).
public struct MetricLabel: Sendable {
    enum Values: Sendable {
        /// All of them are known.
        case listed([String])
        /// The source and the ladder.
        case qualities
        /// Those of the API.
        case routes
        /// Names that come and go.
        case streams
        /// Unknown, but one.
        case one
    }

    /// As Prometheus knows it.
    public let name: String
    let values: Values

    private init(_ name: String, _ values: Values) {
        self.name = name
        self.values = values
    }

    static let stream = MetricLabel("stream", .streams)
    static let quality = MetricLabel("quality", .qualities)
    static let source = MetricLabel("source", .listed(["rtmp", "webrtc", "playout"]))
    static let media = MetricLabel("media", .listed(["video", "audio"]))
    static let route = MetricLabel("route", .routes)
    static let method = MetricLabel(
        "method", .listed(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]))
    static let httpStatus = MetricLabel("status", .listed(["2xx", "3xx", "4xx", "5xx"]))
    static let role = MetricLabel("role", .listed(["admin", "streamer", "viewer"]))
    static let component = MetricLabel(
        "component", .listed(["srs", "database", "disk", "tmpfs", "webrtc", "certificate", "reconcile"]))
    static let area = MetricLabel("area", .listed(["database", "videos", "recordings", "backups"]))
    static let videoCodec = MetricLabel("video_codec", .listed(["h264", "vp8", "none", "other"]))
    static let audioCodec = MetricLabel("audio_codec", .listed(["aac", "opus", "none", "other"]))
    static let version = MetricLabel("version", .one)
    static let engine = MetricLabel("engine", .one)
    static let deploymentRole = MetricLabel("deployment_role", .one)
    static let level = MetricLabel("level", .listed(["info", "warning", "error", "critical"]))
    static let hook = MetricLabel(
        "hook",
        .listed(["on_connect", "on_publish", "on_unpublish", "on_play", "on_stop", "on_dvr", "on_hls"]))
    static let driftKinds = ["content", "mode", "owner", "missing", "extra", "unit", "health", "kernel"]
    static let driftKind = MetricLabel("kind", .listed(driftKinds))
    /// Those that reconcile restarts; timers, mounts and the like are `other`.
    static let units = [
        "srs.service", "putlive-agent.service", "putlive-access.socket", "nginx.service", "fail2ban.service",
        "prometheus.service", "prometheus-node-exporter.service", "grafana-server.service",
        "amazon-cloudwatch-agent.service", "other",
    ]
    static let unit = MetricLabel("unit", .listed(units))
    /// Of publishers with a stream key.
    static let keyProtocol = MetricLabel("protocol", .listed(["rtmp", "whip", "offer"]))
    /// Of a browser's offer.
    static let offerProtocol = MetricLabel("protocol", .listed(["whip", "offer"]))

    static func kind(_ values: String...) -> MetricLabel { MetricLabel("kind", .listed(values)) }
    static func result(_ values: String...) -> MetricLabel { MetricLabel("result", .listed(values)) }
    static func reason(_ values: String...) -> MetricLabel { MetricLabel("reason", .listed(values)) }
    static func state(_ values: String...) -> MetricLabel { MetricLabel("state", .listed(values)) }
    static func status(_ values: String...) -> MetricLabel { MetricLabel("status", .listed(values)) }

    /// Most routes that are told apart.
    private static let mostRoutes = 60

    /// Most values that the label may have.
    func limit(_ settings: MetricSettings) -> Int {
        switch values {
        case .listed(let values): values.count
        case .qualities: settings.qualities.count + 1
        case .routes: Self.mostRoutes
        // Twice as many as may be on air: a stream that starts may meet one that just ended and isn't cleared away.
        case .streams: 2 * max(settings.maximumStreams, 1)
        case .one: 1
        }
    }

    /// The values that are known before the first event; nil where none can be.
    func knownValues(_ settings: MetricSettings) -> [String]? {
        switch values {
        case .listed(let values): values
        case .qualities: ["src"] + settings.qualities
        case .routes: Array(Set(settings.routes.map(\.pattern)).sorted().prefix(Self.mostRoutes))
        case .streams, .one: nil
        }
    }
}
