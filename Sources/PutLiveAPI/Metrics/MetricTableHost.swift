/// What is kept on the host, and how true the host is to config.yaml.
extension MetricTable {
    static let library: [MetricFamily] = [
        .gauge("putlive_videos", "Uploaded videos.", [.status("processing", "ready", "failed")]),
        .counter("putlive_uploads_total", "Uploads by their outcome.", [.result("stored", "rejected", "aborted")]),
        .gauge("putlive_recordings", "Recordings kept."),
        .gauge("putlive_recordings_active", "Streams being recorded now.", startsAtZero: true),
        .gauge(
            "putlive_schedules", "Scheduled videos by their state.",
            [.status("scheduled", "running", "done", "failed", "missed")]),
        .counter(
            "putlive_schedule_starts_total", "Scheduled starts by their outcome.",
            [.result("started", "failed", "missed")]),
        .gauge("putlive_schedule_next_start_timestamp_seconds", "When the next scheduled video starts."),
    ]

    static let storage: [MetricFamily] = [
        .gauge("putlive_database_size_bytes", "The database file."),
        .gauge("putlive_database_wal_bytes", "The database's write-ahead log."),
        .histogram(
            "putlive_database_query_duration_seconds", "Time of a database transaction.",
            [.kind("read", "write")], buckets: Buckets.query),
        .counter("putlive_database_errors_total", "Statements that failed: disk full, locked, corrupt."),
        .gauge("putlive_backup_interval_seconds", "The configured time between backups.").needing(.backups),
        .gauge(
            "putlive_backup_last_success_timestamp_seconds",
            "The newest verified backup; before the first, when the database was made."
        ).needing(.backups),
        .gauge("putlive_backup_last_size_bytes", "Size of the newest verified backup.").needing(.backups),
        .gauge("putlive_backup_consecutive_failures", "Backups that failed since the last good one.").needing(.backups),
        .gauge("putlive_storage_size_bytes", "The file system that holds this folder.", [.area]),
        .gauge("putlive_storage_available_bytes", "Free on the file system for the agent.", [.area]),
        .gauge("putlive_storage_used_bytes", "What the files in this folder take.", [.area]),
    ]

    static let reconcile: [MetricFamily] = [
        .gauge("putlive_reconcile_interval_seconds", "The configured time between runs."),
        .gauge("putlive_reconcile_last_run_timestamp_seconds", "End of the last run, good or bad."),
        .gauge("putlive_reconcile_last_success_timestamp_seconds", "End of the last good run."),
        .gauge("putlive_reconcile_last_duration_seconds", "How long the last run took."),
        .gauge("putlive_reconcile_consecutive_failures", "Failed runs since the last good one."),
        .gauge(
            "putlive_reconcile_drift", "Differences left after the last run that wait for nothing.", [.driftKind]),
        .gauge("putlive_reconcile_generation", "Number of the generation in force."),
        .gauge("putlive_reconcile_restart_pending", "Whether a change waits for the streams to end."),
        .counter(
            "putlive_reconcile_unit_restarts_total", "Restarts of units because they were unhealthy.", [.unit]),
        .gauge(
            "putlive_reconcile_unit_gave_up",
            "Whether a unit was restarted as often as allowed and is left alone.", [.unit]),
    ]

    static let certificate: [MetricFamily] = [
        .gauge(
            "putlive_tls_certificate_expiry_timestamp_seconds",
            "End of validity of the certificate that nginx serves."),
        .gauge("putlive_tls_certificate_self_signed", "Whether it is the stand-in, not the configured one."),
    ]
}
