/// Scheduled playout of videos.
public struct Scheduler: ConfigSection {
    /// Play scheduled videos.
    public var enabled: Bool
    /// Longest time until a changed schedule is noticed.
    public var checkInterval: Duration
    /// Loop a playlist unless its schedule says otherwise.
    public var defaultLoopPlaylist: Bool

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: section.role != .edge, "Play scheduled videos.")
        checkInterval = section.value(
            "check_interval", .duration(.seconds(1) ... .seconds(3600)), default: .seconds(60),
            "Longest time until a changed schedule is noticed.")
        defaultLoopPlaylist = section.value(
            "default_loop_playlist", .bool, default: true, "Loop a playlist unless its schedule says otherwise.")
    }
}
