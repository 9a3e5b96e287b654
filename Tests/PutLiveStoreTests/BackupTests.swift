import Foundation
import GRDB
import Testing

@testable import PutLiveStore

@Suite struct BackupTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.store()
    }

    private var backups: String { folder.path + "/backups" }
    private var backup: Backup { Backup(database: folder.database) }

    @Test func makesAVerifiedCopy() async throws {
        let ann = try await store.user("ann", .admin)
        let made = try backup.make(in: backups, retention: day, now: start)
        #expect(made.path == backups + "/putlive-20260101T000000Z.db")
        #expect(made.removed == [])
        #expect(made.size > 0)
        #expect(try folder.names("/backups") == ["putlive-20260101T000000Z.db"])
        #expect(try folder.mode("backups/putlive-20260101T000000Z.db") == 0o600)
        #expect(try folder.mode("backups") == 0o750)
        try DatabaseFile.verify(made.path)
        // A single file: reading it made no other.
        #expect(try folder.names("/backups") == ["putlive-20260101T000000Z.db"])
        let copy = try Store.open(path: made.path, create: false, now: start)
        #expect(try await copy.users.list() == [ann])
    }

    /// Pairs are always written together, so a copy of one moment never has half of one.
    @Test func isConsistentWhileOthersWrite() async throws {
        let store = self.store
        let writer = Task {
            for index: Int64 in 0..<400 {
                let minute = start + index * 60
                try await store.analytics.add([
                    ViewerMinute(
                        stream: "a", minute: minute, peakViewers: 1, watchSeconds: 1, bytesSent: 1, sessions: 1),
                    ViewerMinute(
                        stream: "b", minute: minute, peakViewers: 1, watchSeconds: 1, bytesSent: 1, sessions: 1),
                ])
            }
        }
        for index: Int64 in 0..<10 {
            let made = try backup.make(in: backups, retention: day, now: start + index)
            let copy = try DatabaseQueue(path: made.path)
            try await copy.read { db in
                let halves = try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM (SELECT 1 FROM viewer_minutes GROUP BY minute HAVING count(*) <> 2)")
                #expect(halves == 0)
            }
            try copy.close()
        }
        try await writer.value
        #expect(try await store.analytics.totals(from: start, to: start + day).watchSeconds == 800)
    }

    @Test func removesWhatIsTooOld() async throws {
        for (index, hours) in [0, 10, 20, 30].enumerated() {
            let made = try backup.make(in: backups, retention: day, now: start + Int64(hours) * hour)
            #expect(made.removed == (index == 3 ? ["putlive-20260101T000000Z.db"] : []))
        }
        // Not ours, whatever their age.
        let others = [
            "putlive-19990101T000000Z.db.old", "putlive-1999.db", "other.db", "putlive-19990230T000000Z.db",
            "putlive-.db",
        ]
        for name in others { _ = try folder.write("x", to: "backups/" + name) }
        let made = try backup.make(in: backups, retention: hour, now: start + 31 * hour)
        #expect(
            made.removed == [
                "putlive-20260101T100000Z.db", "putlive-20260101T200000Z.db",
            ])
        #expect(
            try folder.names("/backups")
                == (others + ["putlive-20260102T060000Z.db", "putlive-20260102T070000Z.db"]).sorted())
    }

    /// A clock that went back, or a retention of nothing: the one just made stays.
    @Test func neverRemovesTheOneJustMade() async throws {
        _ = try backup.make(in: backups, retention: 0, now: start + day)
        let made = try backup.make(in: backups, retention: 0, now: start)
        #expect(made.removed == [])
        #expect(try folder.names("/backups").count == 2)
        #expect(
            BackupName.expired(
                ["putlive-20260101T000000Z.db"], retention: -day, now: start, kept: BackupName(time: start)) == [])
    }

    @Test func aFullDiskCostsWhatIsTooOldButTheNewest() async throws {
        for hours in [0, 10, 20] as [Int64] {
            _ = try backup.make(in: backups, retention: day, now: start + hours * hour)
        }
        var attempts = 0
        let made = try Backup.makingRoom(in: backups, retention: hour, now: start + 2 * day) { () throws(StoreError) in
            attempts += 1
            if attempts == 1 { throw .full(path: "x") }
            return Backup.Made(path: "y", size: 1, removed: ["z"])
        }
        let old = ["putlive-20260101T000000Z.db", "putlive-20260101T100000Z.db"]
        #expect(made.removed.sorted() == old + ["z"])
        #expect(try folder.names("/backups") == ["putlive-20260101T200000Z.db"])
        // Nothing is left to remove.
        #expect(throws: StoreError.full(path: "x")) {
            try Backup.makingRoom(in: backups, retention: hour, now: start + 2 * day) { () throws(StoreError) in
                throw .full(path: "x")
            }
        }
    }

    @Test func aBadDatabaseIsNoBackupAndCostsNone() async throws {
        _ = try backup.make(in: backups, retention: hour, now: start)
        for index in 0..<300 { _ = try await store.user("user\(index)") }
        try store.close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.database))
        let size = try file.seekToEnd()
        try file.seek(toOffset: size - 6 * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 2 * 4096))
        try file.close()
        do {
            _ = try backup.make(in: backups, retention: hour, now: start + day)
            Issue.record("a damaged database was backed up")
        } catch {
            guard case .corrupt = error else { throw error }
        }
        #expect(try folder.names("/backups") == ["putlive-20260101T000000Z.db"])
    }

    @Test func removesWhatAKilledRunLeft() async throws {
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: true)
        for suffix in ["", "-journal", "-wal", "-shm"] {
            _ = try folder.write("rest", to: "backups/.putlive-backup.tmp" + suffix)
        }
        _ = try backup.make(in: backups, retention: day, now: start)
        #expect(try folder.names("/backups") == ["putlive-20260101T000000Z.db"])
    }

    @Test func oneAtATime() async throws {
        let backups = self.backups
        let backup = self.backup
        try backup.staged(in: backups) { (path, size) throws(StoreError) in
            #expect(size > 0)
            #expect(throws: StoreError.self) { try backup.make(in: backups, retention: day, now: start) }
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(try folder.names("/backups") == [])
        _ = try backup.make(in: backups, retention: day, now: start)
    }

    @Test func stagesForAnUpload() async throws {
        struct Failed: Error {}
        let size = try await backup.staged(in: backups) { path, size in
            try DatabaseFile.verify(path)
            return size
        }
        #expect(size > 0)
        await #expect(throws: Failed.self) {
            try await backup.staged(in: backups) { (_, _) async throws -> Void in throw Failed() }
        }
        #expect(try folder.names("/backups") == [])
    }

    @Test func notesHowItWent() async throws {
        try backup.noteFailure(.s3)
        try backup.noteFailure(.s3)
        try backup.noteSuccess(.folder, size: 77, now: start + 5)
        var status = try await store.backupStatus()
        #expect(status.databaseCreatedAt == start)
        #expect(status.places[.s3] == BackupRecord(consecutiveFailures: 2))
        #expect(status.places[.folder] == BackupRecord(lastSuccessAt: start + 5, lastSize: 77, consecutiveFailures: 0))
        try backup.noteSuccess(.s3, size: 78, now: start + 6)
        status = try await store.backupStatus()
        #expect(status.places[.s3] == BackupRecord(lastSuccessAt: start + 6, lastSize: 78, consecutiveFailures: 0))
    }

    @Test func withoutADatabaseThereIsNone() async throws {
        let nothing = Backup(database: folder.path + "/none.db")
        await expect(.missing(path: folder.path + "/none.db")) {
            _ = try nothing.make(in: backups, retention: day, now: start)
        }
        await expect(.missing(path: folder.path + "/none.db")) { try nothing.noteFailure(.folder) }
        #expect(try folder.names("/backups") == [])
    }

    @Test func theFolderMayBeNone() async throws {
        _ = try folder.write("x", to: "file")
        #expect(throws: StoreError.self) {
            _ = try backup.make(in: folder.path + "/file", retention: day, now: start)
        }
        #expect(throws: StoreError.self) {
            _ = try backup.make(in: folder.path + "/file/below", retention: day, now: start)
        }
    }

    @Test(arguments: [
        (Int64(0), "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
        (951_868_800, "20000301T000000Z"), (1_767_225_600, "20260101T000000Z"), (4_107_542_400, "21000301T000000Z"),
        (253_402_300_799, "99991231T235959Z"),
    ])
    func namesHoldTimes(time: Int64, text: String) {
        #expect(UTCTime.text(time) == text)
        #expect(UTCTime.parse(text) == time)
        #expect(BackupName("putlive-\(text).db") == BackupName(time: time))
    }

    @Test(arguments: [
        "", "20260101", "20260101T000000", "20261301T000000Z", "20260100T000000Z", "20260230T000000Z",
        "20260101T240000Z", "20260101T006000Z", "20260101T000060Z", "2026010aT000000Z", "20260101 000000Z",
        "19691231T235959Z", "21000229T000000Z", "+0260101T000000Z",
    ])
    func otherTextsAreNoTimes(text: String) {
        #expect(UTCTime.parse(text) == nil)
    }

    @Test func everyDayOfFourCenturies() {
        for index: Int64 in 0..<146_097 {
            let time = index * day + index % day
            #expect(UTCTime.parse(UTCTime.text(time)) == time)
        }
        #expect(BackupName(time: 1) < BackupName(time: 2))
    }
}
