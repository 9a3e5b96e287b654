/// The versions of the config file that are read.
public enum ConfigVersion: String, Sendable, CaseIterable {
    case v30 = "3.0"
    case v31 = "3.1"
}

/// What config.yaml says, typed, defaulted and checked.
public struct Config: ConfigSection {
    public var version: ConfigVersion
    public var deployment: Deployment
    public var server: Server
    public var streaming: Streaming
    public var authentication: Authentication
    public var database: Database
    public var monitoring: Monitoring
    public var security: Security
    public var reliability: Reliability
    public var scheduler: Scheduler
    public var alerts: Alerts

    public init(from section: Section) {
        version = section.value("version", .oneOf, default: .v31, "Version of this file's format.")
        deployment = section.section("deployment", "What this host is, and where it runs.")
        server = section.section("server", "Names, addresses and certificates of the host.")
        streaming = section.section("streaming", "Ingest, delivery and the quality ladder.")
        authentication = section.section("authentication", "Accounts, tokens and their secrets.")
        database = section.section("database", "The SQLite database and its backups.")
        monitoring = section.section("monitoring", "Prometheus, Grafana and CloudWatch.")
        security = section.section("security", "Limits against abuse.")
        reliability = section.section("reliability", "What keeps the host running unattended.")
        scheduler = section.section("scheduler", "Scheduled playout of videos.")
        alerts = section.section("alerts", "Where alarms are sent.")
    }
}
