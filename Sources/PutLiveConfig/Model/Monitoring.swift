/// Prometheus, Grafana and CloudWatch.
public struct Monitoring: ConfigSection {
    public var prometheusEnabled: Bool
    public var prometheusPort: Int
    public var metricsInterval: Duration
    public var prometheusRetention: Duration
    public var grafanaEnabled: Bool
    /// A GeoIP2 country database for viewers' countries, empty for none.
    public var geoipDatabase: String
    public var journalMaxSize: ByteSize
    public var cloudwatch: CloudWatch

    public init(from section: Section) {
        prometheusEnabled = section.value(
            "prometheus_enabled", .bool, default: section.role != .edge, "Configure Prometheus and its alert rules.")
        prometheusPort = section.value(
            "prometheus_port", .port, default: 9090, "Prometheus' port on 127.0.0.1.")
        metricsInterval = section.value(
            "metrics_interval", .duration(.seconds(5) ... .seconds(300)), default: .seconds(15), "Time between two scrapes.")
        prometheusRetention = section.value(
            "prometheus_retention", .duration(.days(1) ... .days(3650)), default: .days(15),
            "How long Prometheus keeps its samples.")
        grafanaEnabled = section.value(
            "grafana_enabled", .bool, default: section.role != .edge,
            "Provision Grafana with the data source and the dashboard.")
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
    public var enabled: Bool
    public var region: String
    public var namespace: String

    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: false, "Configure the CloudWatch agent.")
        region = section.value("region", .region, default: "us-east-1", "AWS region that metrics are sent to.")
        namespace = section.value(
            "namespace", .metricNamespace, default: "PutLive/Production", "Namespace of the metrics.")
    }
}
