import Foundation
import Testing

@testable import PutLiveHost

@Suite struct RealSystemFileTests {
    let scratch = RealSystemScratch()
    var host: RealSystem { scratch.host }
    let me = RealSystemScratch.me

    @Test func aWrittenFileIsWhatWasAsked() throws {
        try host.write(Array("text".utf8), to: "/etc/a/b.conf", mode: 0o2640, owner: me)
        let entry = try #require(try host.entry(at: "/etc/a/b.conf"))
        #expect(entry.kind == .file && entry.mode == 0o2640 && entry.size == 4 && entry.target == nil)
        #expect(try host.read("/etc/a/b.conf") == Array("text".utf8))
        #expect(try host.entry(at: "/etc/a")?.mode == 0o755)
        #expect(try host.names(in: "/etc/a") == ["b.conf"])
    }

    @Test func foldersMadeOnTheWayDontTakeAfterTheFolderAbove() throws {
        try host.makeFolder("/shared", mode: 0o2775, owner: me)
        try host.write([], to: "/shared/x/y", mode: 0o600, owner: me)
        #expect(try host.entry(at: "/shared")?.mode == 0o2775)
        #expect(try host.entry(at: "/shared/x")?.mode == 0o755)
    }

    @Test func aWriteReplacesWhatACrashLeft() throws {
        scratch.put("etc/x.putlive-new", "half", mode: 0o666)
        scratch.put("etc/x", "old")
        try host.write(Array("new".utf8), to: "/etc/x", mode: 0o644, owner: me)
        #expect(scratch.text("etc/x") == "new")
        #expect(try host.names(in: "/etc") == ["x"])
        scratch.put("etc/l.putlive-new", "half")
        try host.link("/etc/l", to: "x")
        #expect(try host.names(in: "/etc") == ["l", "x"])
    }

    @Test func aWriteThatFailsLeavesNothing() throws {
        scratch.folder("etc/x")
        #expect(throws: SystemError.self) { try host.write([1], to: "/etc/x", mode: 0o644, owner: me) }
        #expect(throws: SystemError.self) { try host.link("/etc/x", to: "y") }
        #expect(try host.names(in: "/etc") == ["x"])
        scratch.folder("etc/z.putlive-new")
        let error = #expect(throws: SystemError.self) { try host.write([1], to: "/etc/z", mode: 0o644, owner: me) }
        #expect(error?.description == "/etc/z.putlive-new can't be removed: Is a directory")
        scratch.put("etc/file")
        #expect(throws: SystemError.self) { try host.write([1], to: "/etc/file/x", mode: 0o644, owner: me) }
        #expect(throws: SystemError.self) { try host.makeFolder("/etc/file", mode: 0o755, owner: me) }
    }

    @Test func aLinkIsReplacedAndNotFollowed() throws {
        scratch.put("target", "untouched")
        try host.link("/etc/a", to: "/target")
        let entry = try #require(try host.entry(at: "/etc/a"))
        #expect(entry.kind == .link && entry.target == "/target")
        #expect(throws: SystemError("/etc/a is a link, not a file")) { try host.read("/etc/a") }
        #expect(throws: SystemError.self) { try host.setMode(0o600, of: "/etc/a") }
        try host.setOwner(me, of: "/etc/a")
        try host.write(Array("new".utf8), to: "/etc/a", mode: 0o644, owner: me)
        #expect(try host.entry(at: "/etc/a")?.kind == .file)
        #expect(scratch.text("target") == "untouched")
        try host.link("/etc/a", to: "elsewhere")
        #expect(try host.entry(at: "/etc/a")?.target == "elsewhere")
    }

    @Test func whatIsReadIsBounded() throws {
        scratch.put("a", String(repeating: "x", count: 10_000))
        #expect(try host.read("/a", limit: 10_000).count == 10_000)
        #expect(throws: SystemError("/a is larger than 9999 bytes")) { try host.read("/a", limit: 9999) }
        #expect(throws: SystemError("/b can't be read: No such file or directory")) { try host.read("/b") }
        #expect(throws: SystemError.self) { try host.read("/c/d") }
        scratch.folder("folder")
        #expect(throws: SystemError("/folder isn't a regular file")) { try host.read("/folder") }
        mkfifo(scratch.path + "/pipe", 0o600)
        #expect(throws: SystemError("/pipe isn't a regular file")) { try host.read("/pipe") }
        #expect(try host.entry(at: "/pipe")?.kind == .other)
    }

    @Test func theKernelsFilesAreReadThoughTheyTellNoSize() throws {
        let host = RealSystem()
        #expect(try host.entry(at: "/proc/self/status")?.size == 0)
        #expect(host.text(of: "/proc/self/status")?.hasPrefix("Name:") == true)
        #expect(host.text(of: "/proc/kallsyms-that-is-not") == nil)
        #expect(try host.names(in: "/proc/sys/kernel/").contains("hostname"))
    }

    @Test func aFileThatTellsNoSizeIsReadToItsEnd() throws {
        let host = RealSystem()
        // Longer than the first buffer.
        let numbers = try host.read("/proc/self/smaps", limit: 64 << 20)
        #expect(numbers.count > 4096 && numbers.last == UInt8(ascii: "\n"))
        #expect(throws: SystemError.self) { try host.read("/proc/self/smaps", limit: 4500) }
    }

    @Test func namesAreSorted() throws {
        for name in ["b", "a", ".c", "é"] { scratch.put("f/\(name)") }
        #expect(try host.names(in: "/f") == [".c", "a", "b", "é"])
        #expect(try host.names(in: "/none") == [])
        #expect(try host.names(in: "/none/at/all") == [])
        #expect(try host.names(in: "/f/a") == [])
        scratch.link("l", to: "f")
        #expect(try host.names(in: "/l") == [])
        #expect(try host.names(in: "/").contains("f"))
    }

    @Test func theStampChangesWithEachWrite() throws {
        try host.write([1, 2], to: "/a", mode: 0o644, owner: me)
        let first = try host.entry(at: "/a")?.stamp
        #expect(first != nil && first != "")
        #expect(try host.entry(at: "/a")?.stamp == first)
        try host.write([1, 2], to: "/a", mode: 0o644, owner: me)
        let second = try host.entry(at: "/a")?.stamp
        #expect(second != first)
        // Somebody changes the content and puts the time back.
        let file = FileHandle(forUpdatingAtPath: scratch.path + "/a")
        try file?.write(contentsOf: Data([3, 4]))
        try file?.close()
        utimes(scratch.path + "/a", [timeval(), timeval()])
        #expect(try host.entry(at: "/a")?.stamp != second)
        #expect(try host.entry(at: "/a")?.size == 2)
    }

    @Test func aFolderGetsModeAndOwner() throws {
        try host.makeFolder("/a/b", mode: 0o750, owner: me)
        #expect(try host.entry(at: "/a/b")?.mode == 0o750)
        #expect(try host.entry(at: "/a")?.mode == 0o755)
        try host.makeFolder("/a/b", mode: 0o2775, owner: me)
        #expect(try host.entry(at: "/a/b")?.mode == 0o2775)
        try host.setMode(0o700, of: "/a/b/")
        #expect(try host.entry(at: "/a/b")?.mode == 0o700)
        #expect(throws: SystemError.self) { try host.setMode(0o700, of: "/none") }
        #expect(throws: SystemError.self) { try host.setMode(0o700, of: "/none/x") }
        #expect(throws: SystemError.self) { try host.setOwner(me, of: "/none") }
        #expect(throws: SystemError.self) { try host.setOwner(me, of: "/none/x") }
    }

    @Test func whatIsRemovedIsGone() throws {
        scratch.put("a/file")
        scratch.link("a/link", to: "file")
        #expect(throws: SystemError.self) { try host.remove("/a") }
        try host.removeEmptyFolder("/a")
        #expect(try host.names(in: "/a") == ["file", "link"])
        try host.remove("/a/link")
        try host.removeEmptyFolder("/a/file")
        #expect(try host.names(in: "/a") == ["file"])
        try host.remove("/a/file")
        try host.remove("/a/file")
        try host.remove("/none/file")
        try host.removeEmptyFolder("/none/folder")
        try host.removeEmptyFolder("/a")
        try host.removeEmptyFolder("/a")
        #expect(try host.entry(at: "/a") == nil)
        #expect(try host.entry(at: "/a/b") == nil)
    }

    @Test(arguments: ["", "etc/x", "/etc/..", "/a\0b"])
    func aPathIsAbsolute(_ path: String) {
        #expect(throws: SystemError.self) { try host.write([], to: path, mode: 0o644, owner: me) }
        #expect(throws: SystemError.self) { try host.remove(path) }
    }

    @Test func theHostItselfIsReadWithoutARoot() throws {
        scratch.put("a", "x")
        let host = RealSystem()
        #expect(host.isLive && host.isWritable)
        #expect(try host.read(scratch.path + "/a") == [UInt8(ascii: "x")])
        try host.write([1], to: scratch.path + "/b/c", mode: 0o600, owner: me)
        #expect(try host.names(in: scratch.path + "/b") == ["c"])
        #expect(throws: SystemError.self) { try host.entry(at: "relative") }
    }

    @Test func theRootsFolderIsNeeded() {
        let host = RealSystem(root: scratch.path + "/none")
        #expect(throws: SystemError("\(scratch.path)/none can't be opened: No such file or directory")) {
            try host.entry(at: "/etc")
        }
    }

    @Test func timeGoesOn() {
        let before = host.now
        host.sleep(.milliseconds(1))
        host.sleep(.zero)
        host.sleep(.seconds(-1))
        #expect(host.now >= before + 0.001 && host.now < before + 60)
        #expect(before > 1_700_000_000)
    }
}
