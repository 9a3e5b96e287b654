/// Scheduled playout of videos.
public struct Scheduler: ConfigSection {
    public var enabled: Bool
    public var checkInterval: Duration
    public var defaultLoopPlaylist: Bool

    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: section.role != .edge, "Play scheduled videos.")
        checkInterval = section.value(
            "check_interval", .duration(.seconds(1) ... .seconds(3600)), default: .seconds(60),
            "Longest time until a changed schedule is noticed.")
        defaultLoopPlaylist = section.value(
            "default_loop_playlist", .bool, default: true, "Loop a playlist unless its schedule says otherwise.")
    }
}
