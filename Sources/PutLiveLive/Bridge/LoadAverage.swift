#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How busy the machine is.
public enum LoadAverage {
    /// Mean number of threads that ran or waited for a core; infinite if it can't be told.
    @Sendable public static func ofTheLastMinute() -> Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? load : .infinity
    }
}
