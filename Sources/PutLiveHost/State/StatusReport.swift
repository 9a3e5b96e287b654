/// What the last reconcile found and did: /run/putlive-reconcile/status.json, which the API reads. It holds no secret.
/// Times are seconds since 1970.
public struct StatusReport: Sendable, Codable, Hashable {
    /// How a run ended.
    public enum Result: String, Sendable, Codable {
        /// The host was true to its config.
        case inOrder = "in_order"
        /// It was made true.
        case applied
        /// Differences are left: reported only.
        case drift
        /// A change waits for the end of a broadcast.
        case waiting
        /// The run failed; the host is as it was before.
        case failed
    }

    /// Why a run failed.
    public struct Failure: Sendable, Codable, Hashable {
        /// Where: config, render, srs, native_checks, write, services, health, rollback.
        public var stage: String
        /// The cause first, then what to do.
        public var message: String

        /// At a stage, with the cause first.
        public init(stage: String, message: String) {
            self.stage = stage
            self.message = message
        }
    }

    /// A unit whose restart waits.
    public struct Pending: Sendable, Codable, Hashable {
        /// Its name.
        public var unit: String
        /// For a person: what changed.
        public var reason: String
        /// When it was first found.
        public var since: Double

        /// Of a unit.
        public init(unit: String, reason: String, since: Double) {
            self.unit = unit
            self.reason = reason
            self.since = since
        }
    }

    /// A unit as it was at the end of the run.
    public struct Unit: Sendable, Codable, Hashable {
        /// `nginx.service`.
        public var name: String
        /// active, inactive, failed, …, or `not-installed`.
        public var state: String
        /// It does its work.
        public var isHealthy: Bool
        /// How often it was restarted because it was unhealthy, since the host started.
        public var restarts: Int
        /// It was restarted as often as `max_restarts` allows and is left alone.
        public var gaveUp: Bool

        /// As it was seen.
        public init(name: String, state: String, isHealthy: Bool, restarts: Int = 0, gaveUp: Bool = false) {
            self.name = name
            self.state = state
            self.isHealthy = isHealthy
            self.restarts = restarts
            self.gaveUp = gaveUp
        }
    }

    /// The certificate that nginx shows.
    public struct Certificate: Sendable, Codable, Hashable {
        /// Made by the host itself: no browser trusts it.
        public var isSelfSigned: Bool
        /// The end of its validity.
        public var notAfter: Double
        /// DNS names and addresses that it is for.
        public var names: [String]
        /// Why the configured one isn't used; empty when it is.
        public var problem: String

        /// Of what nginx shows.
        public init(isSelfSigned: Bool, notAfter: Double, names: [String], problem: String = "") {
            self.isSelfSigned = isSelfSigned
            self.notAfter = notAfter
            self.names = names
            self.problem = problem
        }
    }

    /// Of this file's format.
    public var version = 1
    /// Of PutLive.
    public var toolVersion: String
    /// How the run ended.
    public var result: Result
    /// The number of the generation in force; 0 before the first.
    public var generation: Int
    /// When that was applied; nil before the first.
    public var generationAppliedAt: Double?
    /// When the run began.
    public var startedAt: Double
    /// When it ended.
    public var endedAt: Double
    /// The end of the last run that didn't fail; nil when there was none.
    public var lastSuccessAt: Double?
    /// Failed runs since then.
    public var consecutiveFailures: Int
    /// Of this run, if it failed.
    public var failure: Failure?
    /// What couldn't be applied, as a hash, so that the same isn't tried every half minute; nil where that isn't why a run
    /// failed.
    public var failedGoal: String?
    /// When it is tried again.
    public var retryAt: Double?
    /// Left after this run.
    public var differences: [Difference]
    /// Repaired by this run.
    public var repaired: [Difference]
    /// Restarts that wait for the end of a broadcast.
    public var pendingRestarts: [Pending]
    /// Every unit that the config names.
    public var units: [Unit]
    /// What a person may want to know: packages that aren't installed, checks that were skipped.
    public var notes: [String]
    /// Nil without HTTPS.
    public var certificate: Certificate?

    /// Of a run that found nothing yet.
    public init(toolVersion: String, result: Result, startedAt: Double, endedAt: Double) {
        self.toolVersion = toolVersion
        self.result = result
        self.startedAt = startedAt
        self.endedAt = endedAt
        generation = 0
        consecutiveFailures = 0
        differences = []
        repaired = []
        pendingRestarts = []
        units = []
        notes = []
    }
}
