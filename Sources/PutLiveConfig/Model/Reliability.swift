/// What keeps the host running unattended.
public struct Reliability: ConfigSection {
    public var swap: Swap
    public var logRotation: LogRotation
    public var ffmpegCleanup: FFmpegCleanup
    public var watchdog: Watchdog
    public var reconcileInterval: Duration

    public init(from section: Section) {
        swap = section.section("swap", "Swap space against running out of memory.")
        logRotation = section.section("log_rotation", "Rotation of the logs in /var/log/putlive.")
        ffmpegCleanup = section.section("ffmpeg_cleanup", "Removal of transcoders that outlive their stream.")
        watchdog = section.section("watchdog", "Restarts of what fails or hangs.")
        reconcileInterval = section.value(
            "reconcile_interval", .duration(.seconds(10) ... .days(1)), default: .seconds(30),
            "Time between two checks of the host against this file.")
    }
}

/// Swap space against running out of memory.
public struct Swap: ConfigSection {
    public var enabled: Bool
    public var size: ByteSize
    public var path: String

    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: !section.isLocal, "Make and use a swap file.")
        size = section.value(
            "size", .byteSize(.mebibytes(64) ... .gibibytes(64)), default: .gibibytes(2), "Size of the swap file.")
        path = section.value("path", .path, default: "/swapfile", "The swap file.")
    }
}

/// Rotation of the logs in /var/log/putlive.
public struct LogRotation: ConfigSection {
    public var enabled: Bool
    public var maxSize: ByteSize
    public var retentionDays: Int
    public var compress: Bool

    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: !section.isLocal, "Rotate the logs daily.")
        maxSize = section.value(
            "max_size", .byteSize(.mebibytes(1) ... .gibibytes(10)), default: .mebibytes(100),
            "Size at which a log is rotated before its day is over.")
        retentionDays = section.value("retention_days", .int(1...3650, unit: "days"), default: 7, "Days that rotated logs are kept.")
        compress = section.value("compress", .bool, default: true, "Compress rotated logs.")
    }
}

/// Removal of transcoders that outlive their stream.
public struct FFmpegCleanup: ConfigSection {
    public var enabled: Bool
    public var interval: Duration
    public var killZombies: Bool

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
    public var srsTimeout: Duration
    public var apiTimeout: Duration
    public var restartOnFailure: Bool
    public var maxRestarts: Int

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
