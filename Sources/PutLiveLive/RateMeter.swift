/// The rate of a counter that somebody else advances in leaps: the mean over the last 10 s or a little more, from one
/// leap to another. When the first reading was made between two leaps nobody knows, so it counts only if it was 0.
struct RateMeter: Sendable {
    private var leaps: [(time: UnixMilliseconds, value: Int64)] = []
    private var latest: (time: UnixMilliseconds, value: Int64)?
    private static let span: UnixMilliseconds = 10_000
    /// Over less than this, the moments of reading weigh too much.
    private static let leastSpan: UnixMilliseconds = 5_000
    /// Without a leap for this long, nothing comes.
    private static let patience: UnixMilliseconds = 15_000

    /// Takes in what the counter says now, and tells by how much it has grown since the last time.
    mutating func record(_ value: Int64, at now: UnixMilliseconds) -> Int64 {
        defer { latest = (now, value) }
        guard let last = latest else {
            if value == 0 { leaps = [(now, value)] }
            return 0
        }
        // It began anew, or the clock was put back.
        guard value >= last.value, now >= last.time else {
            leaps = []
            return max(0, value < last.value ? value : value - last.value)
        }
        guard value > last.value else { return 0 }
        // Two readings of one moment are one.
        if now == leaps.last?.time { leaps.removeLast() }
        leaps.append((now, value))
        // The oldest that is kept is the youngest that spans the time.
        while leaps.count > 2, now - leaps[1].time >= Self.span { leaps.removeFirst() }
        return value - last.value
    }

    /// A second.
    func rate(at now: UnixMilliseconds) -> Double {
        guard let first = leaps.first, let last = leaps.last, last.time - first.time >= Self.leastSpan,
            now - last.time < Self.patience
        else { return 0 }
        return Double(last.value - first.value) * 1000 / Double(last.time - first.time)
    }
}
