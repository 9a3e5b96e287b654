import Foundation
import Testing

@testable import PutLiveMedia

@Suite struct HLSFileTests {
    private let folder: HLSFolderFixture

    init() throws { folder = try HLSFolderFixture() }

    @Test func getsItsNameWhenItIsWhole() throws {
        try folder.write("a", "old")
        let file = try SegmentFile(folder.path("a"))
        file.file.write("new")
        #expect(folder.text("a") == "old" && folder.text("a.tmp") == "new")
        let number = try file.keep()
        #expect(folder.text("a") == "new" && folder.names == ["a"])
        #expect(SegmentFile.identity(of: folder.path("a"))?.number == number)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path("a"))[.posixPermissions] as? Int
        #expect(mode == 0o664)
    }

    @Test func isRemovedIfItIsNotKept() throws {
        var file: SegmentFile? = try SegmentFile(folder.path("a"), temporary: folder.path("b"))
        #expect(folder.names == ["b"])
        #expect(file != nil)
        file = nil
        #expect(folder.names.isEmpty)
    }

    @Test func saysThatTheDiskIsFull() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        let file = OutputFile(descriptor: full, path: "/secret/folder/a.ts")
        file.write("x")
        file.write("y")
        #expect(file.failure == MediaError(.storage, "can't write a.ts: No space left on device"))
        #expect(throws: try #require(file.failure)) { try file.close() }
        #expect(file.count == 0)
    }

    @Test func readsNothingThatIsTooLargeOrNoFile() throws {
        try folder.write("a", "1234")
        #expect(SegmentFile.text(of: folder.path("a"), limit: 4) == "1234")
        #expect(SegmentFile.text(of: folder.path("a"), limit: 3) == nil)
        #expect(SegmentFile.text(of: folder.path("b"), limit: 4) == nil)
        #expect(SegmentFile.identity(of: folder.path("b")) == nil)
        try FileManager.default.createSymbolicLink(atPath: folder.path("b"), withDestinationPath: folder.path("a"))
        #expect(SegmentFile.text(of: folder.path("b"), limit: 4) == nil)
        #expect(throws: MediaError.self) { try OutputFile(folder.path("b"), mode: 0o664, replaces: true) }
    }
}
