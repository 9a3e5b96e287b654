/// When to ask for a keyframe: after a loss until one comes, and at the length of a segment, so that segments can be cut.
struct KeyframeRequests {
    /// Browsers ignore requests that follow each other within 300 ms, and a keyframe takes a round trip and an encoding.
    private static let leastInterval: Int64 = 500_000
    /// A stream that begins with a keyframe, as all do, has shown it after so long.
    private static let patienceAtStart: Int64 = 300_000
    /// Longest time before its due that one is asked for.
    private static let longestLead: Int64 = 500_000

    /// Microseconds.
    private let interval: Int64
    private var isWanted = false
    /// No request before.
    private var notBefore = MonotonicTime.never
    /// When one is to be asked for because of the interval.
    private var periodic = MonotonicTime.never
    /// The request that a keyframe hasn't answered yet; of several, the first.
    private var pending: MonotonicTime?
    /// How long a keyframe takes to come, at the quickest of late: with it GOPs aren't shorter than the interval.
    private var delay: Int64 = 0

    init(interval: Int64) {
        self.interval = max(interval, Self.leastInterval)
    }

    /// When to ask next.
    var due: MonotonicTime { isWanted ? notBefore : max(periodic, notBefore) }

    /// The stream begins, or begins anew.
    mutating func start(at now: MonotonicTime) {
        notBefore = now.adding(microseconds: Self.patienceAtStart)
        isWanted = true
    }

    /// One is needed as soon as may be.
    mutating func want() {
        isWanted = true
    }

    /// One was asked for.
    mutating func sent(at now: MonotonicTime) {
        notBefore = now.adding(microseconds: Self.leastInterval)
        if pending == nil { pending = now }
    }

    /// One came.
    mutating func received(at now: MonotonicTime) {
        if let asked = pending {
            pending = nil
            let taken = now.microseconds(since: asked)
            delay = min(taken, delay == 0 ? taken : delay + (taken - delay) / 8)
        }
        isWanted = false
        periodic = now.adding(microseconds: interval - min(delay, Self.longestLead, interval / 2))
    }
}
