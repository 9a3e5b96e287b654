/// How files and units were before a transaction, written before anything is changed: what a run that was cut off left
/// behind is undone by it. The copies lie beside it, root's alone, until the transaction ends.
struct Journal: Sendable, Codable {
    /// A file or link that the transaction changes.
    struct Entry: Sendable, Codable {
        var path: String
        /// Nil where nothing was.
        var before: Before?
    }

    /// What was at a path.
    struct Before: Sendable, Codable {
        var kind: FileEntry.Kind
        var mode: UInt16
        var owner: Owner
        /// Where the copy of a file's content is.
        var copy: String?
        /// Of a link.
        var target: String?
    }

    /// A unit that the transaction acts on.
    struct Unit: Sendable, Codable {
        var name: String
        var wasActive: Bool
        /// Only reloaded, so that a reload takes the old files back.
        var isReloaded: Bool
    }

    /// Of this file's format.
    var version = 1
    /// The number that the generation bears once the transaction is complete.
    var transaction: Int
    var entries: [Entry]
    /// What it acts on in all.
    var planned: [Unit]
    /// What it has acted on, or is about to.
    var units: [Unit] = []
    /// Which start of the host it belongs to: the next one starts every unit with what is on the disk.
    var boot: String
}

extension Journal {
    /// Copies what is at `paths` and the record of the generation, and writes the journal: from here on the transaction
    /// counts as begun.
    static func begin(
        _ transaction: Int, paths: [String], steps: [UnitStep], on system: any System
    ) throws(SystemError) -> Journal {
        try clear(on: system)
        try system.makeFolder(StateFolder.transaction, mode: 0o700, owner: .root)
        var entries: [Entry] = []
        for path in paths + [StateFolder.generation] {
            guard let entry = try system.entry(at: path) else {
                entries.append(Entry(path: path))
                continue
            }
            var before = Before(kind: entry.kind, mode: entry.mode, owner: entry.owner, target: entry.target)
            switch entry.kind {
            case .file:
                let copy = "\(StateFolder.transaction)/\(entries.count)"
                let content = try system.read(path, limit: entry.size + (1 << 20))
                try system.write(content, to: copy, mode: 0o600, owner: .root)
                before.copy = copy
            case .link: break
            case .folder, .other:
                throw SystemError("\(path) is a \(entry.kind == .folder ? "folder" : "special file"): move it away")
            }
            entries.append(Entry(path: path, before: before))
        }
        var journal = Journal(transaction: transaction, entries: entries, planned: [], boot: boot(of: system))
        for step in steps { journal.add(step, to: \.planned) }
        try StateFolder.write(journal, to: StateFolder.journal, on: system)
        return journal
    }

    /// Notes a unit before it is acted on, for nothing else needs to be undone.
    mutating func willAct(on step: UnitStep, on system: any System) throws(SystemError) {
        add(step, to: \.units)
        try StateFolder.write(self, to: StateFolder.journal, on: system)
    }

    private mutating func add(_ step: UnitStep, to list: WritableKeyPath<Self, [Unit]>) {
        let isReload = step.action == .reload
        if let index = self[keyPath: list].firstIndex(where: { $0.name == step.unit }) {
            if !isReload { self[keyPath: list][index].isReloaded = false }
        } else {
            self[keyPath: list].append(Unit(name: step.unit, wasActive: step.wasActive, isReloaded: isReload))
        }
    }

    /// Whether everything is back but units that wait for the end of a broadcast.
    var isWaiting: Bool { planned.isEmpty && !units.isEmpty }

    private static func boot(of system: any System) -> String {
        system.text(of: "/proc/sys/kernel/random/boot_id") ?? ""
    }

    /// What a run that was cut off left, if any.
    static func interrupted(on system: any System) throws(SystemError) -> Journal? {
        try StateFolder.read(Journal.self, at: StateFolder.journal, from: system)
    }

    /// Ends the transaction: the journal first, so that copies without one mean nothing.
    static func clear(on system: any System) throws(SystemError) {
        try system.remove(StateFolder.journal)
        for name in try system.names(in: StateFolder.transaction) {
            try system.remove("\(StateFolder.transaction)/\(name)")
        }
        try system.removeEmptyFolder(StateFolder.transaction)
    }

    /// What came of putting back.
    struct Restored {
        /// What couldn't be done.
        var failures: [SystemError] = []
        /// Units that go on with what the transaction gave them until a broadcast has ended, with the reason.
        var waiting: [(unit: String, reason: String)] = []

        /// Whether nothing is left to do.
        var isComplete: Bool { failures.isEmpty && waiting.isEmpty }
    }

    /// Puts everything back as it was: what was started is stopped, the files return, the rest reads them again. Files
    /// return at once; what would end a broadcast waits for its end. It goes on after a failure and tells of all; what is
    /// left to do stays in the journal for the next run.
    ///
    /// - Parameter carried: What a stop or restart of a unit would end.
    func restore(on system: any System, carried: (_ unit: String) -> Broadcasts.Carried) -> Restored {
        var failures: [SystemError] = []
        func attempt(_ body: () throws(SystemError) -> Void) -> Bool {
            do {
                try body()
                return true
            } catch {
                failures.append(error)
                return false
            }
        }
        // Which generation is recorded tells the next run whether there is anything to put back: so it is first, and
        // without it the host stays wholly with the one that is.
        for entry in entries where entry.path == StateFolder.generation {
            guard attempt({ () throws(SystemError) in try Self.restore(entry, on: system) }) else {
                return Restored(failures: failures)
            }
        }
        let units = boot == Self.boot(of: system) ? self.units : planned
        let started = units.filter { !$0.wasActive }
        let restarted = Self.restarted(units)
        let waiting = system.isLive ? Self.waiting(started + restarted, carried, on: system) : []
        let isWaiting = { (unit: Unit) in waiting.contains { $0.unit == unit.name } }
        var left = Set(waiting.map(\.unit))
        if system.isLive {
            for unit in started.reversed() where !isWaiting(unit) {
                let isStopped = attempt { () throws(SystemError) in try Self.stop(unit.name, on: system) }
                if !isStopped { left.insert(unit.name) }
            }
        }
        for entry in entries.reversed() {
            _ = attempt { () throws(SystemError) in try Self.restore(entry, on: system) }
        }
        let filesAreBack = failures.isEmpty
        if system.isLive && !units.isEmpty {
            _ = attempt { () throws(SystemError) in try system.reloadUnits() }
            for unit in restarted where !isWaiting(unit) {
                let isDone = attempt { () throws(SystemError) in
                    // With half of the files a restart would be for nothing; what is down comes back even so.
                    if filesAreBack {
                        try Self.restart(unit, on: system)
                    } else if try system.units([unit.name])[unit.name]?.isActive != true {
                        try system.act(.start, on: unit.name)
                    }
                }
                if !isDone || !filesAreBack { left.insert(unit.name) }
            }
        }
        let result = Restored(failures: failures, waiting: waiting)
        if !result.isComplete {
            var rest = self
            rest.units = (started + restarted).filter { left.contains($0.name) }
            // The next start of the host starts every unit with the files that are there by then.
            rest.planned = failures.isEmpty ? [] : rest.units
            rest.boot = Self.boot(of: system)
            try? StateFolder.write(rest, to: StateFolder.journal, on: system)
        }
        return result
    }

    /// Of units to be stopped or restarted those that wait: what carries a broadcast, and with it what the transaction
    /// changed together with it, for the two agree as they are. What doesn't tell what it carries is restarted: since the
    /// transaction it may not work at all.
    private static func waiting(
        _ units: [Unit], _ carried: (_ unit: String) -> Broadcasts.Carried, on system: any System
    ) -> [(unit: String, reason: String)] {
        let states = (try? system.units(units.map(\.name))) ?? [:]
        // What systemd doesn't tell may well run.
        let active = units.filter { states[$0.name]?.isActive ?? true }
        for unit in active where SystemUnits.carryingBroadcasts.contains(unit.name) {
            let isReloadedAlone = unit.wasActive && unit.isReloaded
            guard !isReloadedAlone, case .live = carried(unit.name) else { continue }
            return active.map(\.name).filter(SystemUnits.companions.contains).map {
                ($0, "a change that failed is put back")
            }
        }
        return []
    }

    /// Those that ran before, each socket before its holder.
    private static func restarted(_ units: [Unit]) -> [Unit] {
        var result = units.filter(\.wasActive)
        for (socket, holder) in SystemUnits.holders where result.contains(where: { $0.name == socket }) {
            let before = result.first { $0.name == holder }
            result.removeAll { $0.name == holder }
            result.append(before ?? Unit(name: holder, wasActive: true, isReloaded: false))
        }
        return result
    }

    private static func stop(_ unit: String, on system: any System) throws(SystemError) {
        if try system.units([unit])[unit]?.isActive ?? false { try system.act(.stop, on: unit) }
    }

    private static func restart(_ unit: Unit, on system: any System) throws(SystemError) {
        // A socket is opened anew only once its holder has let go of it.
        if let holder = SystemUnits.holders[unit.name] { try stop(holder, on: system) }
        let isActive = try system.units([unit.name])[unit.name]?.isActive ?? false
        if unit.isReloaded && isActive { return try system.act(.reload, on: unit.name) }
        // Forgets failures and counted starts, which would forbid another.
        try? system.act(.resetFailed, on: unit.name)
        try system.act(.restart, on: unit.name)
    }

    private static func restore(_ entry: Entry, on system: any System) throws(SystemError) {
        // Half of a file that was being written would be read by who reads a whole folder.
        try system.remove(entry.path + Place.temporarySuffix)
        let now = try system.entry(at: entry.path)
        guard let before = entry.before else {
            if now != nil { try system.remove(entry.path) }
            return
        }
        if let target = before.target {
            if now?.target != target { try system.link(entry.path, to: target) }
            return
        }
        guard let copy = before.copy else { return }
        let content = try system.read(copy, limit: 256 << 20)
        if let now, now.kind == .file, now.mode == before.mode, now.owner == before.owner, now.size == content.count,
            try system.read(entry.path, limit: content.count) == content
        {
            return
        }
        try system.write(content, to: entry.path, mode: before.mode, owner: before.owner)
    }
}
