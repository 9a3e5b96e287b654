/// The versions of the config file that are read.
public enum ConfigVersion: String, Sendable, CaseIterable {
    case v30 = "3.0"
    case v31 = "3.1"
}

/// What config.yaml says, typed, defaulted and checked.
public struct Config: ConfigSection {
    /// Version of this file's format.
    public var version: ConfigVersion
    /// What this host is, and where it runs.
    public var deployment: Deployment
    /// Names, addresses and certificates of the host.
    public var server: Server
    /// Ingest, delivery and the quality ladder.
    public var streaming: Streaming
    /// Accounts, tokens and their secrets.
    public var authentication: Authentication
    /// The SQLite database and its backups.
    public var database: Database
    /// Prometheus, Grafana and CloudWatch.
    public var monitoring: Monitoring
    /// Limits against abuse.
    public var security: Security
    /// What keeps the host running unattended.
    public var reliability: Reliability
    /// Scheduled playout of videos.
    public var scheduler: Scheduler
    /// Where alarms are sent.
    public var alerts: Alerts

    /// Reads the section, and thereby declares its keys.
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
