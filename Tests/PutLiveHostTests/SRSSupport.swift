import Foundation
import PutLiveArtifacts
import PutLiveConfig

@testable import PutLiveHost

/// The real system with its real programs, as an ordinary user may have it: what belongs to root belongs to whoever runs
/// the tests.
final class ToolSystem: System {
    let real = RealSystem()
    var isLive = true
    var isWritable = true
    /// Programs that aren't installed.
    var missing: Set<String> = []
    /// How the unpacked program of SRS ends; nil to run it.
    var version: ProgramResult?
    /// The programs that were run.
    private(set) var ran: [String] = []

    private let owner = Owner(String(geteuid()), String(getegid()))

    func entry(at path: String) throws(SystemError) -> FileEntry? { try real.entry(at: path) }
    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] { try real.read(path, limit: limit) }
    func names(in folder: String) throws(SystemError) -> [String] { try real.names(in: folder) }
    func write(_ content: [UInt8], to path: String, mode: UInt16, owner _: Owner) throws(SystemError) {
        try real.write(content, to: path, mode: mode, owner: owner)
    }
    func link(_ path: String, to target: String) throws(SystemError) { try real.link(path, to: target) }
    func makeFolder(_ path: String, mode: UInt16, owner _: Owner) throws(SystemError) {
        try real.makeFolder(path, mode: mode, owner: owner)
    }
    func setMode(_ mode: UInt16, of path: String) throws(SystemError) { try real.setMode(mode, of: path) }
    func setOwner(_: Owner, of path: String) throws(SystemError) { try real.setOwner(owner, of: path) }
    func remove(_ path: String) throws(SystemError) { try real.remove(path) }
    func removeEmptyFolder(_ path: String) throws(SystemError) { try real.removeEmptyFolder(path) }
    func hasProgram(_ name: String) -> Bool { !missing.contains(name) && real.hasProgram(name) }
    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        ran.append(program)
        if let version, program.hasSuffix("/srs") { return version }
        return try real.run(program, arguments, limit: limit)
    }
    func units(_: [String]) throws(SystemError) -> [String: UnitState] { [:] }
    func act(_: UnitAction, on _: String) throws(SystemError) {}
    func reloadUnits() throws(SystemError) {}
    func get(port _: Int, path _: String, limit _: Duration) -> HTTPAnswer? { nil }
    var now: Double { 0 }
    func sleep(_: Duration) {}
}

/// Packages of SRS in a folder of the test's own, made by the tools that people make them with.
final class SRSPackages {
    let system = ToolSystem()
    let folder: String
    /// A program of this machine that takes `-v`.
    let program: [UInt8]

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "putlive-srs-\(UUID().uuidString)").path
        program = try system.read("/usr/bin/true", limit: 1 << 20)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A package made by `tool`, a line of shell run in a folder with the program as `a/usr/local/srs/objs/srs` and
    /// files with names like its.
    func package(_ name: String, _ tool: String, program: [UInt8]? = nil) throws -> SRSDownload {
        let tree = "\(folder)/tree"
        try? FileManager.default.removeItem(atPath: tree)
        let objs = "\(tree)/a/usr/local/srs/objs"
        try FileManager.default.createDirectory(atPath: "\(objs)/srs_tools", withIntermediateDirectories: true)
        for decoy in ["\(objs)/srs.conf", "\(objs)/srs_tools/srs", "\(tree)/a/srs"] {
            try Data("decoy".utf8).write(to: URL(filePath: decoy))
        }
        try Data(program ?? self.program).write(to: URL(filePath: "\(objs)/srs"))
        let path = "\(folder)/\(name)"
        let made = try system.real.run("sh", ["-c", "cd '\(tree)' && \(tool) >'\(path)'"], limit: .seconds(30))
        if !made.succeeded { throw SystemError("\(tool): \(made.output)") }
        return try download(of: name)
    }

    func download(of name: String) throws -> SRSDownload {
        let bytes = try system.read("\(folder)/\(name)", limit: 64 << 20)
        return SRSDownload(url: "file://\(folder)/\(name)", sha256: sha256(of: bytes), folder: kept)
    }

    var kept: String { "\(folder)/state/srs" }

    /// The error that fetching ends with.
    func refusal(of download: SRSDownload) -> String {
        do {
            _ = try download.program(on: system)
            return ""
        } catch {
            return error.description
        }
    }
}
