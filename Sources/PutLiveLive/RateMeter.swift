/// The rate of a counter that somebody else advances in leaps: the mean over the last 10 s or a little more. Only its
/// leaps count, so reading it more often than it moves doesn't make it jump.
struct RateMeter: Sendable {
    private var leaps: [(time: UnixMilliseconds, value: Int64)] = []
    private static let span: UnixMilliseconds = 10_000
    /// Without a leap for this long, nothing comes.
    private static let patience: UnixMilliseconds = 15_000

    /// Takes in what the counter says now, and tells by how much it has grown since the last time.
    mutating func record(_ value: Int64, at now: UnixMilliseconds) -> Int64 {
        guard let last = leaps.last else {
            leaps = [(now, value)]
            return 0
        }
        // It began anew, or the clock was put back.
        guard value >= last.value, now >= last.time else {
            leaps = [(now, value)]
            return max(0, value < last.value ? value : value - last.value)
        }
        guard value > last.value else { return 0 }
        // Two readings of one moment are one.
        if now == last.time { leaps.removeLast() }
        leaps.append((now, value))
        // The oldest that is kept is the youngest that spans the time.
        while leaps.count > 2, now - leaps[1].time >= Self.span { leaps.removeFirst() }
        return value - last.value
    }

    /// A second.
    func rate(at now: UnixMilliseconds) -> Double {
        guard let first = leaps.first, let last = leaps.last, last.time > first.time, now - last.time < Self.patience
        else { return 0 }
        return Double(last.value - first.value) * 1000 / Double(last.time - first.time)
    }
}
