import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig
import PutLiveHost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct ReconcileStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell what the last reconcile found and did.",
        discussion: """
            From /run/putlive-reconcile/status.json, which each apply writes; root and the group putlive may read it.

            Exit status: 0 the host was in order, 1 the last run failed or there was none, 2 differences were left or a restart \
            waits.
            """)

    @Option(help: "How to print: text or json.") var format = ReportFormat.text

    func run() throws {
        let path = HostPaths().reconcileStatusFolder + "/status.json"
        let report: StatusReport
        do {
            let bytes = try ConfigEnvironment.process.readFile(path, 8 << 20)
            report = try JSONDecoder().decode(StatusReport.self, from: Data(bytes))
        } catch let problem as ConfigEnvironment.FileProblem {
            // Only what isn't there is written anew.
            let missing = access(path, F_OK) != 0 && errno == ENOENT
            Console.error(
                "\(path): \(problem.reason)",
                remedy: missing
                    ? "sudo putlive-agent reconcile --apply writes it"
                    : "sudo putlive-agent reconcile status may read it")
            throw ExitCode(1)
        } catch {
            Console.error("\(path) is not a status of this version of PutLive")
            throw ExitCode(1)
        }
        switch format {
        case .json: Console.result(try JSONText.encode(report))
        case .text: printText(report)
        }
        switch report.result {
        case .inOrder, .applied: return
        case .failed: throw ExitCode(1)
        case .drift, .waiting: throw ExitCode(2)
        }
    }

    private func printText(_ report: StatusReport) {
        var rows = [
            ("last run", "\(time(report.endedAt)), \(words(report.result))"),
            ("generation", report.generation == 0 ? "none" : "\(report.generation)"),
        ]
        if let applied = report.generationAppliedAt { rows.append(("applied", time(applied))) }
        if report.consecutiveFailures > 0 {
            rows.append(("failures", "\(report.consecutiveFailures) in a row"))
            rows.append(("last success", report.lastSuccessAt.map(time) ?? "never"))
        }
        if let certificate = report.certificate {
            rows.append(
                (
                    "certificate",
                    (certificate.isSelfSigned ? "self-signed" : "configured") + ", until \(time(certificate.notAfter))"
                ))
        }
        for (name, text) in rows {
            Console.result(name.padding(toLength: 14, withPad: " ", startingAt: 0) + inert(text) + "\n")
        }
        for unit in report.units {
            let more = unit.gaveUp ? ", given up" : unit.restarts > 0 ? ", restarted \(unit.restarts) times" : ""
            Console.result("  \(unit.isHealthy ? "ok  " : "BAD ") \(inert("\(unit.name) \(unit.state)\(more)"))\n")
        }
        ReconcileText(report: report).print()
    }

    private func words(_ result: StatusReport.Result) -> String {
        switch result {
        case .inOrder: "the host was in order"
        case .applied: "the host was made true to its config"
        case .drift: "differences are left"
        case .waiting: "a restart waits for the end of a broadcast"
        case .failed: "failed"
        }
    }

    /// `2026-01-02T03:04:05Z`.
    private func time(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds.rounded(.down)).formatted(.iso8601)
    }
}
