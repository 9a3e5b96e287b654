/// Decides which units are restarted because they are unhealthy, and when one is given up. It is a plain value that is kept
/// from run to run; a new start of the host begins anew.
///
/// Times are seconds since 1970, of a clock that may jump: what lies in the future is taken for now.
struct HealthWatch: Sendable, Hashable, Codable {
    /// Restarts are counted within this many seconds.
    static let window = 600.0
    /// Seconds from the first attempt to the second; each next time is three times as long, up to the longest.
    static let firstPause = 5.0
    static let longestPause = 60.0

    /// What is known of a unit.
    struct Record: Sendable, Hashable, Codable {
        /// Since when it fails or doesn't answer.
        var unhealthySince: Double?
        /// Our own restarts within the window.
        var attempts: [Double] = []
        /// Those of systemd within the window, by when they were seen.
        var others: [Double] = []
        /// What systemd's count of them was.
        var counter: Int?
        var gaveUp = false
        /// Our own restarts since the host started.
        var total = 0
    }

    /// Of this value's format.
    var version = 1
    /// By name.
    private(set) var units: [String: Record] = [:]

    /// How often a unit was restarted because it was unhealthy, since the host started.
    func restarts(of unit: String) -> Int { units[unit]?.total ?? 0 }

    /// Whether a unit is left alone.
    func hasGivenUp(_ unit: String) -> Bool { units[unit]?.gaveUp ?? false }

    /// Decides about units, in their order, and remembers what follows from it. Units that aren't looked at any more are
    /// forgotten.
    mutating func decide(
        _ observations: [HealthObservation], policy: HealthPolicy, at now: Double
    ) -> [HealthDecision] {
        let before = units
        units = [:]
        return observations.map { observation in
            var record = before[observation.unit] ?? Record()
            record.proceed(to: now, restarts: observation.state.restarts)
            let decision = record.decide(observation, policy, at: now)
            units[observation.unit] = record
            return decision
        }
    }

    /// Notes that a unit was started or restarted for another reason, so that it gets all of its time to answer.
    mutating func wasStarted(_ unit: String) {
        units[unit]?.unhealthySince = nil
    }
}

extension HealthWatch.Record {
    fileprivate mutating func proceed(to now: Double, restarts: Int) {
        unhealthySince = unhealthySince.map { min($0, now) }
        // systemd counts from 0 again after a restart by hand, by us, or of the host.
        let seen = counter.map { restarts >= $0 ? restarts - $0 : restarts } ?? 0
        counter = restarts
        // More than any policy allows needn't be kept.
        others += Array(repeating: now, count: min(max(0, seen), 1000))
        let isRecent = { (time: Double) in time > now - HealthWatch.window }
        attempts = attempts.map { min($0, now) }.filter(isRecent)
        others = others.map { min($0, now) }.filter(isRecent).suffix(1000)
    }

    fileprivate mutating func decide(
        _ observation: HealthObservation, _ policy: HealthPolicy, at now: Double
    ) -> HealthDecision {
        let state = observation.state
        guard observation.shouldRun else {
            return state.active == "failed" ? .unhealthy(since: begin(at: now)) : .healthy
        }
        if state.active == "failed" { return restart(policy, since: begin(at: now), at: now) }
        guard state.isActive else {
            // It is about to start, or drift. Its time to answer begins when it is active.
            unhealthySince = nil
            return .watching(since: now)
        }
        guard observation.answers == false else {
            unhealthySince = nil
            // It was helped, or helped itself: from here on it has all of its attempts again.
            if gaveUp { (gaveUp, attempts, others) = (false, [], []) }
            return .healthy
        }
        let since = begin(at: now)
        guard gaveUp || now - since >= observation.patience / .seconds(1) else { return .watching(since: since) }
        return restart(policy, since: since, at: now)
    }

    private mutating func begin(at now: Double) -> Double {
        let since = unhealthySince ?? now
        unhealthySince = since
        return since
    }

    private mutating func restart(_ policy: HealthPolicy, since: Double, at now: Double) -> HealthDecision {
        guard policy.restartsOnFailure else { return .unhealthy(since: since) }
        if gaveUp { return .gaveUp(isNew: false) }
        guard attempts.count + others.count < policy.maxRestarts else {
            gaveUp = true
            return .gaveUp(isNew: true)
        }
        if let last = attempts.last {
            let due = last + pause
            if now < due { return .waitUntil(due) }
        }
        attempts.append(now)
        total += 1
        // It has all of its time to answer again.
        unhealthySince = now
        return .restart(attempt: attempts.count)
    }

    /// Seconds between the last attempt and the next.
    private var pause: Double {
        var pause = HealthWatch.firstPause
        for _ in attempts.dropFirst() where pause < HealthWatch.longestPause { pause *= 3 }
        return min(pause, HealthWatch.longestPause)
    }
}
