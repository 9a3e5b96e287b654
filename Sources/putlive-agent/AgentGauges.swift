import PutLiveAPI
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

/// The gauges that nothing else sets as it happens: what is stored, and the space for it.
final class AgentGauges: Sendable {
    private let store: Store
    private let settings: AgentSettings
    private let health: HealthService
    private let metrics: MetricsRegistry

    init(store: Store, settings: AgentSettings, health: HealthService, metrics: MetricsRegistry) {
        self.store = store
        self.settings = settings
        self.health = health
        self.metrics = metrics
        let config = settings.config
        metrics.gauge(
            "putlive_build_info",
            [
                "version": PutLiveVersion.text, "engine": config.streaming.engine.rawValue,
                "deployment_role": config.deployment.role.rawValue,
            ]
        ).set(1)
        if config.database.backupEnabled {
            metrics.gauge("putlive_backup_interval_seconds").set(config.database.backupInterval.wholeSeconds)
        }
    }

    /// Sets them all. Reads the database and a few folders' file systems.
    func refresh(now: UnixTime) async throws {
        for (name, part) in health.components where name != "api" {
            metrics.gauge("putlive_component_healthy", ["component": name]).set(part.status == .ok)
        }
        let size = store.size()
        metrics.gauge("putlive_database_size_bytes").set(size.database)
        metrics.gauge("putlive_database_wal_bytes").set(size.log)
        for (role, count) in try await store.users.countByRole() {
            metrics.gauge("putlive_users", ["role": role.rawValue]).set(count)
        }
        metrics.gauge("putlive_sessions_active").set(try await store.sessions.countActive(now: now))
        metrics.gauge("putlive_stream_keys_active").set(try await store.keys.countActive(now: now))
        if settings.config.database.backupEnabled { try await showBackups() }
        showStorage()
    }

    /// The place that is worst off: a copy on this host is none where S3 should have one.
    private func showBackups() async throws {
        let status = try await store.backupStatus()
        var places: [BackupPlace] = [.folder]
        if !settings.config.database.backupS3Bucket.isEmpty { places.append(.s3) }
        let records = places.map { status.places[$0] ?? BackupRecord() }
        let oldest = records.map { $0.lastSuccessAt ?? status.databaseCreatedAt }.min() ?? status.databaseCreatedAt
        metrics.gauge("putlive_backup_last_success_timestamp_seconds").set(oldest)
        metrics.gauge("putlive_backup_consecutive_failures").set(records.map(\.consecutiveFailures).max() ?? 0)
        if let size = records.compactMap(\.lastSize).first { metrics.gauge("putlive_backup_last_size_bytes").set(size) }
    }

    private func showStorage() {
        let config = settings.config
        let areas = [
            ("database", Self.folder(of: config.database.path)), ("backups", config.database.backupPath),
            ("recordings", config.streaming.recordingPath),
        ]
        for (area, path) in areas {
            guard let space = DiskSpace(path: path) else { continue }
            metrics.gauge("putlive_storage_size_bytes", ["area": area]).set(space.total)
            metrics.gauge("putlive_storage_available_bytes", ["area": area]).set(space.available)
        }
        let size = store.size()
        metrics.gauge("putlive_storage_used_bytes", ["area": "database"]).set(size.database + size.log)
    }

    static func folder(of file: String) -> String {
        let folder = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
        return folder.isEmpty ? "/" : String(folder)
    }
}

/// Counts what the store does.
struct DatabaseMetrics: Sendable {
    private let durations: [Store.QueryKind: MetricHistogram]
    private let errors: MetricCounter

    init(registry: MetricsRegistry) {
        durations = Dictionary(
            uniqueKeysWithValues: Store.QueryKind.allCases.map { kind in
                (kind, registry.histogram("putlive_database_query_duration_seconds", ["kind": kind.rawValue]))
            })
        errors = registry.counter("putlive_database_errors_total")
    }

    @Sendable func observe(_ kind: Store.QueryKind, _ seconds: Double, _ failed: Bool) {
        durations[kind]?.observe(seconds)
        if failed { errors.increment() }
    }
}
