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
    var units: [Unit]
}

extension Journal {
    /// Copies what is at `paths` and writes the journal: from here on the transaction counts as begun.
    static func begin(
        _ transaction: Int, paths: [String], units: [Unit], on system: any System
    ) throws(SystemError) -> Journal {
        try clear(on: system)
        try system.makeFolder(StateFolder.transaction, mode: 0o700, owner: .root)
        var entries: [Entry] = []
        for path in paths {
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
        let journal = Journal(transaction: transaction, entries: entries, units: units)
        try StateFolder.write(journal, to: StateFolder.journal, on: system)
        return journal
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

    /// Puts everything back as it was: what was started is stopped, the files return, the rest reads them again. It goes
    /// on after a failure and tells of all.
    func restore(on system: any System) -> [SystemError] {
        var failures: [SystemError] = []
        func attempt(_ body: () throws(SystemError) -> Void) {
            do { try body() } catch { failures.append(error) }
        }
        if system.isLive {
            for unit in units.reversed() where !unit.wasActive {
                attempt { () throws(SystemError) in
                    if try system.units([unit.name])[unit.name]?.isActive ?? false {
                        try system.act(.stop, on: unit.name)
                    }
                }
            }
        }
        for entry in entries.reversed() {
            attempt { () throws(SystemError) in try Self.restore(entry, on: system) }
        }
        if system.isLive {
            attempt { () throws(SystemError) in try system.reloadUnits() }
            for unit in units where unit.wasActive {
                attempt { () throws(SystemError) in
                    let state = try system.units([unit.name])[unit.name]
                    if state?.active == "failed" { try system.act(.resetFailed, on: unit.name) }
                    try system.act(unit.isReloaded && state?.isActive ?? false ? .reload : .restart, on: unit.name)
                }
            }
        }
        return failures
    }

    private static func restore(_ entry: Entry, on system: any System) throws(SystemError) {
        // Half of a file that was being written would be read by who reads a whole folder.
        try system.remove(entry.path + Place.temporarySuffix)
        guard let before = entry.before else { return try system.remove(entry.path) }
        if let target = before.target { return try system.link(entry.path, to: target) }
        guard let copy = before.copy else { return }
        let content = try system.read(copy, limit: 256 << 20)
        try system.write(content, to: entry.path, mode: before.mode, owner: before.owner)
    }
}
