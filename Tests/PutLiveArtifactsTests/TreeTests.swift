import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// Writing a tree, replacing it, and finding what differs.
@Suite struct TreeTests {
    private let temporary: TemporaryFolder
    private let set: ArtifactSet
    private var folder: String { temporary.path + "/out" }

    init() throws {
        temporary = try TemporaryFolder()
        set = try ArtifactSet(config: try goldenConfig("single"), share: share)
    }

    private func mode(_ path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder + path)
        return (attributes?[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test func writesContentAndModes() throws {
        let result = try TreeWriter(folder: folder + "/").write(set, isPart: false)
        #expect(result.written == set.artifacts.map(\.path))
        #expect(mode("/usr/local/srs/conf/putlive.conf") == 0o640)
        #expect(mode("/usr/local/libexec/putlive/swapfile") == 0o755)
        #expect(mode("/etc/nginx/nginx.conf") == 0o644)
        #expect(try DriftCheck(root: folder).run(set) == [])
        #expect(try DriftCheck(root: folder + "/").run(set) == [])
        #expect(try TreeDiff(root: folder).run(set).isEmpty)
    }

    @Test func theManifestTellsEveryFile() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        let manifest = try #require(try Manifest.read(in: folder))
        #expect(manifest.artifacts.map(\.path) == set.artifacts.map(\.path))
        let srs = try #require(manifest.artifacts.first { $0.name == "srs.conf" })
        #expect(srs.mode == "0640" && srs.owner == "root" && srs.group == "srs" && srs.sha256.count == 64)
    }

    @Test func sha256IsTheContents() {
        var item = set.artifacts[0]
        item.text = "abc"
        #expect(item.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func anotherRenderReplacesTheEarlierOne() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        try "mine".write(toFile: folder + "/notes.txt", atomically: true, encoding: .utf8)
        let edge = try ArtifactSet(config: try goldenConfig("edge"), share: share)
        let result = try TreeWriter(folder: folder).write(edge, isPart: false)
        #expect(result.removed.contains("/usr/local/srs/conf/putlive.conf"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/usr/local/srs"))
        #expect(FileManager.default.fileExists(atPath: folder + "/notes.txt"))
        #expect(try DriftCheck(root: folder).run(edge).map(\.path) == ["/notes.txt"])
        let again = try TreeWriter(folder: folder).write(edge, isPart: false)
        #expect(again.written.isEmpty && again.removed.isEmpty && again.unchanged.count == edge.artifacts.count)
    }

    @Test func aPartLeavesTheRestAlone() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        try "edited".write(toFile: folder + "/etc/nginx/nginx.conf", atomically: true, encoding: .utf8)
        let part = try ArtifactSet(config: try goldenConfig("single"), share: share, only: ["nginx.conf"])
        let result = try TreeWriter(folder: folder).write(part, isPart: true)
        #expect(result.written == ["/etc/nginx/nginx.conf"] && result.removed.isEmpty)
        #expect(try DriftCheck(root: folder).run(set) == [])
        #expect(try Manifest.read(in: folder)?.artifacts.count == set.artifacts.count)
    }

    @Test func aFolderOfOthersIsRefused() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "x".write(toFile: folder + "/photo.jpg", atomically: true, encoding: .utf8)
        #expect(throws: TreeError.self) { try TreeWriter(folder: folder).write(set, isPart: false) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["photo.jpg"])
    }

    @Test(arguments: [
        "{}", "nonsense",
        #"{"version":1,"role":"x","artifacts":[{"name":"x","path":"/../../x","mode":"","owner":"","group":"","sha256":""}]}"#,
    ])
    func aForeignManifestIsRefused(text: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: folder + "/manifest.json", atomically: true, encoding: .utf8)
        #expect(throws: TreeError.self) { try TreeWriter(folder: folder).write(set, isPart: false) }
    }

    /// A link in the tree would lead a write or a removal out of it.
    @Test func aLinkedFolderIsRefused() throws {
        let manager = FileManager.default
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        let outside = temporary.path + "/outside"
        try manager.moveItem(atPath: folder + "/etc/nginx", toPath: outside)
        try manager.createSymbolicLink(atPath: folder + "/etc/nginx", withDestinationPath: outside)
        try "mine".write(toFile: outside + "/nginx.conf", atomically: false, encoding: .utf8)
        #expect(throws: TreeError.self) { try TreeWriter(folder: folder).write(set, isPart: false) }
        var rest = set
        rest.artifacts.removeAll { $0.path == "/etc/nginx/nginx.conf" }
        #expect(throws: TreeError.self) { try TreeWriter(folder: folder).write(rest, isPart: false) }
        #expect(try String(contentsOfFile: outside + "/nginx.conf", encoding: .utf8) == "mine")
    }

    @Test func aDiffGoesOnPastWhatCantBeRead() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        try FileManager.default.removeItem(atPath: folder + "/etc/nginx/nginx.conf")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/etc/nginx/nginx.conf", withDestinationPath: "/etc/passwd")
        let entries = try TreeDiff(root: folder).run(set)
        #expect(entries.map(\.path) == ["/etc/nginx/nginx.conf"])
        #expect(entries[0].diff.isEmpty && entries[0].problem.hasSuffix("is a symbolic link"))
    }

    @Test func aFileBehindALinkIsWrittenAndThePipeKept() throws {
        let target = temporary.path + "/target"
        try "old".write(toFile: target, atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: temporary.path + "/link", withDestinationPath: "target")
        try OutputFile.write("new", to: temporary.path + "/link", mode: 0o600)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
        #expect(FileTree.kind(temporary.path + "/link") == .link)
        #expect(throws: TreeError.self) {
            try OutputFile.write("x", to: temporary.path + "/link", mode: 0o600, replacing: false)
        }
        let pipe = temporary.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try OutputFile.write("through", to: pipe, mode: 0o644)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(reader, &buffer, 16) == 7)
        #expect(FileTree.kind(pipe) == .other && FileTree.mode(pipe) == 0o600)
        try FileManager.default.createSymbolicLink(atPath: temporary.path + "/nowhere", withDestinationPath: "gone")
        #expect(throws: TreeError.self) { try OutputFile.write("x", to: temporary.path + "/nowhere", mode: 0o600) }
    }

    @Test func driftIsFoundByKind() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        let manager = FileManager.default
        try manager.removeItem(atPath: folder + "/etc/nginx/nginx.conf")
        try "x".write(toFile: folder + "/etc/sysctl.d/60-putlive.conf", atomically: false, encoding: .utf8)
        try manager.setAttributes([.posixPermissions: 0o666], ofItemAtPath: folder + "/etc/prometheus/prometheus.yml")
        try "x".write(toFile: folder + "/etc/extra.conf", atomically: true, encoding: .utf8)
        try manager.removeItem(atPath: folder + "/etc/logrotate.d/putlive")
        try manager.createSymbolicLink(atPath: folder + "/etc/logrotate.d/putlive", withDestinationPath: "/etc/passwd")
        try manager.removeItem(atPath: folder + "/manifest.json")
        let drift = try DriftCheck(root: folder).run(set)
        #expect(
            drift.map { "\($0.kind.rawValue) \($0.path)" } == [
                "extra /etc/extra.conf", "unreadable /etc/logrotate.d/putlive", "missing /etc/nginx/nginx.conf",
                "mode /etc/prometheus/prometheus.yml", "content /etc/sysctl.d/60-putlive.conf",
            ])
    }

    /// Of a whole system only what another config would put there counts as extra.
    @Test func aSystemsOwnFilesAreNoDrift() throws {
        let edge = try ArtifactSet(config: try goldenConfig("edge"), share: share)
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        for item in edge.artifacts {
            let path = folder + item.path
            try? FileManager.default.removeItem(atPath: path)
            let parent = URL(filePath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try item.text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: Int(item.artifact.mode)], ofItemAtPath: path)
        }
        try "ID=debian".write(toFile: folder + "/etc/os-release", atomically: true, encoding: .utf8)
        let drift = try DriftCheck(root: folder).run(edge)
        #expect(drift.allSatisfy { $0.kind == .extra })
        #expect(drift.contains { $0.path == "/etc/systemd/system/srs.service" })
        // A package's own file isn't ours to miss.
        #expect(!drift.contains { $0.path == "/etc/os-release" || $0.path == "/etc/prometheus/prometheus.yml" })
    }

    @Test func aMissingRootIsAnError() {
        #expect(throws: TreeError.self) { try DriftCheck(root: "/nonexistent/x").run(set) }
        #expect(throws: TreeError.self) { try TreeDiff(root: "/nonexistent/x").run(set) }
    }

    @Test func aDiffTellsContentAndMode() throws {
        _ = try TreeWriter(folder: folder).write(set, isPart: false)
        let path = folder + "/etc/sysctl.d/60-putlive.conf"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + "vm.swappiness = 99\n").write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder + "/etc/nginx/nginx.conf")
        let entries = try TreeDiff(root: folder).run(set)
        #expect(entries.map(\.path) == ["/etc/nginx/nginx.conf", "/etc/sysctl.d/60-putlive.conf"])
        #expect(entries[0].diff.isEmpty && entries[0].mode == "0600 -> 0644")
        #expect(entries[1].diff.hasSuffix("-vm.swappiness = 99\n"))
    }

    @Test func anOutputFileIsNotOverwrittenUnasked() throws {
        let path = temporary.path + "/deep/config.yaml"
        try OutputFile.write("one", to: path, mode: 0o600, replacing: false)
        #expect(throws: TreeError.self) { try OutputFile.write("two", to: path, mode: 0o600, replacing: false) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
        try OutputFile.write("two", to: path, mode: 0o600)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(throws: TreeError.self) { try OutputFile.write("x", to: temporary.path, mode: 0o600) }
        #expect(throws: TreeError.self) { try OutputFile.write("x", to: "/proc/nowhere/x", mode: 0o600) }
    }
}
