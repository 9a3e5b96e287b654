import PutLiveStore

/// How the last reconcile looks in the health answers: the parts `reconcile` and `certificate`. They are for all accounts, so
/// no path, no content and no message of a failed run is in them; those are for admins, at /api/drift.
extension ReconcileStatus {
    /// Left of a certificate when somebody has to look at it; certbot renews 30 days ahead.
    private static let warning: UnixTime = 14 * 86_400

    /// Reads the file anew, if it has changed. `certificate` is there only where nginx shows one.
    public func health(at now: UnixTime) -> [String: ComponentHealth] {
        switch look() {
        case .absent:
            return ["reconcile": Self.degraded("None since the host started: systemctl start putlive-reconcile.")]
        case .unreadable(let why):
            return ["reconcile": Self.degraded("Its status file tells nothing. \(why)")]
        case .report(let report):
            var parts = ["reconcile": health(of: report, at: now)]
            parts["certificate"] = report.certificate.map { Self.health(of: $0, at: now) }
            return parts
        }
    }

    /// The longest time since the end of a run, in seconds; the alert ReconcileNotRunning waits as long.
    private var longestSilence: Int64 { 2 * interval + 240 }

    private func health(of report: ReconcileReport, at now: UnixTime) -> ComponentHealth {
        let age = now - ReconcileReport.seconds(report.endedAt)
        if age > longestSilence {
            return Self.degraded("The last one was \(age / 60) min ago: systemctl list-timers putlive-reconcile.timer.")
        }
        if report.result == "failed" {
            return Self.degraded(
                "The last one failed; the host stays as it was before. journalctl -u putlive-reconcile says why.")
        }
        let abandoned = report.units.filter(\.gaveUp).map(\.name)
        if !abandoned.isEmpty {
            return Self.degraded(
                "Restarted as often as reliability.watchdog.max_restarts allows, and left alone: "
                    + "\(abandoned.joined(separator: ", ")).")
        }
        let count = report.drift.count
        guard count > 0 else { return ComponentHealth(.ok) }
        return Self.degraded("The host differs from config.yaml in \(count) place\(count == 1 ? "" : "s").")
    }

    private static func health(of certificate: ReconcileReport.Certificate, at now: UnixTime) -> ComponentHealth {
        let left = ReconcileReport.seconds(certificate.notAfter) - now
        if left <= 0 {
            return ComponentHealth(.error, detail: "It has expired, so browsers refuse the site: certbot renew.")
        }
        if certificate.isSelfSigned {
            return degraded("It is self-signed, so browsers warn of the site, until the configured one is there.")
        }
        if left < warning {
            return degraded("It expires in \(left / 86_400) d \(left % 86_400 / 3600) h: certbot renew --dry-run.")
        }
        return certificate.problem.isEmpty
            ? ComponentHealth(.ok) : degraded("It isn't the configured one: putlive-agent reconcile status says why.")
    }

    private static func degraded(_ detail: String) -> ComponentHealth {
        ComponentHealth(.degraded, detail: detail)
    }
}
