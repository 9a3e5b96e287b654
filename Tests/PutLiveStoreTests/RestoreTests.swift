import Foundation
import GRDB
import Testing

@testable import PutLiveStore

@Suite struct RestoreTests {
    let folder: TemporaryFolder
    let made: Backup.Made

    /// A database with ann, a backup of it, and bob, who came later.
    init() async throws {
        folder = try TemporaryFolder()
        let store = try folder.store()
        let ann = try await store.user("ann", .admin)
        try await store.session("a", ann)
        made = try Backup(database: folder.database).make(in: folder.path + "/backups", retention: day, now: start)
        _ = try await store.user("bob")
        try store.close()
    }

    private func restore(_ backup: String? = nil, force: Bool = true) throws -> String? {
        try Restore(backup: backup ?? made.path, database: folder.database).run(force: force, now: start + hour)
    }

    private func usernames(_ path: String? = nil) async throws -> [String] {
        let store = try Store.open(path: path ?? folder.database, create: false, now: start)
        let names = try await store.users.list().map(\.username)
        try store.close()
        return names
    }

    @Test func replacesByForce() async throws {
        let aside = folder.database + ".before-restore-20260101T010000Z"
        #expect(try restore() == aside)
        #expect(try await usernames() == ["ann"])
        #expect(try await usernames(aside) == ["ann", "bob"])
        #expect(try folder.mode("putlive.db") == 0o640)
        #expect(
            try folder.names() == [
                "backups", "putlive.db", "putlive.db.before-restore-20260101T010000Z", "putlive.db.lock",
            ])
        // The backup is as it was.
        try DatabaseFile.verify(made.path)
        #expect(try folder.names("/backups") == [BackupName(time: start).text])
    }

    @Test func voidsTokens() async throws {
        _ = try restore()
        let store = try folder.store()
        #expect(
            try await store.sessions.revocations(now: start)
                == Revocations(notBefore: start + hour, tokens: [Revocation(id: "a", expiresAt: start + day)]))
    }

    @Test func restoresWhereThereIsNone() async throws {
        try FileManager.default.removeItem(atPath: folder.database)
        // Logs without their database.
        for suffix in ["-wal", "-shm"] { _ = try folder.write("rest", to: "putlive.db" + suffix) }
        #expect(try restore(force: false) == nil)
        #expect(try await usernames() == ["ann"])
    }

    @Test func restoresIntoAFolderThatIsMissing() async throws {
        let path = folder.path + "/new/putlive.db"
        #expect(try Restore(backup: made.path, database: path).run(force: false, now: start) == nil)
        #expect(try await usernames(path) == ["ann"])
    }

    @Test func refusesToOverwrite() async throws {
        await expect(.exists(path: folder.database)) { _ = try restore(force: false) }
        #expect(try await usernames() == ["ann", "bob"])
    }

    @Test func refusesWhileAnAgentServes() async throws {
        let lock = try ServingLock(path: folder.database)
        await expect(.serving(path: folder.database, process: Int(getpid()))) { _ = try restore() }
        withExtendedLifetime(lock) {}
        #expect(try await usernames() == ["ann", "bob"])
    }

    @Test func refusesWhileACommandWorks() async throws {
        let store = try folder.store()
        var restore = Restore(backup: made.path, database: folder.database)
        restore.patience = 0
        #expect(throws: StoreError.busy(path: folder.database)) { try restore.run(force: true, now: start) }
        _ = try await store.user("eve")
        #expect(try folder.names().filter { $0.contains("restor") } == [])
    }

    @Test func refusesABadBackup() async throws {
        let text = try folder.write(String(repeating: "nonsense ", count: 1_000), to: "text")
        let empty = try folder.write("", to: "empty")
        await expect(.corrupt(path: text, detail: "file is not a database")) { _ = try restore(text) }
        await expect(.corrupt(path: empty, detail: "it is empty")) { _ = try restore(empty) }
        for path in [folder.path + "/none", folder.path] {
            await expect(.unusable(path: path, detail: "there is no such file, or this user can't see it")) {
                _ = try restore(path)
            }
        }
        let damaged = folder.path + "/damaged"
        try FileManager.default.copyItem(atPath: made.path, toPath: damaged)
        #expect(truncate(damaged, 5 * 4096) == 0)
        do {
            _ = try restore(damaged)
            Issue.record("a damaged backup was restored")
        } catch {
            guard case StoreError.corrupt(damaged, _) = error else { throw error }
        }
        let foreign = folder.path + "/foreign"
        let queue = try DatabaseQueue(path: foreign)
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        await expect(.foreign(path: foreign)) { _ = try restore(foreign) }
        #expect(try await usernames() == ["ann", "bob"])
        #expect(try folder.names().filter { $0.contains("restor") } == [])
    }

    @Test func refusesABackupWithLooseReferences() async throws {
        let queue = try DatabaseQueue(path: made.path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA foreign_keys = OFF;
                    INSERT INTO stream_keys (id, user_id, stream, created_at) VALUES ('k', 'none', 's', 0);
                    """)
        }
        try queue.close()
        await expect(
            .corrupt(path: made.path, detail: "a row of stream_keys belongs to none of its parent table")
        ) { _ = try restore() }
    }

    @Test func refusesANewerBackup() async throws {
        let queue = try DatabaseQueue(path: made.path)
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = 42") }
        try queue.close()
        await expect(.newer(path: made.path, version: 42, known: Schema.version)) { _ = try restore() }
        #expect(try await usernames() == ["ann", "bob"])
    }

    @Test func refusesTheDatabaseItselfAndDatabasesInUse() async throws {
        await expect(.unusable(path: folder.database, detail: "it is the database itself, not a backup")) {
            _ = try restore(folder.database)
        }
        let other = try Store.open(path: folder.path + "/other.db", now: start)
        do {
            _ = try restore(other.path)
            Issue.record("a part of a database was restored")
        } catch {
            #expect("\(error)".contains("it has a log beside it"))
        }
    }

    @Test func replacesADamagedDatabase() async throws {
        _ = try folder.write(String(repeating: "nonsense ", count: 1_000), to: "putlive.db")
        let aside = try #require(try restore())
        #expect(try await usernames() == ["ann"])
        #expect(try String(contentsOfFile: aside, encoding: .utf8).hasPrefix("nonsense"))
    }

    @Test func theSecondInOneSecondIsRefused() async throws {
        _ = try restore()
        do {
            _ = try restore()
            Issue.record("the older database was overwritten")
        } catch {
            #expect("\(error)".contains("before-restore"))
        }
        #expect(try await usernames() == ["ann"])
    }

    @Test func theLockIsOne() async throws {
        do {
            let lock = try ServingLock(path: folder.database)
            #expect(throws: StoreError.self) { _ = try ServingLock(path: folder.database) }
            withExtendedLifetime(lock) {}
        }
        _ = try ServingLock(path: folder.database)
        #expect(try folder.mode("putlive.db.lock") == 0o640)
    }
}
