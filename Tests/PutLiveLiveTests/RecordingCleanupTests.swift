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

    private func box(_ type: String, _ size: Int) -> [UInt8] {
        [0, 0, UInt8(size >> 8), UInt8(size & 0xFF)] + Array(type.utf8) + [UInt8](repeating: 0, count: size - 8)
    }

    /// An agent that is killed within the first fragment leaves a head.
    @Test func aHeadAloneGoesAtOnce() throws {
        let head = box("ftyp", 28) + box("moov", 1200)
        let files: [String: [UInt8]] = [
            "head-1799999990000.mp4": head, "part-1799999990000-2.mp4": head, "none-1799999990000.mp4": [],
            "kept-1799999990000.mp4": head + box("moof", 100) + box("mdat", 400),
            "begun-1799999990000.mp4": head + box("moof", 100).prefix(20),
            "half-1799999990000.mp4": Array(head.dropLast()),
            "other-1799999990000.mp4": box("moov", 28) + box("ftyp", 1200), "live/show/\(Self.stem)": [],
            "onair-1800000000000.mp4": head, "holiday.mp4": head,
        ]
        for (name, bytes) in files {
            try file(name, days: 0)
            try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(name)"))
            // Its agent was killed five seconds before this one began.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(house.clock.now - 5000) / 1000)],
                ofItemAtPath: "\(folder.path)/\(name)")
        }
        house.begin("onair", source: .webrtc)
        let gone = ["head-1799999990000.mp4", "part-1799999990000-2.mp4", "none-1799999990000.mp4"]
        let cleanup = cleanup
        #expect(cleanup.clean() == .init(removed: 3, removedBytes: 2 * 1228))
        #expect(files.keys.filter { !self.files.contains($0) }.sorted() == gone.sorted())
        // One that began since may still be written to.
        try file("new-1800000001000.mp4", days: 0)
        #expect(cleanup.clean().removed == 0)
        house.clock.advance(61_000)
        #expect(cleanup.clean().removed == 1 && !self.files.contains("new-1800000001000.mp4"))
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
