/// Makes a host equal to a blueprint, as one step: all of it, or nothing.
struct Transaction {
    let system: any System
    let blueprint: Blueprint
    let generation: Generation?
    let comparison: Comparison
    /// Written with the others, and no part of the generation: made on the host.
    var extraFiles: [DesiredFile] = []
    /// Recorded with the generation.
    var srsPackage: String?
    /// A line for the journal.
    var say: (String) -> Void = { _ in }
    /// What a stop or restart of a unit would end, asked right before.
    var carried: (_ unit: String) -> Broadcasts.Carried = { _ in .nothing }
    /// Waits until a unit that was started, restarted or reloaded does its work.
    var awaitHealthy: (DesiredUnit) throws(SystemError) -> Void = { _ throws(SystemError) in }
    /// Reloads a unit and makes sure that it took its configuration over.
    var reload: (_ unit: String) throws(SystemError) -> Void = { _ throws(SystemError) in }

    /// Of the files that this transaction wrote or adjusted, right after that.
    private var stamps: [String: String] = [:]
    /// The unit before whose stop or restart somebody turned out to be live.
    private var heldBack: String?

    init(system: any System, blueprint: Blueprint, generation: Generation?, comparison: Comparison) {
        self.system = system
        self.blueprint = blueprint
        self.generation = generation
        self.comparison = comparison
    }

    /// Where a transaction failed, and whether the host is as it was before.
    struct Failure: Error {
        var stage: String
        var cause: SystemError
        /// The unit that carries a broadcast by now, if that is the cause.
        var heldBack: String?
        /// What couldn't be put back, and what waits with that.
        var restored: Journal.Restored
    }

    /// The generation now in force.
    mutating func run() throws(Failure) -> Generation {
        var journal: Journal?
        var stage = "write"
        do throws(SystemError) {
            try keepCopies()
            let number = (generation?.transaction ?? 0) + 1
            journal = try Journal.begin(number, paths: paths, steps: comparison.units, on: system)
            try writeFiles()
            if system.isLive {
                stage = "services"
                try act(&journal)
                stage = "health"
                try checkHealth()
            }
            stage = "write"
            let committed = try commit(number)
            try? Journal.clear(on: system)
            return committed
        } catch {
            var restored = Journal.Restored()
            if let journal {
                restored = journal.restore(on: system, carried: carried)
                if restored.isComplete { try? Journal.clear(on: system) }
            }
            throw Failure(stage: stage, cause: error, heldBack: heldBack, restored: restored)
        }
    }

    // MARK: Files

    private var writes: [DesiredFile] {
        // Users come first: files may belong to them.
        (comparison.writes + extraFiles).sorted { isSysusers($0) && !isSysusers($1) }
    }

    private func isSysusers(_ file: DesiredFile) -> Bool { file.path.hasPrefix("/etc/sysusers.d/") }

    private var paths: [String] {
        writes.map(\.path) + comparison.adjustments.map(\.path) + comparison.links.map(\.path)
            + comparison.removals.map(\.path)
    }

    /// Another package's files and what somebody edited are kept before they are replaced.
    private func keepCopies() throws(SystemError) {
        for file in comparison.writes where comparison.edited.contains(file.path) { try keep(file.path) }
        for removal in comparison.removals where comparison.edited.contains(removal.path) { try keep(removal.path) }
        for file in comparison.writes where needsOriginal(file) {
            guard let entry = try system.entry(at: file.path), entry.kind == .file else { continue }
            try system.makeFolder(StateFolder.originals, mode: 0o700, owner: .root)
            // With its own mode and owner, which it gets back.
            // The first is the original; what is there after a lost record may be PutLive's own.
            if try system.entry(at: original(of: file.path)) != nil { continue }
            try system.write(
                try content(of: file.path, entry), to: original(of: file.path), mode: entry.mode, owner: entry.owner)
            say("what was at \(file.path) before PutLive is kept as \(original(of: file.path))")
        }
    }

    private func keep(_ path: String) throws(SystemError) {
        guard let entry = try system.entry(at: path), entry.kind == .file else { return }
        try system.makeFolder(StateFolder.replaced, mode: 0o700, owner: .root)
        try system.write(
            try content(of: path, entry), to: "\(StateFolder.replaced)/\(StateFolder.fileName(of: path))", mode: 0o600,
            owner: .root)
    }

    /// Of a file of any size that a copy may have.
    private func content(of path: String, _ entry: FileEntry) throws(SystemError) -> [UInt8] {
        try system.read(path, limit: min(entry.size + (1 << 20), 256 << 20))
    }

    private func needsOriginal(_ file: DesiredFile) -> Bool {
        !file.isOursAlone && generation?.files[file.path] == nil
    }

    private func original(of path: String) -> String { "\(StateFolder.originals)/\(StateFolder.fileName(of: path))" }

    private mutating func writeFiles() throws(SystemError) {
        var usersAreMade = !system.isLive
        func makeUsers() throws(SystemError) {
            if usersAreMade { return }
            usersAreMade = true
            try apply(where: { $0.path.hasPrefix("/etc/sysusers.d/") })
        }
        for file in writes {
            if !isSysusers(file) { try makeUsers() }
            try system.write(file.content, to: file.path, mode: file.mode, owner: file.owner)
            stamps[file.path] = try system.entry(at: file.path)?.stamp
        }
        try makeUsers()
        for file in comparison.adjustments {
            if let entry = try system.entry(at: file.path) {
                if system.isLive && entry.owner != file.owner { try system.setOwner(file.owner, of: file.path) }
                // After the owner, whose change takes set-id bits away.
                try system.setMode(file.mode, of: file.path)
                stamps[file.path] = try system.entry(at: file.path)?.stamp
            }
        }
        for link in comparison.links { try system.link(link.path, to: link.target) }
        for removal in comparison.removals where !isStoppedFirst(removal) { try remove(removal) }
    }

    /// The file of a unit that still has to be stopped by it.
    private func isStoppedFirst(_ removal: Removal) -> Bool {
        system.isLive && comparison.units.contains { $0.action == .stop && removal.path.hasSuffix("/" + $0.unit) }
    }

    private func remove(_ removal: Removal) throws(SystemError) {
        if let original = removal.file?.original {
            let content = try system.read(original.copy, limit: 256 << 20)
            try system.write(content, to: removal.path, mode: original.mode, owner: original.owner)
            return
        }
        try system.remove(removal.path)
        // A drop-in's own folder goes with it.
        if let slash = removal.path.lastIndex(of: "/") {
            let folder = String(removal.path[..<slash])
            if folder.hasSuffix(".d") || folder.hasSuffix(".wants") { try? system.removeEmptyFolder(folder) }
        }
    }

    private func apply(where isMeant: (Applier) -> Bool) throws(SystemError) {
        for applier in blueprint.desired.appliers where isMeant(applier) && comparison.appliers.contains(applier.path) {
            let result = try system.run(applier.program, applier.arguments, limit: .seconds(60))
            guard !result.succeeded else { continue }
            let words = "\(applier.program) can't apply all of \(applier.path): \(result.output.prefix(2000))"
            // Files belong to the users. What else is left undone is found as a difference.
            if applier.path.hasPrefix("/etc/sysusers.d/") { throw SystemError(words) }
            say(words)
        }
    }

    // MARK: Units

    private mutating func act(_ journal: inout Journal?) throws(SystemError) {
        for step in comparison.units where step.action == .stop {
            try begin(step, &journal)
            do throws(SystemError) {
                try system.act(.stop, on: step.unit)
            } catch {
                // A segment that is being sent holds the memory file system; it goes with the next start.
                guard step.unit.hasSuffix(".mount") else { throw error }
                say("\(error)")
            }
        }
        for removal in comparison.removals where isStoppedFirst(removal) { try remove(removal) }
        if comparison.needsDaemonReload { try system.reloadUnits() }
        let isMount = { (step: UnitStep) in step.unit.hasSuffix(".mount") }
        // Folders are made inside of what is mounted.
        for step in comparison.units where isMount(step) && step.action != .stop { try take(step, &journal) }
        try apply(where: { !$0.path.hasPrefix("/etc/sysusers.d/") })
        for step in comparison.units where !isMount(step) && step.action != .stop { try take(step, &journal) }
    }

    /// Everything before the act itself. Somebody may have gone live since the comparison, which is asked last of all:
    /// then the unit is left as it is.
    private mutating func begin(_ step: UnitStep, _ journal: inout Journal?) throws(SystemError) {
        let before = journal
        try journal?.willAct(on: step, on: system)
        // Forgets failures and counted starts, which would forbid another.
        if step.action == .start || step.action == .restart { try? system.act(.resetFailed, on: step.unit) }
        guard step.wasActive, step.action == .stop || step.action == .restart,
            SystemUnits.carryingBroadcasts.contains(step.unit), carried(step.unit).blocksRestart
        else { return }
        journal = before
        heldBack = step.unit
        throw SystemError("\(step.unit) carries a broadcast by now")
    }

    private mutating func take(_ step: UnitStep, _ journal: inout Journal?) throws(SystemError) {
        try begin(step, &journal)
        do throws(SystemError) {
            if step.action == .reload { return try reload(step.unit) }
            try system.act(step.action, on: step.unit)
        } catch {
            guard isOptional(step.unit) else { throw error }
            // Nothing depends on it: health looks after it.
            say("\(error)")
        }
    }

    /// What streams can do without, and other packages' units that get their own files back.
    private func isOptional(_ unit: String) -> Bool {
        if let wanted = blueprint.desired.units.first(where: { $0.name == unit }) { return !wanted.isRequired }
        return !comparison.writes.contains { ($0.restarts + $0.reloads).contains(unit) }
    }

    private func checkHealth() throws(SystemError) {
        let touched = Set(comparison.units.filter { $0.action != .stop }.map(\.unit))
        for unit in blueprint.desired.units where touched.contains(unit.name) && unit.isRequired {
            try awaitHealthy(unit)
        }
    }

    // MARK: The generation

    private func commit(_ transaction: Int) throws(SystemError) -> Generation {
        var new = Generation(
            number: generation?.number ?? 0, transaction: transaction,
            appliedAt: generation?.appliedAt ?? system.now, toolVersion: blueprint.toolVersion,
            configDigest: blueprint.configDigest)
        let heldFiles = Set(comparison.differences.filter { $0.outcome == .wait }.map(\.subject))
        for file in blueprint.desired.files {
            new.files[file.path] =
                heldFiles.contains(file.path) ? generation?.files[file.path] : try record(file)
        }
        for (path, file) in generation?.files ?? [:] where heldFiles.contains(path) { new.files[path] = file }
        let gone = Set(comparison.absent.map(\.name))
        for link in blueprint.desired.links where !gone.contains(link.enables ?? "") {
            // Those of units that aren't installed were left out.
            if try system.entry(at: link.path)?.target == link.target { new.links[link.path] = link.target }
        }
        for (path, target) in generation?.links ?? [:] where heldFiles.contains(path) { new.links[path] = target }
        if system.isLive {
            try recordServices(into: &new, held: comparison.held)
        } else {
            new.units = generation?.units ?? [:]
            new.appliers = generation?.appliers ?? [:]
            new.agentPort = generation?.agentPort
        }
        // The program that waits isn't there yet.
        let program = heldFiles.contains(SRSPlan.path) ? generation?.srsPackage : srsPackage
        new.srsPackage = new.files[SRSPlan.path] == nil ? nil : program
        if !isSame(new) {
            new.number += 1
            new.appliedAt = system.now
        }
        try StateFolder.write(new, to: StateFolder.generation, on: system)
        return new
    }

    private func record(_ file: DesiredFile) throws(SystemError) -> Generation.File? {
        let old = generation?.files[file.path]
        var original = old?.original
        if needsOriginal(file) {
            let copy = self.original(of: file.path)
            original = try system.entry(at: copy).map {
                Generation.Original(copy: copy, mode: $0.mode, owner: $0.owner)
            }
        }
        // What was edited and is only reported keeps the stamp of what was written.
        let isReported = comparison.differences.contains { $0.subject == file.path && $0.outcome == .report }
        return Generation.File(
            name: file.name, sha256: file.sha256, mode: file.mode, owner: file.owner,
            restarts: file.restarts, reloads: file.reloads, needsDaemonReload: file.needsDaemonReload,
            stamp: isReported ? old?.stamp ?? "" : stamps[file.path] ?? comparison.stamps[file.path] ?? "",
            original: original)
    }

    private func recordServices(into new: inout Generation, held: Set<String>) throws(SystemError) {
        for unit in blueprint.desired.units {
            if held.contains(unit.name) {
                new.units[unit.name] = generation?.units[unit.name]
                // What a reload took over meanwhile needn't be reloaded again.
                if comparison.units.contains(where: { $0.unit == unit.name && $0.action == .reload }) {
                    new.units[unit.name]?.reloadDigest = unit.reloadDigest
                }
                continue
            }
            guard comparison.states[unit.name]?.isLoaded ?? false || unit.package.isEmpty else { continue }
            new.units[unit.name] = Generation.Unit(
                restartDigest: unit.restartDigest, reloadDigest: unit.reloadDigest, isOurs: unit.package.isEmpty,
                carriesBroadcasts: unit.carriesBroadcasts)
        }
        for (name, unit) in generation?.units ?? [:] where held.contains(name) && new.units[name] == nil {
            new.units[name] = unit
        }
        new.agentPort = held.contains(SystemUnits.agent) ? generation?.agentPort : blueprint.agentPort
        for applier in blueprint.desired.appliers { new.appliers[applier.path] = applier.digest }
    }

    /// Whether nothing but stamps differs: then it is the generation that was in force.
    private func isSame(_ new: Generation) -> Bool {
        guard var old = generation else { return false }
        old.transaction = new.transaction
        for path in old.files.keys { old.files[path]?.stamp = new.files[path]?.stamp ?? "" }
        return old == new
    }
}
