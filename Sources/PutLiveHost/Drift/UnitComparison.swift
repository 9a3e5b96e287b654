/// Compares the units of a host with a blueprint, and decides what each needs.
struct UnitComparison {
    let system: any System
    let blueprint: Blueprint
    let generation: Generation?
    /// Why something new is asked for.
    let newCause: Difference.Cause
    /// What a unit's restart would end.
    let carried: (_ unit: String) -> Broadcasts.Carried

    func run(into result: inout Comparison) {
        let wanted = blueprint.desired.units.filter { !isAbsent($0, into: &result) }
        var held: Set<String> = []
        var steps: [String: UnitAction] = [:]
        // What the config or an upgrade changes is in the digests; what a hand changed isn't.
        let edited = Set(result.differences.filter { $0.cause == .edited }.map(\.subject))
        let touched = touchedUnits(result, where: edited.contains)
        for unit in wanted where unit.shouldRun {
            guard let state = result.states[unit.name] else { continue }
            if unit.name.hasSuffix(".swap") && system.isContainer {
                result.notes.append("\(unit.name) stays off: a container swaps where its host does")
                continue
            }
            let needs = need(of: unit, state, touched, into: &result)
            guard let action = needs.action else { continue }
            if action != .reload && unit.carriesBroadcasts, let why = whyItWaits(unit.name, result) {
                held.insert(unit.name)
                result.waiting.append((unit.name, needs.reason + why))
                if needs.mayReload { steps[unit.name] = .reload }
            } else {
                steps[unit.name] = action
            }
        }
        for (name, unit) in removed(wanted) {
            guard result.states[name]?.isActive ?? false else { continue }
            result.differences.append(
                Difference(kind: .unit, subject: name, detail: "is active and not asked for any more", cause: newCause))
            if unit.carriesBroadcasts, let why = whyItWaits(name, result) {
                held.insert(name)
                result.waiting.append((name, "it is not asked for any more" + why))
            } else {
                steps[name] = .stop
            }
        }
        // The two are restarted together, or not at all.
        for (socket, holder) in SystemUnits.holders where held.contains(socket) != held.contains(holder) {
            for name in [socket, holder] where steps[name].map({ $0 != .reload }) ?? false {
                held.insert(name)
                steps[name] = nil
            }
        }
        if !held.isEmpty && newCause == .configChanged {
            for name in SystemUnits.companions where !held.contains(name) {
                guard let step = steps[name], step != .start else { continue }
                held.insert(name)
                // The agent may take over by a reload what it can; its program and its files stay.
                if !(name == SystemUnits.agent && step == .reload) { steps[name] = nil }
            }
        }
        result.held = held
        hold(back: held, in: &result)
        order(steps, wanted, into: &result)
    }

    // MARK: What one unit needs

    private struct Need {
        var action: UnitAction?
        var reason = ""
        /// While the restart waits, a reload already takes some of the change over.
        var mayReload = false
    }

    private func need(
        of unit: DesiredUnit, _ state: UnitState, _ touched: (restarts: Set<String>, reloads: Set<String>),
        into result: inout Comparison
    ) -> Need {
        let recorded = generation?.units[unit.name]
        func note(_ detail: String, _ cause: Difference.Cause, _ outcome: Difference.Outcome = .repair) {
            result.differences.append(
                Difference(kind: .unit, subject: unit.name, detail: detail, cause: cause, outcome: outcome))
        }
        if state.isMasked {
            note("is masked: systemctl unmask \(unit.name) lets it run again", .stopped, .report)
            return Need()
        }
        if state.active == "failed" {
            // Health decides about it, unless it gets something new to run with.
            guard
                recorded?.restartDigest != unit.restartDigest || recorded?.reloadDigest != unit.reloadDigest
                    || touched.restarts.union(touched.reloads).contains(unit.name)
            else { return Need() }
            note("has failed and gets a new configuration", newCause)
            return Need(action: .restart, reason: "it has failed")
        }
        // What waits for its turn, as behind the network at boot, nobody has stopped.
        if !state.isActive && state.active != "activating" && !state.isQueued {
            if recorded == nil {
                note("is not active", newCause)
            } else {
                let reported = !blueprint.repairsEdits
                note("has been stopped", .stopped, reported ? .report : .repair)
                if reported { return Need() }
            }
            return Need(action: .start, reason: "it isn't active")
        }
        let isNew = recorded?.restartDigest != unit.restartDigest
        if isNew || touched.restarts.contains(unit.name) {
            let reason = isNew ? "what it is started with has changed" : "its files are put back"
            note("has to be restarted: \(reason)", isNew ? newCause : .edited)
            // The agent alone reads the config itself.
            return Need(
                action: .restart, reason: reason,
                mayReload: unit.name == SystemUnits.agent && recorded?.reloadDigest != unit.reloadDigest)
        }
        if recorded?.reloadDigest != unit.reloadDigest {
            note("has to be reloaded: its configuration has changed", newCause)
            return Need(action: state.isActive ? .reload : .restart)
        }
        return Need(action: touched.reloads.contains(unit.name) ? state.isActive ? .reload : .restart : nil)
    }

    /// The units whose files this run writes or removes, of the paths that are meant.
    private func touchedUnits(
        _ result: Comparison, where isMeant: (String) -> Bool = { _ in true }
    ) -> (restarts: Set<String>, reloads: Set<String>) {
        var restarts: Set<String> = []
        var reloads: Set<String> = []
        for file in result.writes where isMeant(file.path) {
            restarts.formUnion(file.restarts)
            reloads.formUnion(file.reloads)
        }
        for removal in result.removals where isMeant(removal.path) {
            restarts.formUnion(removal.file?.restarts ?? [])
            reloads.formUnion(removal.file?.reloads ?? [])
        }
        for link in result.links where isMeant(link.path) { reloads.formUnion(link.reloads) }
        return (restarts, reloads)
    }

    // MARK: Units that aren't there, and those that nobody wants any more

    private func isAbsent(_ unit: DesiredUnit, into result: inout Comparison) -> Bool {
        guard !unit.package.isEmpty, !(result.states[unit.name]?.isLoaded ?? false) else { return false }
        if unit.isRequired {
            result.absent.append(unit)
        } else {
            result.notes.append("\(unit.name) is not installed; it comes with the package \(unit.package)")
        }
        // Nor can it be enabled.
        result.links.removeAll { $0.enables == unit.name }
        result.differences.removeAll { $0.subject == unit.name && $0.kind == .unit }
        return true
    }

    private func removed(_ wanted: [DesiredUnit]) -> [(String, Generation.Unit)] {
        let names = Set(blueprint.desired.units.map(\.name))
        return (generation?.units ?? [:]).filter { name, unit in
            SystemUnits.endsWithConfig(name, isOurs: unit.isOurs) && !names.contains(name)
        }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: What waits

    /// What is to be added to the reason, for a person who sees nobody live; nil where nothing would be ended. Only what
    /// runs carries anything; a socket takes its holder along.
    private func whyItWaits(_ unit: String, _ result: Comparison) -> String? {
        for name in [unit, SystemUnits.holders[unit]].compactMap(\.self) where result.states[name]?.isActive ?? false {
            let carried = carried(name)
            if carried.blocksRestart { return carried.words }
        }
        return nil
    }

    /// Nothing of a unit that waits is touched: it stays whole as it was.
    private func hold(back units: Set<String>, in result: inout Comparison) {
        guard !units.isEmpty else { return }
        func isHeld(_ names: [String]) -> Bool { names.contains(where: units.contains) }
        var subjects = units
        for file in result.writes where isHeld(file.restarts + file.reloads) { subjects.insert(file.path) }
        for removal in result.removals {
            if let file = removal.file, isHeld(file.restarts + file.reloads) || isUnitFile(removal.path, of: units) {
                subjects.insert(removal.path)
            } else if removal.file == nil, isUnitFile(removal.path, of: units) {
                subjects.insert(removal.path)
            }
        }
        result.writes.removeAll { subjects.contains($0.path) }
        result.removals.removeAll { subjects.contains($0.path) }
        for index in result.differences.indices where subjects.contains(result.differences[index].subject) {
            if result.differences[index].outcome == .repair { result.differences[index].outcome = .wait }
        }
    }

    private func isUnitFile(_ path: String, of units: Set<String>) -> Bool {
        units.contains { path.hasSuffix("/" + $0) }
    }

    // MARK: Order

    /// What is stopped first, then the units in the blueprint's order, then those of other packages whose files changed.
    private func order(_ steps: [String: UnitAction], _ wanted: [DesiredUnit], into result: inout Comparison) {
        var steps = steps
        func stopFirst(_ name: String) {
            guard result.states[name]?.isActive ?? false, steps[name] != .stop else { return }
            result.units.append(UnitStep(unit: name, action: .stop, wasActive: true))
            if wanted.contains(where: { $0.name == name }) { steps[name] = .start }
        }
        // Before the socket is opened anew, its holder lets go of it.
        for (socket, holder) in SystemUnits.holders where steps[socket] == .restart || steps[socket] == .start {
            stopFirst(holder)
        }
        // The agent lets people on air: it goes before SRS does, so that nobody gets there in between.
        if steps[SystemUnits.agent] == .restart && [.stop, .restart].contains(steps[SystemUnits.srs]) {
            stopFirst(SystemUnits.agent)
        }
        // A memory file system that is mounted anew is empty: its folders are made again.
        if steps.contains(where: { $0.key.hasSuffix(".mount") && ($0.value == .start || $0.value == .restart) }) {
            let folders = blueprint.desired.appliers.filter { $0.program.hasSuffix("systemd-tmpfiles") }
            result.appliers.formUnion(folders.map(\.path))
        }
        func append(_ name: String, _ action: UnitAction) {
            result.units.append(
                UnitStep(unit: name, action: action, wasActive: result.states[name]?.isActive ?? false))
        }
        for (name, action) in steps.sorted(by: { $0.key < $1.key }) where action == .stop { append(name, action) }
        for unit in wanted {
            if let action = steps[unit.name], action != .stop { append(unit.name, action) }
        }
        let known = Set(blueprint.desired.units.map(\.name)).union(steps.keys)
        let touched = touchedUnits(result)
        for name in touched.restarts.union(touched.reloads).subtracting(known).sorted()
        where result.states[name]?.isActive ?? false {
            append(name, touched.restarts.contains(name) ? .restart : .reload)
        }
    }
}
