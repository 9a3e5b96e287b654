@testable import PutLiveHost

/// A host whose servers and units answer by a script, turn by turn, with a clock that only sleeping moves.
final class ScriptedSystem: System {
    var isLive = true
    var isWritable = true
    var now = 1_800_000_000.0
    /// What units are, by how often was asked; nil: systemd doesn't answer.
    var state: (_ turn: Int) -> [String: UnitState]? = { _ in [:] }
    /// What HTTP servers answer, by port and path and how often that was asked.
    var answer: (_ request: String, _ turn: Int) -> HTTPAnswer? = { _, _ in nil }
    /// Whether sleeping moves the clock.
    var clockRuns = true
    /// Its files, for reading.
    var files: FakeSystem?
    var whenSleeping: () -> Void = {}
    private(set) var slept: [Duration] = []
    private(set) var requests: [String] = []
    private(set) var reads: [String] = []
    private(set) var unitTurns = 0

    func units(_ names: [String]) throws(SystemError) -> [String: UnitState] {
        unitTurns += 1
        guard let states = state(unitTurns) else { throw SystemError("systemd doesn't answer") }
        return states.filter { names.contains($0.key) }
    }

    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? {
        let request = "\(port)\(path)"
        requests.append(request)
        return answer(request, requests.count { $0 == request })
    }

    func sleep(_ duration: Duration) {
        slept.append(duration)
        if clockRuns { now += duration / .seconds(1) }
        whenSleeping()
    }

    func entry(at path: String) throws(SystemError) -> FileEntry? { try files?.entry(at: path) }

    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        guard let files else { throw SystemError("no files") }
        reads.append(path)
        return try files.read(path, limit: limit)
    }

    // Nothing else of a host is needed here.
    func names(in folder: String) throws(SystemError) -> [String] { [] }
    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError) {}
    func link(_ path: String, to target: String) throws(SystemError) {}
    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError) {}
    func setMode(_ mode: UInt16, of path: String) throws(SystemError) {}
    func setOwner(_ owner: Owner, of path: String) throws(SystemError) {}
    func remove(_ path: String) throws(SystemError) {}
    func removeEmptyFolder(_ path: String) throws(SystemError) {}
    func hasProgram(_ name: String) -> Bool { false }
    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        throw SystemError("no programs")
    }
    func act(_ action: UnitAction, on unit: String) throws(SystemError) {}
    func reloadUnits() throws(SystemError) {}
}
