/// Asks again and again until something is so, or time is up.
///
/// Turns are counted as well as seconds: the clock of a host that has just started may be set back while we wait.
struct Polling {
    private let system: any System
    private let step: Duration
    private let end: Double
    private var turns: Int

    init(_ system: any System, limit: Duration, step: Duration = .milliseconds(200)) {
        self.system = system
        self.step = step
        end = system.now + limit / .seconds(1)
        turns = Int(limit / step)
    }

    /// Sleeps until the next turn; false when time is up.
    mutating func next() -> Bool {
        guard turns > 0, system.now < end else { return false }
        turns -= 1
        system.sleep(step)
        return true
    }
}
