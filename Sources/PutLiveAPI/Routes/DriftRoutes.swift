import Hummingbird

/// /api/drift: what the last reconcile found and did, for admins.
enum DriftRoutes {
    private struct Difference: Encodable {
        let kind: String
        let subject: String
        let detail: String
        let cause: String
        let outcome: String
        @ExplicitNull var diff: String?

        init(_ difference: ReconcileReport.Difference) {
            kind = difference.kind
            subject = difference.subject
            detail = difference.detail
            cause = difference.cause
            outcome = difference.outcome
            _diff = ExplicitNull(wrappedValue: difference.diff)
        }
    }

    private struct Failure: Encodable {
        let stage: String
        let message: String
    }

    private struct Pending: Encodable {
        let unit: String
        let reason: String
        let since: String
    }

    private struct Unit: Encodable {
        let name: String
        let state: String
        let healthy: Bool
        let restarts: Int
        let gave_up: Bool
    }

    private struct Certificate: Encodable {
        let self_signed: Bool
        let not_after: String
        let names: [String]
        @ExplicitNull var problem: String?

        init(_ certificate: ReconcileReport.Certificate) {
            self_signed = certificate.isSelfSigned
            not_after = DriftRoutes.text(certificate.notAfter)
            names = certificate.names
            _problem = ExplicitNull(wrappedValue: certificate.problem.isEmpty ? nil : certificate.problem)
        }
    }

    private struct Report: Encodable {
        let result: String
        let started_at: String
        let ended_at: String
        let duration_seconds: Double
        @ExplicitNull var last_success_at: String?
        let consecutive_failures: Int
        let generation: Int
        @ExplicitNull var generation_applied_at: String?
        let tool_version: String
        @ExplicitNull var failure: Failure?
        let differences: [Difference]
        let repaired: [Difference]
        let pending_restarts: [Pending]
        let units: [Unit]
        let notes: [String]
        @ExplicitNull var certificate: Certificate?

        init(_ report: ReconcileReport) {
            result = report.result
            started_at = DriftRoutes.text(report.startedAt)
            ended_at = DriftRoutes.text(report.endedAt)
            duration_seconds = report.duration.rounded(places: 3)
            _last_success_at = ExplicitNull(wrappedValue: report.lastSuccessAt.map(DriftRoutes.text))
            consecutive_failures = report.consecutiveFailures
            generation = report.generation
            _generation_applied_at = ExplicitNull(wrappedValue: report.generationAppliedAt.map(DriftRoutes.text))
            tool_version = report.toolVersion
            _failure = ExplicitNull(
                wrappedValue: report.failure.map { Failure(stage: $0.stage, message: $0.message) })
            differences = report.differences.map(Difference.init)
            repaired = report.repaired.map(Difference.init)
            pending_restarts = report.pendingRestarts.map {
                Pending(unit: $0.unit, reason: $0.reason, since: DriftRoutes.text($0.since))
            }
            units = report.units.map {
                Unit(
                    name: $0.name, state: $0.state, healthy: $0.isHealthy, restarts: $0.restarts, gave_up: $0.gaveUp)
            }
            notes = report.notes
            _certificate = ExplicitNull(wrappedValue: report.certificate.map(Certificate.init))
        }
    }

    private struct Answer: Encodable {
        let available: Bool
        /// Why there is no report, and what to do.
        @ExplicitNull var reason: String?
        @ExplicitNull var report: Report?

        init(_ report: Report?, because reason: String? = nil) {
            available = report != nil
            _report = ExplicitNull(wrappedValue: report)
            _reason = ExplicitNull(wrappedValue: reason)
        }

        init(_ reading: ReconcileStatus.Reading?) {
            switch reading {
            case nil: self.init(nil, because: "A host with deployment.role local isn't reconciled.")
            case .absent:
                self.init(
                    nil, because: "No reconcile has ended since the host started: systemctl start putlive-reconcile.")
            case .unreadable(let why): self.init(nil, because: "The reconcile's status file tells nothing. \(why)")
            case .report(let report): self.init(Report(report))
            }
        }
    }

    private static func text(_ time: Double) -> String { RFC3339.string(ReconcileReport.seconds(time)) }

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.on(.get, "/api/drift") { _, _ in
            .json(Answer(services.reconcile?.look()))
        }
    }
}
