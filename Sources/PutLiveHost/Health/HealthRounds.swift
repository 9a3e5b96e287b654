/// Looks after the units of a host once its files are in order: asks each whether it does its work, restarts what doesn't,
/// and remembers that from run to run.
struct HealthRounds {
    let desired: DesiredHost
    let policy: HealthPolicy
    /// A line for the journal.
    var say: (String) -> Void
    /// What a person has to see to.
    var alert: (String) -> Void

    func run(
        _ system: any System, _ comparison: Comparison, started: Set<String>, _ report: inout StatusReport
    ) {
        // What can't be read is as good as never written: the host has just started.
        var watch = (try? StateFolder.read(HealthWatch.self, at: StateFolder.watch, from: system)) ?? HealthWatch()
        let before = watch
        for unit in started { watch.wasStarted(unit) }
        let units = desired.units.filter { isWatched($0, comparison, system) }
        let observations = units.map { observe($0, comparison, system) }
        let decisions = watch.decide(observations, policy: policy, at: system.now)
        report.units = []
        for (observation, decision) in zip(observations, decisions) {
            act(on: observation, decision, watch, system, &report)
        }
        for unit in desired.units where !(comparison.states[unit.name]?.isLoaded ?? false) {
            report.units.append(
                StatusReport.Unit(name: unit.name, state: "not-installed", isHealthy: !unit.isRequired))
        }
        for mount in desired.mounts { HLSRoom(mount: mount.path).make(on: system, &report) }
        guard watch != before else { return }
        do throws(SystemError) {
            try system.makeFolder(StateFolder.runtime, mode: 0o755, owner: .root)
            try StateFolder.write(watch, to: StateFolder.watch, on: system)
        } catch {
            say("what is known of the units' health can't be kept: \(error)")
        }
    }

    /// Swap in a container is its host's.
    private func isWatched(_ unit: DesiredUnit, _ comparison: Comparison, _ system: any System) -> Bool {
        guard comparison.states[unit.name]?.isLoaded ?? false else { return false }
        if comparison.states[unit.name]?.isMasked ?? false { return false }
        return !(unit.name.hasSuffix(".swap") && system.isContainer)
    }

    private func observe(
        _ unit: DesiredUnit, _ comparison: Comparison, _ system: any System
    ) -> HealthObservation {
        let state = comparison.states[unit.name] ?? UnitState()
        var observation = HealthObservation(unit: unit.name, state: state, shouldRun: unit.shouldRun)
        if let probe = unit.probe {
            observation.patience = probe.patience
            // One that waits for its restart still listens where the config said before.
            let waits = comparison.waiting.contains { $0.unit == unit.name }
            if state.isActive && !waits { observation.answers = answers(unit, probe, system) }
        }
        return observation
    }

    /// What a broadcast hangs on is asked again before it counts as silent: a busy machine misses a moment.
    private func answers(_ unit: DesiredUnit, _ probe: ServiceProbe, _ system: any System) -> Bool {
        for attempt in 0..<(unit.carriesBroadcasts ? 3 : 1) {
            if attempt > 0 { system.sleep(.milliseconds(500)) }
            if ServiceHealth.ask(probe, on: system) == .good { return true }
        }
        return false
    }

    private func act(
        on observation: HealthObservation, _ decision: HealthDecision, _ watch: HealthWatch, _ system: any System,
        _ report: inout StatusReport
    ) {
        let name = observation.unit
        var detail =
            observation.state.active == "failed" ? "has failed (\(observation.state.result))" : "doesn't answer"
        var isHealthy = false
        switch decision {
        case .healthy: isHealthy = true
        case .watching:
            isHealthy =
                observation.state.isActive ? observation.answers != false : observation.state.active == "inactive"
            if !observation.state.isActive { detail = "is \(observation.state.active)" }
        case .unhealthy:
            if observation.shouldRun { detail += "; reliability.watchdog.restart_on_failure says to leave it so" }
        case .waitUntil(let time): detail += "; the next restart is due in \(max(0, Int(time - system.now))) s"
        case .restart(let attempt):
            say("\(name) \(detail): restarting it, attempt \(attempt) of \(policy.maxRestarts)")
            do throws(SystemError) {
                if observation.state.active == "failed" { try system.act(.resetFailed, on: name) }
                try system.act(.restart, on: name)
                detail += "; it was restarted"
            } catch {
                detail += "; it can't be restarted: \(error)"
            }
        case .gaveUp(let isNew):
            detail += "; it was restarted as often as reliability.watchdog.max_restarts allows and is left alone: "
            detail += "see journalctl -u \(name), then systemctl restart \(name)"
            if isNew { alert("\(name) \(detail)") }
        }
        report.units.append(
            StatusReport.Unit(
                name: name, state: observation.state.active, isHealthy: isHealthy, restarts: watch.restarts(of: name),
                gaveUp: watch.hasGivenUp(name)))
        if !isHealthy {
            report.differences.append(Difference(kind: .health, subject: name, detail: detail, cause: .failed))
        }
    }
}
