/// When to try again: 0.25 s after the first failure, then twice as long each time, up to 5 s; a quarter more or less by
/// chance, so that twenty streams don't come back at once.
struct Backoff {
    private static let first: Int64 = 250_000
    private static let longest: Int64 = 5_000_000
    /// A connection that lasted for so long makes up for the failures before it. Less wouldn't do: a server that is busy
    /// with the stream may accept a publisher and drop it at once.
    private static let proof: Int64 = 5_000_000

    /// Attempts that failed one after the other.
    private(set) var failures = 0

    /// Takes in a failure, and that there was a connection before it for `connected` microseconds. Returns how long to wait,
    /// in microseconds; `chance` is from 0 to 1.
    mutating func fail(connected: Int64, chance: Double) -> Int64 {
        if connected >= Self.proof { failures = 0 }
        let delay = failures < 5 ? min(Self.first << Int64(failures), Self.longest) : Self.longest
        failures += 1
        let spread = Int64(Double(delay) / 4 * (2 * min(max(chance, 0), 1) - 1))
        return delay + spread
    }
}
