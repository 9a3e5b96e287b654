import PutLiveCommands
import PutLiveConfig
import PutLiveHost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A reconcile's report for a person: results on stdout, one line a difference.
struct ReconcileText {
    let report: StatusReport
    /// What a check found that an apply would do.
    var wouldDo: [String] = []

    func print() {
        let paint = Console.resultPaint
        for difference in report.differences {
            Console.result(
                "\(paint.red(inert(difference.subject))) "
                    + inert("\(difference.detail) (\(words(difference)))") + "\n")
            if let diff = difference.diff { Console.result(diff.hasSuffix("\n") ? diff : diff + "\n") }
        }
        for action in wouldDo { Console.result("\(paint.cyan("would")) \(inert(action))\n") }
        for item in report.pendingRestarts {
            Console.report(
                inert("\(item.unit) waits for the end of a broadcast: \(item.reason); --now doesn't wait"))
        }
        for note in report.notes { Console.report(inert("note: \(note)")) }
        if let failure = report.failure {
            Console.error(failure.message.split(separator: "\n").map { inert(String($0)) }.joined(separator: "\n  "))
            return
        }
        Console.report(summary)
    }

    private func words(_ difference: Difference) -> String {
        switch difference.outcome {
        case .repair: difference.cause.words
        case .report: difference.cause.words + "; reliability.on_drift says to leave it"
        case .wait: difference.cause.words + "; waits for the end of a broadcast"
        }
    }

    /// One line.
    private var summary: String {
        let generation = "generation \(report.generation)"
        switch report.result {
        case .inOrder: return "in order: \(generation)"
        case .applied:
            return report.differences.isEmpty
                ? "applied: \(counted(report.repaired.count, "difference")) repaired, \(generation)"
                : counted(report.differences.count, "difference")
        case .drift: return counted(report.differences.count, "difference")
        case .waiting: return "\(counted(report.pendingRestarts.count, "restart")) waiting, \(generation)"
        case .failed: return "failed"
        }
    }
}
