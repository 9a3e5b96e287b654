/// Shows the last reconcile and the certificate in the metrics.
extension MetricsRegistry {
    /// Reads `status` at each scrape. Where there is no report, there are no samples of it.
    public func collectReconcile(_ status: ReconcileStatus) {
        let interval = gauge("putlive_reconcile_interval_seconds")
        let gauges = ReconcileGauges(registry: self)
        onCollect {
            interval.set(status.interval)
            guard case .report(let report) = status.look() else { return gauges.clear() }
            gauges.show(report)
        }
    }
}

/// The series of the reconcile run.
private struct ReconcileGauges: Sendable {
    private let registry: MetricsRegistry
    private let drift: [String: MetricGauge]
    private let restarts: [String: MetricCounter]
    private let single: [(MetricGauge, @Sendable (ReconcileReport) -> Double?)]

    init(registry: MetricsRegistry) {
        self.registry = registry
        drift = Dictionary(
            uniqueKeysWithValues: MetricLabel.driftKinds.map { kind in
                (kind, registry.gauge("putlive_reconcile_drift", ["kind": kind]))
            })
        restarts = Dictionary(
            uniqueKeysWithValues: MetricLabel.units.map { unit in
                (unit, registry.counter("putlive_reconcile_unit_restarts_total", ["unit": unit]))
            })
        let single: [(MetricGauge, @Sendable (ReconcileReport) -> Double?)] = [
            (registry.gauge("putlive_reconcile_last_run_timestamp_seconds"), { $0.endedAt }),
            (registry.gauge("putlive_reconcile_last_success_timestamp_seconds"), { $0.lastSuccessAt }),
            (registry.gauge("putlive_reconcile_last_duration_seconds"), { $0.duration }),
            (registry.gauge("putlive_reconcile_consecutive_failures"), { Double($0.consecutiveFailures) }),
            (registry.gauge("putlive_reconcile_generation"), { Double($0.generation) }),
            (registry.gauge("putlive_reconcile_restart_pending"), { $0.pendingRestarts.isEmpty ? 0 : 1 }),
            (registry.gauge("putlive_tls_certificate_expiry_timestamp_seconds"), { $0.certificate?.notAfter }),
            (
                registry.gauge("putlive_tls_certificate_self_signed"),
                { report in report.certificate.map { $0.isSelfSigned ? 1 : 0 } }
            ),
        ]
        self.single = single
    }

    func show(_ report: ReconcileReport) {
        for (gauge, value) in single {
            if let value = value(report) { gauge.set(value) } else { gauge.clear() }
        }
        let kinds = Dictionary(grouping: report.drift, by: \.kind)
        for (kind, gauge) in drift { gauge.set(kinds[kind]?.count ?? 0) }
        let units = Dictionary(grouping: report.units) { unit in restarts[unit.name] == nil ? "other" : unit.name }
        for (unit, counter) in restarts {
            counter.raise(to: units[unit, default: []].reduce(0) { $0 + Double($1.restarts) })
        }
        registry.replaceGauges(
            "putlive_reconcile_unit_gave_up",
            with: units.map { name, units in ([("unit", name)], units.contains(where: \.gaveUp) ? 1 : 0) })
    }

    func clear() {
        for (gauge, _) in single { gauge.clear() }
        for gauge in drift.values { gauge.clear() }
        registry.replaceGauges("putlive_reconcile_unit_gave_up", with: [])
    }
}
