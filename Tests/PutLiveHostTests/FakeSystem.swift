import Testing

@testable import PutLiveHost

/// A host in memory: files, units that remember what they were started with, programs. It can fail or die at any
/// operation.
final class FakeSystem: System {
    struct Node: Equatable {
        var kind: FileEntry.Kind
        var content: [UInt8] = []
        var mode: UInt16 = 0o644
        var owner: Owner = .root
        var target: String?
        /// Told as the stamp: changes with each write.
        var version = 0
    }

    /// A unit, and what its process has read.
    struct Unit: Equatable {
        var state = "inactive"
        /// The files that it reads when it starts, with what was in them then.
        var read: [String: [UInt8]] = [:]
        var starts = 0
        var reloads = 0
        var isForeign = false
        var isQueued = false
        var needsDaemonReload = false
    }

    /// What goes wrong.
    enum Fault: Equatable {
        case none
        /// The operations of these numbers fail.
        case fails(Set<Int>)
        /// The operations of these numbers are done, and fail all the same, as when only the sync of a folder fails.
        case failsAfter(Set<Int>)
        /// From this operation on nothing works any more: the power is off.
        case dies(Int)
    }

    var nodes: [String: Node] = ["/": Node(kind: .folder, mode: 0o755)]
    var running: [String: Unit] = [:]
    /// The files that a unit reads: those of the paths given.
    var reads: [String: [String]] = [:]
    /// Units whose next start or reload fails as long as the check says so.
    var refuses: (_ unit: String, _ read: [String: [UInt8]]) -> Bool = { _, _ in false }
    /// Told before a unit is acted on, with whether it was active.
    var whenActing: (_ action: UnitAction, _ unit: String, _ wasActive: Bool) -> Void = { _, _, _ in }
    var programs: [String: (FakeSystem, [String]) -> ProgramResult] = [:]
    var answers: [String: HTTPAnswer] = [:]
    var fault = Fault.none
    /// How many changing operations there were.
    private(set) var operations = 0
    private(set) var log: [String] = []
    var isLive = true
    var isWritable: Bool { true }
    var now = 1_800_000_000.0
    private var clock = 0
    private var boots = 0

    // MARK: Faults

    /// Thrown once the operation is done.
    private var late: SystemError?

    private func change(_ what: String) throws(SystemError) {
        operations += 1
        late = nil
        if case .failsAfter(let numbers) = fault, numbers.contains(operations) {
            late = SystemError("no space left (\(what), done)")
        }
        switch fault {
        case .dies(let number) where operations >= number: throw SystemError("the power is off (\(what))")
        case .fails(let numbers) where numbers.contains(operations): throw SystemError("no space left (\(what))")
        default: log.append(what)
        }
    }

    private var isDead: Bool {
        if case .dies(let number) = fault { return operations >= number }
        return false
    }

    /// The power comes back: a new process, the units as systemd starts them at boot.
    func restore() {
        fault = .none
        operations = 0
        log = []
    }

    func clearLog() {
        log = []
        operations = 0
    }

    // MARK: Files

    func entry(at path: String) throws(SystemError) -> FileEntry? {
        guard let node = nodes[path] else { return nil }
        return FileEntry(
            kind: node.kind, mode: node.mode, owner: node.owner, size: node.content.count, target: node.target,
            stamp: "\(node.version)")
    }

    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        guard let node = nodes[path], node.kind == .file else { throw SystemError("\(path) can't be read") }
        guard node.content.count <= limit else { throw SystemError("\(path) is too large") }
        return node.content
    }

    func names(in folder: String) throws(SystemError) -> [String] {
        let prefix = folder + "/"
        return nodes.keys.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/") }
            .map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        try change("write \(path)")
        if nodes[path]?.kind == .folder { throw SystemError("\(path) is a folder") }
        guard knows(owner) else { throw SystemError("\(path): there is no \(owner)") }
        makeParents(of: path)
        put(path, Node(kind: .file, content: content, mode: mode, owner: owner))
        try end()
    }

    private func end() throws(SystemError) {
        defer { late = nil }
        if let late { throw late }
    }

    func link(_ path: String, to target: String) throws(SystemError) {
        try change("link \(path)")
        makeParents(of: path)
        put(path, Node(kind: .link, mode: 0o777, target: target))
        try end()
    }

    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        if let node = nodes[path], node.kind == .folder, node.mode == mode, node.owner == owner { return }
        try change("folder \(path)")
        makeParents(of: path)
        put(path, Node(kind: .folder, mode: mode, owner: owner))
    }

    func setMode(_ mode: UInt16, of path: String) throws(SystemError) {
        try change("mode \(path)")
        nodes[path]?.mode = mode
        touch(path)
    }

    func setOwner(_ owner: Owner, of path: String) throws(SystemError) {
        try change("owner \(path)")
        nodes[path]?.owner = owner
        touch(path)
    }

    func remove(_ path: String) throws(SystemError) {
        guard nodes[path] != nil else { return }
        try change("remove \(path)")
        nodes[path] = nil
        try end()
    }

    func removeEmptyFolder(_ path: String) throws(SystemError) {
        guard nodes[path]?.kind == .folder, try names(in: path).isEmpty else { return }
        try change("remove \(path)")
        nodes[path] = nil
        try end()
    }

    private func put(_ path: String, _ node: Node) {
        nodes[path] = node
        touch(path)
    }

    private func touch(_ path: String) {
        clock += 1
        nodes[path]?.version = clock
    }

    private func makeParents(of path: String) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            if nodes[folder] == nil { nodes[folder] = Node(kind: .folder, mode: 0o755) }
        }
    }

    private func knows(_ owner: Owner) -> Bool {
        func names(_ path: String) -> Set<Substring> {
            Set((text(of: path) ?? "").split(separator: "\n").compactMap { $0.split(separator: ":").first })
        }
        return (owner.user == "root" || names("/etc/passwd").contains(Substring(owner.user)))
            && (owner.group == "root" || names("/etc/group").contains(Substring(owner.group)))
    }

    // MARK: Programs and units

    func hasProgram(_ name: String) -> Bool { programs[name] != nil }

    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        try change("run \(program)")
        guard let body = programs[program] else { throw SystemError("\(program) is not installed") }
        return body(self, arguments)
    }

    func units(_ names: [String]) throws(SystemError) -> [String: UnitState] {
        if isDead { throw SystemError("the power is off") }
        var states: [String: UnitState] = [:]
        for name in names {
            let unit = running[name]
            let isLoaded =
                unit?.isForeign ?? false || nodes["/etc/systemd/system/\(name)"] != nil || unit?.state == "active"
            states[name] = UnitState(
                isLoaded: isLoaded, active: unit?.state ?? "inactive",
                needsDaemonReload: unit?.needsDaemonReload ?? false, isQueued: unit?.isQueued ?? false)
        }
        return states
    }

    func act(_ action: UnitAction, on unit: String) throws(SystemError) {
        try change("\(action.rawValue) \(unit)")
        whenActing(action, unit, running[unit]?.state == "active")
        var state = running[unit] ?? Unit()
        if action != .stop && action != .resetFailed {
            guard state.isForeign || nodes["/etc/systemd/system/\(unit)"] != nil else {
                throw SystemError("\(unit) is not loaded")
            }
            let read = current(of: unit)
            if refuses(unit, read) {
                if action != .reload { state.state = "failed" }
                running[unit] = state
                throw SystemError("\(unit) refuses its configuration")
            }
            if let holder = SystemUnits.holders[unit], running[holder]?.state == "active" {
                throw SystemError("Socket service \(holder) already active, refusing.")
            }
            if action == .reload && state.state != "active" { throw SystemError("\(unit) is not active") }
            if !(action == .start && state.state == "active") {
                state.read = read
                if action == .reload { state.reloads += 1 } else { state.starts += 1 }
            }
            state.state = "active"
        } else if action == .stop {
            state.state = "inactive"
            state.read = [:]
        } else if state.state == "failed" {
            state.state = "inactive"
        }
        running[unit] = state
        try end()
    }

    func reloadUnits() throws(SystemError) {
        try change("daemon-reload")
        for name in running.keys { running[name]?.needsDaemonReload = false }
        try end()
    }

    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? { answers["\(port)\(path)"] }

    func sleep(_ duration: Duration) { now += Double(duration.components.seconds) + 0.2 }

    /// What a unit would read now.
    func current(of unit: String) -> [String: [UInt8]] {
        var read: [String: [UInt8]] = [:]
        for path in reads[unit] ?? [] { read[path] = nodes[path]?.content ?? Array((nodes[path]?.target ?? "").utf8) }
        return read
    }

    /// The machine starts anew: enabled units start with what is on the disk.
    func reboot() {
        restore()
        for path in nodes.keys where path.hasPrefix("/run/") { nodes[path] = nil }
        boots += 1
        nodes["/proc/sys/kernel/random/boot_id"] = Node(kind: .file, content: Array("\(boots)".utf8))
        for name in running.keys {
            let isForeign = running[name]?.isForeign ?? false
            // Debian enables its own.
            let isEnabled = isForeign || nodes.keys.contains { $0.hasSuffix(".wants/\(name)") }
            let isThere = isForeign || nodes["/etc/systemd/system/\(name)"] != nil
            running[name]?.state = isEnabled && isThere ? "active" : "inactive"
            running[name]?.read = isEnabled && isThere ? current(of: name) : [:]
        }
    }
}

extension System {
    func space(at path: String) -> Space? { nil }

    /// For systems of tests, which have what they read at hand.
    func head(of path: String, count: Int) throws(SystemError) -> [UInt8] {
        Array(try read(path, limit: .max).prefix(count))
    }
}
