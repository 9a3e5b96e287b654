import Foundation
import Testing

@testable import PutLiveLive

@Suite struct RecordingCleanupTests {
    private let house = TestHouse()
    private let folder: TemporaryFolder
    private let day: Int64 = 86_400_000

    init() throws {
        folder = try TemporaryFolder()
    }

    private var cleanup: RecordingCleanup {
        let clock = house.clock
        return RecordingCleanup(
            path: folder.path, retention: 7 * 86_400, live: house.live, logger: house.log.logger, clock: { clock.now })
    }

    /// Makes a file that was written to last so many days ago, and as many bytes large.
    private func file(_ name: String, days: Int64) throws {
        let path = "\(folder.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(repeating: 0, count: Int(days)).write(to: URL(filePath: path))
        try age(path, days: days)
    }

    private func age(_ path: String, days: Int64) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(house.clock.now - days * day) / 1000)],
            ofItemAtPath: path)
    }

    private var files: Set<String> {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return Set(all.filter { $0.contains(".") })
    }

    @Test func whatIsOldGoesOfBothEngines() throws {
        let old = [
            "show-1799000000000.mp4", "show-1799000000000-2.mp4", "a-1-1799000000000.mp4",
            "live/show/2026-11-22_14-05-42-364.flv", "live/show/2026-11-22_14-05-42-364.flv.tmp",
        ]
        for name in old { try file(name, days: 8) }
        let new = ["show-1799900000000.mp4", "live/show/2026-12-22_14-05-42-364.flv"]
        for name in new { try file(name, days: 6) }
        #expect(cleanup.clean() == .init(removed: 5, removedBytes: 40))
        #expect(files == Set(new))
        cleanup.run()
        #expect(house.log.lines == [])
    }

    @Test func whatIsntOursStays() throws {
        let others = [
            "holiday.mp4", "show.mp4", "show-1.mp4", "Show-1799000000000.mp4", "show-1799000000000.mkv",
            "show-1799000000000-.mp4", "-1799000000000.mp4.bak", "1799000000000.mp4", "sub/show-1799000000000.mp4",
            "live/2026-11-22_14-05-42-364.flv", "live/show/notes.flv", "live/show/2026-11-22.flv",
            "live/show_480p/2026-11-22_14-05-42-364.flv", "live/show/deep/2026-11-22_14-05-42-364.flv",
            "live/show/2026-11-22_14-05-42-364.flv.tmp.tmp", "other/show/2026-11-22_14-05-42-364.flv",
        ]
        for name in others { try file(name, days: 100) }
        #expect(cleanup.clean() == .init())
        #expect(files == Set(others))
    }

    @Test func linksAreNotFollowed() throws {
        let elsewhere = try TemporaryFolder()
        let target = RecordingCleanupTests.stem
        try elsewhere.write(target, "x", modified: house.clock.now - 100 * day)
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/show-1799000000000.mp4", withDestinationPath: "\(elsewhere.path)/live/\(target)")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/live/show", withDestinationPath: "\(elsewhere.path)/live")
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/folder-1799000000000.mp4", withIntermediateDirectories: true)
        try age("\(folder.path)/folder-1799000000000.mp4", days: 100)
        #expect(cleanup.clean() == .init())
        #expect(elsewhere.names == [target])
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/folder-1799000000000.mp4"))
        // The whole of SRS's folder being a link.
        try FileManager.default.removeItem(atPath: "\(folder.path)/live")
        try FileManager.default.createDirectory(atPath: "\(elsewhere.path)/show", withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: "\(elsewhere.path)/live/\(target)", toPath: "\(elsewhere.path)/show/\(target)")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/live", withDestinationPath: elsewhere.path)
        #expect(cleanup.clean() == .init())
        #expect(FileManager.default.fileExists(atPath: "\(elsewhere.path)/show/\(target)"))
    }

    private static let stem = "2026-11-22_14-05-42-364.flv"

    /// A clock that is put on by days makes everything old.
    @Test func whatIsBeingWrittenStays() throws {
        let began = house.clock.now
        let written = ["show-\(began + 5).mp4", "show-\(began + 5)-2.mp4", "live/show/\(Self.stem).tmp"]
        for name in written + ["show-\(began - 5).mp4", "live/show/\(Self.stem)", "other-\(began + 5).mp4"] {
            try file(name, days: 1)
        }
        house.begin("show", source: .webrtc)
        house.clock.advance(30 * day)
        #expect(cleanup.clean().removed == 3)
        #expect(files == Set(written))
        house.live.end(name("show"), clientID: nil, reason: .stopped)
        #expect(cleanup.clean().removed == 3)
    }

    @Test func whatIsKeptFor() throws {
        try file("show-1799000000000.mp4", days: 3)
        let cleanup = cleanup
        cleanup.run()
        #expect(house.log.lines == [])
        cleanup.retention = 2 * 86_400
        cleanup.run()
        #expect(house.log.lines == ["info recordings_removed bytes=3 files=1"])
    }

    @Test func aFolderThatIsntThereIsEmpty() throws {
        let none = RecordingCleanup(
            path: folder.path + "/none", retention: 1, live: house.live, logger: house.log.logger)
        #expect(none.clean() == .init())
        try file("file.txt", days: 1)
        let file = RecordingCleanup(
            path: folder.path + "/file.txt", retention: 1, live: house.live, logger: house.log.logger)
        file.run()
        #expect(house.log.lines.count == 1 && house.log.lines[0].hasPrefix("error recordings_not_removed reason="))
    }

    @Test func theNameOfTheEmbeddedEngine() throws {
        let text = RecordingName.text(name("a-1"), at: 1_799_000_000_000)
        let read = try #require(RecordingName(embedded: text))
        #expect(read.stream == name("a-1") && read.startedAt == 1_799_000_000_000 && !read.isUnfinished)
    }
}
