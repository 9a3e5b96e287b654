import PutLiveArtifacts

/// Makes a host equal to its config, and tells how it went. `--check` and `--apply` are the same run over different
/// systems.
struct Reconciler {
    let system: any System
    /// Restarts what carries broadcasts even while somebody is live.
    var doesNotWait = false
    /// Tries at once what failed before: false for the runs of the timer, which come every half minute.
    var retriesAtOnce = true
    /// Proves files with the programs that read them, before any is written.
    var nativeChecks: (_ changed: Set<String>) async throws -> [CheckResult] = { _ in [] }
    /// What the last apply went by: what runs is looked after by it while config.yaml is broken.
    var lastApplied: () -> HostPlan? = { nil }
    /// What tells whether the config was changed since it was read.
    var configStamp: () -> String = { "" }
    /// A line for the journal or a terminal.
    var say: (String) -> Void = { _ in }

    /// Why a run can't be done.
    struct Refusal: Error {
        var stage: String
        var message: String

        init(_ stage: String, _ message: String) {
            self.stage = stage
            self.message = message
        }
    }

    /// What a run needs of the config.
    typealias Loader = () throws(Refusal) -> HostPlan

    /// One run, from the interrupted one before it to the status of this one, which is written where the system keeps
    /// what is written; and one more if the config was changed meanwhile, which systemd's path unit doesn't see while the
    /// service that it starts is running.
    func run(_ load: Loader) async -> StatusReport {
        let stamp = configStamp()
        let report = await runOnce(load)
        guard configStamp() != stamp else { return report }
        say("the config was changed meanwhile: once more")
        return await runOnce(load, repaired: report.repaired)
    }

    private func runOnce(_ load: Loader, repaired: [Difference] = []) async -> StatusReport {
        let previous = try? StateFolder.read(StatusReport.self, at: StateFolder.status, from: system)
        var report = StatusReport(
            toolVersion: previous?.toolVersion ?? "", result: .inOrder, startedAt: system.now, endedAt: system.now)
        report.generation = previous?.generation ?? 0
        report.generationAppliedAt = previous?.generationAppliedAt
        report.certificate = previous?.certificate
        report.units = previous?.units ?? []
        report.repaired = repaired
        var loaded: HostPlan?
        var waiting: [(unit: String, reason: String)] = []
        do throws(Refusal) {
            let plan: Result<HostPlan, Refusal>
            do throws(Refusal) {
                plan = .success(try load())
            } catch {
                plan = .failure(error)
            }
            let known = (try? plan.get()) ?? lastApplied()
            waiting = try recover(known)
            // Not before: nothing can be said of units that are half put back.
            loaded = known
            report.differences = waiting.map { Self.owed($0.unit) }
            report.pendingRestarts = pending(waiting, previous)
            // A damaged record is as good as none: everything is applied anew.
            let generation = try? StateFolder.read(Generation.self, at: StateFolder.generation, from: system)
            set(generation, in: &report)
            let wanted = try plan.get()
            report.toolVersion = String(wanted.blueprint.toolVersion.prefix { $0 != " " })
            if waiting.isEmpty {
                try await reconcile(wanted, generation, &report, previous)
            } else {
                lookAfter(wanted, &report, waiting)
                report.result = .waiting
            }
            report.lastSuccessAt = system.now
        } catch {
            report.result = .failed
            report.failure = StatusReport.Failure(stage: error.stage, message: error.message)
            report.lastSuccessAt = previous?.lastSuccessAt
            report.consecutiveFailures = (previous?.consecutiveFailures ?? 0) + 1
            report.differences = report.differences.isEmpty ? previous?.differences ?? [] : report.differences
            if waiting.isEmpty { report.pendingRestarts = previous?.pendingRestarts ?? [] }
            if let loaded { lookAfter(loaded, &report, waiting) }
        }
        report.endedAt = system.now
        if let loaded { report.mask(by: loaded.blueprint.masked) }
        writeStatus(report)
        return report
    }

    /// Takes everything of PutLive off the host but the config and what people made: its units are stopped, its files
    /// removed, other packages' files put back as they were.
    func withdraw() async -> StatusReport {
        var reconciler = self
        reconciler.doesNotWait = true
        let report = await reconciler.run { () throws(Refusal) in
            HostPlan(blueprint: Blueprint(desired: DesiredHost(), configDigest: "", toolVersion: ""))
        }
        guard report.result != .failed else { return report }
        do throws(SystemError) {
            try system.remove(StateFolder.generation)
            for name in try system.names(in: StateFolder.originals) {
                try system.remove("\(StateFolder.originals)/\(name)")
            }
        } catch {
            say("\(error)")
        }
        return report
    }

    /// What runs is looked after even where a change can't be made: as it was last applied, for a new port would have a
    /// service that listens at the old one look as if it hung.
    private func lookAfter(_ plan: HostPlan, _ report: inout StatusReport, _ waiting: [(unit: String, reason: String)])
    {
        let plan = lastApplied() ?? plan
        guard system.isLive, let states = try? system.units(plan.blueprint.desired.units.map(\.name)) else { return }
        var comparison = Comparison()
        comparison.states = states
        comparison.waiting = waiting
        plan.watch(system, comparison, [], &report)
    }

    // MARK: The run

    private func reconcile(
        _ plan: HostPlan, _ generation: Generation?, _ report: inout StatusReport, _ previous: StatusReport?
    ) async throws(Refusal) {
        let prepared = try plan.prepare(system, plan.blueprint, generation)
        // Asked only where a restart is due.
        var known: ((String) -> Broadcasts.Carried)?
        // Somebody went live right before their restart: they wait for the rest of this run.
        var heldBack: Set<String> = []
        let carried: (String) -> Broadcasts.Carried = { unit in
            if doesNotWait { return .nothing }
            if heldBack.contains(unit) { return .live(1) }
            let answer = known ?? plan.broadcasts(system, generation)
            known = answer
            return answer(unit)
        }
        report.notes = prepared.notes
        report.certificate = prepared.certificate
        var comparison = try compare(prepared.blueprint, generation, prepared.unmade, carried)
        report.notes += comparison.notes
        report.differences = comparison.differences
        if let unit = comparison.absent.first {
            throw Refusal(
                "services",
                "\(unit.name) is not installed, and nothing was changed; install it with: apt install "
                    + comparison.absent.map(\.package).joined(separator: " "))
        }
        var applied = generation
        var started: Set<String> = []
        let isNeeded: (Comparison) -> Bool = { comparison in
            !comparison.isEmpty || !prepared.extraFiles.isEmpty || generation == nil
        }
        if isNeeded(comparison) {
            let goal = sha256(of: Array("\(prepared.blueprint.configDigest) \(prepared.blueprint.toolVersion)".utf8))
            try refuseRetry(of: goal, previous, &report)
            if try await proveChanges(comparison, &report) {
                // That took its time: somebody may have gone live.
                known = nil
                comparison = try compare(prepared.blueprint, generation, prepared.unmade, carried)
            }
            do throws(Refusal) {
                while true {
                    // Asked anew for each unit.
                    let attempt = try apply(comparison, prepared, generation, plan) { unit in
                        known = nil
                        return carried(unit)
                    }
                    guard let unit = attempt.heldBack else {
                        applied = attempt.generation
                        break
                    }
                    guard heldBack.insert(unit).inserted else {
                        throw Refusal("services", "\(unit) carries a broadcast and was to be restarted all the same")
                    }
                    say("somebody has just gone live: everything is put back, and \(unit) waits")
                    known = nil
                    comparison = try compare(prepared.blueprint, generation, prepared.unmade, carried)
                    if !isNeeded(comparison) { break }
                }
            } catch {
                noteFailure(of: goal, previous, &report)
                throw error
            }
            set(applied, in: &report)
            started = Set(comparison.units.filter { $0.action != .stop }.map(\.unit))
            report.repaired += comparison.differences.filter { $0.outcome == .repair }
            if system.isWritable {
                comparison = try compare(prepared.blueprint, applied, [], carried)
                report.differences = comparison.differences
            }
        }
        report.pendingRestarts = pending(comparison.waiting, previous)
        if system.isLive { plan.watch(system, comparison, started, &report) }
        report.result = result(of: report)
    }

    private func compare(
        _ blueprint: Blueprint, _ generation: Generation?, _ unmade: [Difference],
        _ carried: @escaping (String) -> Broadcasts.Carried
    ) throws(Refusal) -> Comparison {
        do throws(SystemError) {
            var comparison = try HostComparison(
                system: system, blueprint: blueprint, generation: generation, carried: carried
            ).run()
            comparison.differences += unmade
            return comparison
        } catch {
            throw Refusal("compare", "the host can't be compared with its config: \(error)")
        }
    }

    // MARK: What failed before

    /// Seconds until what failed is tried again: a minute, then twice as long each time, up to a quarter of an hour.
    private static func pause(after failures: Int) -> Double {
        min(60 * Double(1 << min(max(failures - 1, 0), 4)), 900)
    }

    private func refuseRetry(
        of goal: String, _ previous: StatusReport?, _ report: inout StatusReport
    ) throws(Refusal) {
        guard !retriesAtOnce, let previous, let failure = previous.failure, previous.failedGoal == goal,
            let retryAt = previous.retryAt, system.now < retryAt, retryAt - system.now <= 900
        else { return }
        (report.failedGoal, report.retryAt) = (goal, retryAt)
        throw Refusal(failure.stage, failure.message)
    }

    private func noteFailure(of goal: String, _ previous: StatusReport?, _ report: inout StatusReport) {
        report.failedGoal = goal
        let isSame = previous?.failedGoal == goal
        report.retryAt = system.now + Self.pause(after: isSame ? (previous?.consecutiveFailures ?? 0) + 1 : 1)
    }

    // MARK: Steps

    /// Whether any was run.
    private func proveChanges(_ comparison: Comparison, _ report: inout StatusReport) async throws(Refusal) -> Bool {
        let changed = Set(comparison.writes.map(\.path))
        guard system.isWritable, !changed.isEmpty else { return false }
        let results: [CheckResult]
        do {
            results = try await nativeChecks(changed)
        } catch {
            throw Refusal("native_checks", "the files can't be checked: \(error)")
        }
        for result in results where result.status == .skipped {
            report.notes.append("not checked by \(result.name): \(result.notes.joined(separator: "; "))")
        }
        let failed = results.filter { $0.status == .failed }
        guard failed.isEmpty else {
            throw Refusal(
                "native_checks",
                failed.map { "\($0.name) refuses what config.yaml asks for: \($0.notes.joined(separator: "\n"))" }
                    .joined(separator: "\n") + "\nnothing was changed")
        }
        return true
    }

    /// The generation now in force, or the unit that waits after all.
    private func apply(
        _ comparison: Comparison, _ prepared: Prepared, _ generation: Generation?, _ plan: HostPlan,
        _ carried: @escaping (String) -> Broadcasts.Carried
    ) throws(Refusal) -> (generation: Generation?, heldBack: String?) {
        for difference in comparison.differences where difference.outcome == .repair {
            say("\(difference.subject) \(difference.detail) (\(difference.cause.words))")
        }
        var transaction = Transaction(
            system: system, blueprint: prepared.blueprint, generation: generation, comparison: comparison)
        transaction.extraFiles = prepared.extraFiles
        transaction.carried = carried
        transaction.say = { say(prepared.blueprint.masked($0)) }
        transaction.srsPackage = prepared.srsPackage ?? generation?.srsPackage
        let system = system
        transaction.awaitHealthy = { unit throws(SystemError) in try plan.awaitHealthy(unit, system) }
        transaction.reload = { unit throws(SystemError) in try plan.reload(unit, system) }
        do throws(Transaction.Failure) {
            return (try transaction.run(), nil)
        } catch {
            if let unit = error.heldBack, error.restored.isComplete { return (nil, unit) }
            var message = prepared.blueprint.masked("\(error.cause)")
            let (failures, waiting) = (error.restored.failures, error.restored.waiting)
            if error.restored.isComplete {
                message += "\neverything was put back as it was before"
            } else if failures.isEmpty {
                let units = waiting.map(\.unit).joined(separator: ", ")
                message += "\nevery file was put back as it was before, and \(units) once the broadcast has ended"
            } else {
                let words = failures.map { prepared.blueprint.masked("\($0)") }.joined(separator: "\n")
                message += "\nand not everything could be put back; the next run tries again:\n\(words)"
            }
            throw Refusal(error.stage, message)
        }
    }

    // MARK: The status

    private func pending(_ waiting: [(unit: String, reason: String)], _ previous: StatusReport?)
        -> [StatusReport.Pending]
    {
        waiting.map { item in
            StatusReport.Pending(
                unit: item.unit, reason: item.reason,
                since: previous?.pendingRestarts.first { $0.unit == item.unit }?.since ?? system.now)
        }
    }

    private func result(of report: StatusReport) -> StatusReport.Result {
        if !report.pendingRestarts.isEmpty { return .waiting }
        if !report.differences.isEmpty { return .drift }
        return report.repaired.isEmpty ? .inOrder : .applied
    }

    private func set(_ generation: Generation?, in report: inout StatusReport) {
        report.generation = generation?.number ?? 0
        report.generationAppliedAt = generation?.appliedAt
    }

    private func writeStatus(_ report: StatusReport) {
        guard system.isLive else { return }
        do throws(SystemError) {
            try system.makeFolder(StateFolder.runtime, mode: 0o755, owner: .root)
            // The agent reads it, once its group is there.
            let group = system.text(of: "/etc/group")?.split(separator: "\n").contains { $0.hasPrefix("putlive:") }
            try StateFolder.write(
                report, to: StateFolder.status, on: system, mode: 0o640,
                owner: group ?? false ? Owner("root", "putlive") : .root)
        } catch {
            say("the status can't be written: \(error)")
        }
    }
}

extension Difference.Cause {
    /// For a person.
    public var words: String {
        switch self {
        case .configChanged: "the config has changed"
        case .upgraded: "PutLive was upgraded"
        case .edited: "changed by hand"
        case .stopped: "stopped or disabled by hand"
        case .failed: "it fails"
        case .neverApplied: "never applied before"
        }
    }
}
