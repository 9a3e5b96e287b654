import PutLiveStore

/// What the last reconcile found and did, as it tells in status.json. Times are seconds since 1970.
///
/// Words such as a kind or a cause are kept as they are: the reconcile of a package that was just upgraded may know some
/// that this agent doesn't.
struct ReconcileReport: Sendable, Equatable, Decodable {
    /// Of the format that this agent reads.
    static let format = 1

    /// Why a run failed.
    struct Failure: Sendable, Equatable, Decodable {
        let stage: String
        let message: String
    }

    /// A way in which the host differs from its config.
    struct Difference: Sendable, Equatable, Decodable {
        let kind: String
        let subject: String
        let detail: String
        let cause: String
        let outcome: String
        let diff: String?

        /// Whether it is left until a broadcast ends, as it should be.
        var waits: Bool { outcome == "wait" }
    }

    /// A unit whose restart waits for a broadcast's end.
    struct Pending: Sendable, Equatable, Decodable {
        let unit: String
        let reason: String
        let since: Double
    }

    /// A unit at the end of the run.
    struct Unit: Sendable, Equatable, Decodable {
        let name: String
        let state: String
        let isHealthy: Bool
        let restarts: Int
        let gaveUp: Bool
    }

    /// The certificate that nginx shows.
    struct Certificate: Sendable, Equatable, Decodable {
        let isSelfSigned: Bool
        let notAfter: Double
        let names: [String]
        /// Why the configured one isn't used; empty when it is.
        let problem: String
    }

    let toolVersion: String
    let result: String
    let generation: Int
    let generationAppliedAt: Double?
    let startedAt: Double
    let endedAt: Double
    let lastSuccessAt: Double?
    let consecutiveFailures: Int
    let failure: Failure?
    let differences: [Difference]
    let repaired: [Difference]
    let pendingRestarts: [Pending]
    let units: [Unit]
    let notes: [String]
    let certificate: Certificate?

    /// Differences that nothing holds up: somebody has to look at them.
    var drift: [Difference] { differences.filter { !$0.waits } }

    /// How long the run took, in seconds.
    var duration: Double { max(0, Self.bounded(endedAt) - Self.bounded(startedAt)) }

    /// Whole seconds of a time in the report, within what the API can write.
    static func seconds(_ time: Double) -> UnixTime { UnixTime(bounded(time)) }

    private static func bounded(_ time: Double) -> Double { min(max(time, 0), 253_402_300_799) }
}
