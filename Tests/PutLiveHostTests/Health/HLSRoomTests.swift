import Testing

@testable import PutLiveHost

/// Room in the memory file system of HLS.
@Suite struct HLSRoomTests {
    private func report(used: Int64) -> (StatusReport, [String]) {
        let system = ScriptedSpace(Space(total: 1000, free: 1000 - used))
        var report = StatusReport(toolVersion: "3.1.0", result: .inOrder, startedAt: 0, endedAt: 0)
        HLSRoom(mount: "/run/putlive-hls").make(on: system, &report)
        return (report, system.removed.sorted())
    }

    @Test func whatNoPlaylistNamesGoes() {
        let (report, removed) = report(used: 910)
        #expect(
            removed == ["/run/putlive-hls/core", "/run/putlive-hls/live/gone-by_src-1700000000000-1.ts"])
        #expect(report.differences.map(\.subject) == ["/run/putlive-hls"])
        #expect(report.differences.first?.detail == "is 91 % full; files that belong to no stream go: 2")
    }

    @Test func withRoomLeftNothingGoes() {
        let (report, removed) = report(used: 900)
        #expect(report.differences.isEmpty && removed.isEmpty)
    }
}

/// A file system with segments of a stream that is live, and of one that is gone.
final class ScriptedSpace: System {
    let isLive = true
    let isWritable = true
    let room: Space
    var removed: [String] = []

    init(_ room: Space) { self.room = room }

    func space(at path: String) -> Space? { room }

    func entry(at path: String) throws(SystemError) -> FileEntry? {
        FileEntry(kind: path.hasSuffix("/live") ? .folder : .file, mode: 0o644)
    }

    func names(in folder: String) throws(SystemError) -> [String] {
        folder.hasSuffix("/live")
            ? [
                "gone-by_src-1700000000000-1.ts", "my-show.m3u8", "my-show_src-1700000000000-7.ts", "my-show_src.m3u8",
                "odd.ts",
            ] : ["core", "live"]
    }

    func remove(_ path: String) throws(SystemError) { removed.append(path) }

    // What isn't asked for here.
    var now: Double { 0 }
    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] { [] }
    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError) {}
    func link(_ path: String, to target: String) throws(SystemError) {}
    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError) {}
    func setMode(_ mode: UInt16, of path: String) throws(SystemError) {}
    func setOwner(_ owner: Owner, of path: String) throws(SystemError) {}
    func removeEmptyFolder(_ path: String) throws(SystemError) {}
    func hasProgram(_ name: String) -> Bool { false }
    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        ProgramResult(status: 0)
    }
    func units(_ names: [String]) throws(SystemError) -> [String: UnitState] { [:] }
    func act(_ action: UnitAction, on unit: String) throws(SystemError) {}
    func reloadUnits() throws(SystemError) {}
    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? { nil }
    func sleep(_ duration: Duration) {}
}
