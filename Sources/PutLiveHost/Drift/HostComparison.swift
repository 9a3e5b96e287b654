/// Compares a host with a blueprint: files first, then what isn't a file, then the units, which depend on both.
struct HostComparison {
    let system: any System
    let blueprint: Blueprint
    let generation: Generation?
    /// What the restart of a unit would end.
    let carried: (_ unit: String) -> Broadcasts.Carried

    func run() throws(SystemError) -> Comparison {
        var result = Comparison()
        let files = FileComparison(system: system, blueprint: blueprint, generation: generation)
        try files.run(into: &result)
        if system.isLive {
            result.states = try system.units(unitNames(result))
            try EffectComparison(
                system: system, blueprint: blueprint, generation: generation, newCause: files.newCause
            ).run(into: &result)
            UnitComparison(
                system: system, blueprint: blueprint, generation: generation, newCause: files.newCause, carried: carried
            ).run(into: &result)
            result.needsDaemonReload =
                noteUnread(in: &result)
                || result.writes.contains(where: \.needsDaemonReload)
                || result.removals.contains { $0.file?.needsDaemonReload ?? false }
                || !result.links.filter { $0.enables != nil }.isEmpty
        } else {
            try dropAbsentUnits(from: &result)
        }
        return result
    }

    /// Whether there are units whose files somebody else has changed. A drop-in is an administrator's own means, and no
    /// drift.
    private func noteUnread(in result: inout Comparison) -> Bool {
        let names = result.states.filter(\.value.needsDaemonReload).keys.sorted()
        if names.isEmpty { return false }
        result.notes.append(
            "the files of \(names.joined(separator: ", ")) have changed since systemd read them, by a drop-in perhaps: an "
                + "apply has it read them again, and what runs takes them over with its next restart")
        return true
    }

    /// Every unit that a run may have to look at.
    private func unitNames(_ result: Comparison) -> [String] {
        var names = blueprint.desired.units.map(\.name)
        names += (generation?.units ?? [:]).keys.sorted()
        for file in result.writes { names += file.restarts + file.reloads }
        for removal in result.removals { names += (removal.file?.restarts ?? []) + (removal.file?.reloads ?? []) }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// An image has no systemd to ask: a unit is installed where the file is that its link leads to.
    private func dropAbsentUnits(from result: inout Comparison) throws(SystemError) {
        for unit in blueprint.desired.units where !unit.package.isEmpty {
            var isThere = false
            for folder in ["/etc/systemd/system/", "/lib/systemd/system/", "/usr/lib/systemd/system/"] {
                if try system.entry(at: folder + unit.name) != nil { isThere = true }
            }
            if isThere { continue }
            result.notes.append("\(unit.name) is not installed; it comes with the package \(unit.package)")
            result.links.removeAll { $0.enables == unit.name }
            result.differences.removeAll { $0.kind == .unit && $0.subject == unit.name }
        }
    }
}
