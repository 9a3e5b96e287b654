/// What keeps the host running unattended.
public struct Reliability: ConfigSection {
    /// What becomes of a change that was made on the host by hand.
    public enum OnDrift: String, Sendable, CaseIterable {
        /// It is undone.
        case repair
        /// It stays, and is reported until somebody undoes it.
        case report
    }

    /// Swap space against running out of memory.
    public var swap: Swap
    /// Rotation of the logs in /var/log/putlive.
    public var logRotation: LogRotation
    /// Removal of transcoders that outlive their stream.
    public var ffmpegCleanup: FFmpegCleanup
    /// Restarts of what fails or hangs.
    public var watchdog: Watchdog
    /// Time between two checks of the host against this file.
    public var reconcileInterval: Duration
    /// What becomes of a change that was made on the host by hand.
    public var onDrift: OnDrift

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        swap = section.section("swap", "Swap space against running out of memory.")
        logRotation = section.section("log_rotation", "Rotation of the logs in /var/log/putlive.")
        ffmpegCleanup = section.section("ffmpeg_cleanup", "Removal of transcoders that outlive their stream.")
        watchdog = section.section("watchdog", "Restarts of what fails or hangs.")
        reconcileInterval = section.value(
            "reconcile_interval", .duration(.seconds(10) ... .days(1)), default: .seconds(30),
            "Time between two checks of the host against this file.")
        onDrift = section.value(
            "on_drift", .oneOf, default: .repair,
            "Undo what was changed on the host by hand, or leave it there and report it.")
    }
}

/// Swap space against running out of memory.
public struct Swap: ConfigSection {
    /// Make and use a swap file.
    public var enabled: Bool
    /// Size of the swap file.
    public var size: ByteSize
    /// The swap file.
    public var path: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: !section.isLocal, "Make and use a swap file.")
        size = section.value(
            "size", .byteSize(.mebibytes(64) ... .gibibytes(64)), default: .gibibytes(2), "Size of the swap file.")
        path = section.value("path", .path, default: "/swapfile", "The swap file.")
    }
}

/// Rotation of the logs in /var/log/putlive.
public struct LogRotation: ConfigSection {
    /// Rotate the logs daily.
    public var enabled: Bool
    /// Size at which a log is rotated before its day is over.
    public var maxSize: ByteSize
    /// Days that rotated logs are kept.
    public var retentionDays: Int
    /// Compress rotated logs.
    public var compress: Bool

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: !section.isLocal, "Rotate the logs daily.")
        maxSize = section.value(
            "max_size", .byteSize(.mebibytes(1) ... .gibibytes(10)), default: .mebibytes(100),
            "Size at which a log is rotated before its day is over.")
        retentionDays = section.value(
            "retention_days", .int(1...3650, unit: "days"), default: 7, "Days that rotated logs are kept.")
        compress = section.value("compress", .bool, default: true, "Compress rotated logs.")
    }
}

/// Removal of transcoders that outlive their stream.
public struct FFmpegCleanup: ConfigSection {
    /// Look for orphaned ffmpeg processes.
    public var enabled: Bool
    /// Time between two looks.
    public var interval: Duration
    /// End them, rather than only log them.
    public var killZombies: Bool

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value(
            "enabled", .bool, default: !section.isLocal && section.role != .edge, "Look for orphaned ffmpeg processes.")
        interval = section.value(
            "interval", .duration(.seconds(60) ... .days(1)), default: .seconds(300), "Time between two looks.")
        killZombies = section.value("kill_zombies", .bool, default: true, "End them, rather than only log them.")
    }
}

/// Restarts of what fails or hangs.
public struct Watchdog: ConfigSection {
    /// Time after which an SRS that doesn't answer is restarted.
    public var srsTimeout: Duration
    /// Time after which an agent whose event loop hangs is restarted.
    public var apiTimeout: Duration
    /// Restart a service that fails.
    public var restartOnFailure: Bool
    /// Restarts within ten minutes after which a service stays down.
    public var maxRestarts: Int

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        srsTimeout = section.value(
            "srs_timeout", .duration(.seconds(5) ... .seconds(600)), default: .seconds(30),
            "Time after which an SRS that doesn't answer is restarted.")
        apiTimeout = section.value(
            "api_timeout", .duration(.seconds(5) ... .seconds(600)), default: .seconds(15),
            "Time after which an agent whose event loop hangs is restarted.")
        restartOnFailure = section.value("restart_on_failure", .bool, default: true, "Restart a service that fails.")
        maxRestarts = section.value(
            "max_restarts", .int(1...100), default: 5, "Restarts within ten minutes after which a service stays down.")
    }
}
