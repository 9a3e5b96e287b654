/// Prometheus, Grafana and CloudWatch.
public struct Monitoring: ConfigSection {
    /// Configure Prometheus and its alert rules.
    public var prometheusEnabled: Bool
    /// Prometheus' port on 127.0.0.1.
    public var prometheusPort: Int
    /// Time between two scrapes.
    public var metricsInterval: Duration
    /// How long Prometheus keeps its samples.
    public var prometheusRetention: Duration
    /// Provision Grafana with the data source and the dashboard.
    public var grafanaEnabled: Bool
    /// On 127.0.0.1.
    public var grafanaPort: Int
    /// A GeoIP2 country database for viewers' countries, empty for none.
    public var geoipDatabase: String
    /// Most disk that the system's journal may take.
    public var journalMaxSize: ByteSize
    /// Metrics and logs in AWS CloudWatch.
    public var cloudwatch: CloudWatch

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        prometheusEnabled = section.value(
            "prometheus_enabled", .bool, default: section.role != .edge, "Configure Prometheus and its alert rules.")
        prometheusPort = section.value(
            "prometheus_port", .port, default: 9090, "Prometheus' port on 127.0.0.1.")
        metricsInterval = section.value(
            "metrics_interval", .duration(.seconds(5) ... .seconds(60)), default: .seconds(15),
            "Time between two scrapes.")
        prometheusRetention = section.value(
            "prometheus_retention", .duration(.days(1) ... .days(3650)), default: .days(15),
            "How long Prometheus keeps its samples.")
        grafanaEnabled = section.value(
            "grafana_enabled", .bool, default: section.role != .edge,
            "Provision Grafana with the data source and the dashboard.")
        grafanaPort = section.value(
            "grafana_port", .port, default: 3001, "Grafana's port on 127.0.0.1; its own default is the agent's.")
        geoipDatabase = section.value(
            "geoip_database", .optionalPath, default: "",
            "GeoIP2 country database (.mmdb) for viewers' countries; empty for none.")
        journalMaxSize = section.value(
            "journal_max_size", .byteSize(.mebibytes(16) ... .gibibytes(100)), default: .mebibytes(200),
            "Most disk that the system's journal may take.")
        cloudwatch = section.section("cloudwatch", "Metrics and logs in AWS CloudWatch.")
    }
}

/// Metrics and logs in AWS CloudWatch.
public struct CloudWatch: ConfigSection {
    /// Configure the CloudWatch agent.
    public var enabled: Bool
    /// AWS region that metrics are sent to.
    public var region: String
    /// Namespace of the metrics.
    public var namespace: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: false, "Configure the CloudWatch agent.")
        region = section.value("region", .region, default: "us-east-1", "AWS region that metrics are sent to.")
        namespace = section.value(
            "namespace", .metricNamespace, default: "PutLive/Production", "Namespace of the metrics.")
    }
}
