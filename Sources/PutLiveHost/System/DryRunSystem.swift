/// A host that is only looked at: what would be changed is noted, and reads back as if it had been. Nothing of the host
/// below changes, and no time passes. A link that was only noted isn't followed on the way to another path.
final class DryRunSystem: System {
    /// What is at a path now, where that isn't what the host has.
    private struct Change {
        /// Nil for what was removed.
        var entry: FileEntry?
        /// Nil where it is the host's.
        var content: [UInt8]?
    }

    private let host: any System
    private var changes: [String: Change] = [:]
    /// What was done to units last.
    private var acted: [String: UnitAction] = [:]
    private var hasReloadedUnits = false
    private var slept = 0.0

    /// What would be done, in order, for a person: `write /etc/x`, `restart nginx.service`.
    private(set) var actions: [String] = []

    init(over host: any System) {
        self.host = host
    }

    var isLive: Bool { host.isLive }
    var isWritable: Bool { false }

    // MARK: Files, read

    func entry(at path: String) throws(SystemError) -> FileEntry? {
        if let change = changes[path] { return change.entry }
        return try host.entry(at: path)
    }

    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        guard let change = changes[path] else { return try host.read(path, limit: limit) }
        guard change.entry?.kind == .file else { throw SystemError("\(path) isn't a regular file") }
        guard let content = change.content else { return try host.read(path, limit: limit) }
        guard content.count <= limit else { throw SystemError("\(path) is larger than \(limit) bytes") }
        return content
    }

    func head(of path: String, count: Int) throws(SystemError) -> [UInt8] {
        if let content = changes[path]?.content { return Array(content.prefix(count)) }
        return try host.head(of: path, count: count)
    }

    func space(at path: String) -> Space? { host.space(at: path) }

    func names(in folder: String) throws(SystemError) -> [String] {
        let kind = try entry(at: folder)?.kind
        guard kind == .folder else { return [] }
        var names = Set(try host.names(in: folder))
        for (path, change) in changes where Self.folder(of: path) == folder && path != folder {
            let name = String(path.dropFirst(folder == "/" ? 1 : folder.count + 1))
            if change.entry == nil { names.remove(name) } else { names.insert(name) }
        }
        return names.sorted()
    }

    // MARK: Files, changed

    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        try replace(path)
        actions.append("write \(path)")
        let entry = FileEntry(kind: .file, mode: mode, owner: owner, size: content.count)
        changes[path] = Change(entry: entry, content: content)
    }

    func link(_ path: String, to target: String) throws(SystemError) {
        try replace(path)
        actions.append("link \(path) to \(target)")
        changes[path] = Change(entry: FileEntry(kind: .link, mode: 0o777, size: target.utf8.count, target: target))
    }

    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        if let there = try entry(at: path), there.kind != .folder {
            throw SystemError("\(path) can't be made: something else is there; move it away")
        }
        try makeFolders(above: path)
        actions.append("make folder \(path)")
        changes[path] = Change(entry: FileEntry(kind: .folder, mode: mode, owner: owner))
    }

    func setMode(_ mode: UInt16, of path: String) throws(SystemError) {
        guard var entry = try entry(at: path), entry.kind != .link else {
            throw SystemError("the mode of \(path) can't be set: there is no file or folder")
        }
        actions.append("set mode 0\(String(mode, radix: 8)) of \(path)")
        entry.mode = mode
        changes[path] = Change(entry: entry, content: changes[path]?.content)
    }

    func setOwner(_ owner: Owner, of path: String) throws(SystemError) {
        guard var entry = try entry(at: path) else {
            throw SystemError("the owner of \(path) can't be set: nothing is there")
        }
        actions.append("set owner \(owner) of \(path)")
        entry.owner = owner
        changes[path] = Change(entry: entry, content: changes[path]?.content)
    }

    func remove(_ path: String) throws(SystemError) {
        guard let there = try entry(at: path) else { return }
        guard there.kind != .folder else { throw SystemError("\(path) can't be removed: it is a folder") }
        actions.append("remove \(path)")
        changes[path] = Change()
    }

    func removeEmptyFolder(_ path: String) throws(SystemError) {
        guard try entry(at: path)?.kind == .folder, try names(in: path).isEmpty else { return }
        actions.append("remove folder \(path)")
        changes[path] = Change()
    }

    /// Makes way for a file or link.
    private func replace(_ path: String) throws(SystemError) {
        guard try entry(at: path)?.kind != .folder else {
            throw SystemError("\(path) can't be replaced: it is a folder")
        }
        try makeFolders(above: path)
    }

    private func makeFolders(above path: String) throws(SystemError) {
        let folder = Self.folder(of: path)
        guard folder != path else { return }
        switch try entry(at: folder)?.kind {
        // A link to a folder is as good as one.
        case .folder, .link: return
        case nil: break
        default: throw SystemError("\(path) can't be made: something on the way isn't a folder; move it away")
        }
        try makeFolders(above: folder)
        changes[folder] = Change(entry: FileEntry(kind: .folder, mode: 0o755))
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    // MARK: Programs and services

    func hasProgram(_ name: String) -> Bool { host.hasProgram(name) }

    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        actions.append("run " + ([program] + arguments).joined(separator: " "))
        return ProgramResult(status: 0)
    }

    func units(_ names: [String]) throws(SystemError) -> [String: UnitState] {
        var states = try host.units(names)
        for name in names {
            var state = states[name] ?? UnitState(isLoaded: false, active: "inactive", sub: "dead")
            if changes["/etc/systemd/system/\(name)"]?.entry?.kind == .file { state.isLoaded = true }
            if hasReloadedUnits { state.needsDaemonReload = false }
            switch acted[name] {
            case .start, .restart, .reload: state = Self.running(state)
            case .stop, .resetFailed: (state.active, state.sub, state.result) = ("inactive", "dead", "success")
            case nil: break
            }
            states[name] = state
        }
        return states
    }

    private static func running(_ state: UnitState) -> UnitState {
        UnitState(isLoaded: true, needsDaemonReload: state.needsDaemonReload, restarts: state.restarts)
    }

    func act(_ action: UnitAction, on unit: String) throws(SystemError) {
        actions.append("\(action.rawValue) \(unit)")
        // Forgetting a failure changes nothing of a unit that runs.
        if action == .resetFailed, try units([unit])[unit]?.active != "failed" { return }
        acted[unit] = action
    }

    func reloadUnits() throws(SystemError) {
        actions.append("daemon-reload")
        hasReloadedUnits = true
    }

    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? {
        host.get(port: port, path: path, limit: limit)
    }

    // MARK: Time

    var now: Double { host.now + slept }

    /// Waiting for something that doesn't happen would be in vain, but the clock goes on, so that who waits comes to an end.
    func sleep(_ duration: Duration) { slept += duration / .seconds(1) }
}
