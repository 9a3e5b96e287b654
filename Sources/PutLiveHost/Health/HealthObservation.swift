/// What was seen of a unit.
struct HealthObservation: Sendable, Hashable {
    var unit: String
    var state: UnitState
    /// Whether it answered its probe; nil where it has none.
    var answers: Bool?
    /// How long it may not answer before it is restarted.
    var patience: Duration = .seconds(30)
    /// Whether it should be active.
    var shouldRun: Bool = true
}

/// What the config says of restarts.
struct HealthPolicy: Sendable, Hashable {
    /// False: what is unhealthy is only reported.
    var restartsOnFailure: Bool
    /// Restarts within ten minutes, those that systemd makes among them, after which a unit stays down.
    var maxRestarts: Int
}

/// What is to be done about a unit.
enum HealthDecision: Sendable, Hashable {
    case healthy
    /// It doesn't do its work since then, and gets more time. A unit that is being started, or that somebody has stopped,
    /// is nothing for health to act on either.
    case watching(since: Double)
    /// To restart now: one that has failed by forgetting the failure first. Its first attempt in ten minutes is 1.
    case restart(attempt: Int)
    /// It is down, and the next attempt is due then.
    case waitUntil(Double)
    /// It doesn't do its work since then, and the config says to leave it so.
    case unhealthy(since: Double)
    /// It was restarted as often as may be, and is left alone until it is healthy. New once, to be told once.
    case gaveUp(isNew: Bool)
}
