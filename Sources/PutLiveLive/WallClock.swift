#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Milliseconds since 1970-01-01T00:00:00Z.
public typealias UnixMilliseconds = Int64

/// The time, passed in wherever it matters.
public enum WallClock {
    /// The host's clock.
    public static func now() -> UnixMilliseconds {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixMilliseconds(time.tv_sec) * 1000 + UnixMilliseconds(time.tv_nsec) / 1_000_000
    }
}
