import GRDB
import Testing

@testable import PutLiveStore

@Suite struct ErrorTests {
    static let path = "/nowhere/putlive.db"

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, StoreError.full(path: path)),
        (.SQLITE_IOERR_SHMSIZE, .full(path: path)),
        (.SQLITE_BUSY, .busy(path: path)),
        (.SQLITE_LOCKED, .busy(path: path)),
        (.SQLITE_CORRUPT, .corrupt(path: path, detail: "word")),
        (.SQLITE_NOTADB, .corrupt(path: path, detail: "word")),
        (.SQLITE_READONLY, .denied(path: path, owner: "root")),
        (.SQLITE_CANTOPEN, .denied(path: path, owner: "root")),
        (.SQLITE_IOERR_READ, .unusable(path: path, detail: "word (SQLite's code 266)")),
        (.SQLITE_INTERRUPT, .cancelled),
        (.SQLITE_CONSTRAINT_UNIQUE, .conflict("an entry with this name or id")),
        (.SQLITE_CONSTRAINT_PRIMARYKEY, .conflict("an entry with this name or id")),
        (.SQLITE_CONSTRAINT_FOREIGNKEY, .notFound("user or video")),
        (.SQLITE_CONSTRAINT_CHECK, .invalid(field: "a value", message: "breaks a rule of the database: word")),
    ])
    func sqliteErrorsGetAMeaning(code: ResultCode, meaning: StoreError) {
        #expect(StoreError(DatabaseError(resultCode: code, message: "word"), path: Self.path) == meaning)
    }

    @Test func otherErrors() {
        #expect(StoreError(CancellationError(), path: Self.path) == .cancelled)
        #expect(StoreError(StoreError.lastAdmin, path: Self.path) == .lastAdmin)
        struct Odd: Error {}
        #expect(StoreError(Odd(), path: Self.path) == .unusable(path: Self.path, detail: "Odd()"))
    }

    @Test(arguments: [
        (Int32(28), StoreError.full(path: path)), (13, .denied(path: path, owner: "root")), (2, .missing(path: path)),
        (5, .unusable(path: path, detail: "call: Input/output error")),
    ])
    func systemErrorsGetAMeaning(number: Int32, meaning: StoreError) {
        #expect(StoreError(SystemFault("call", Self.path, number), path: "/else") == meaning)
    }

    /// Each says what, where, and what to do.
    @Test func texts() {
        let faults: [(StoreError, String)] = [
            (.missing(path: Self.path), "start the agent"), (.exists(path: Self.path), "--force"),
            (.newer(path: Self.path, version: 3, known: 1), "install the newer agent"),
            (.foreign(path: Self.path), "database.path"),
            (.corrupt(path: Self.path, detail: "why"), "putlive-agent restore"),
            (.full(path: Self.path), "free some space"), (.busy(path: Self.path), "try again"),
            (.denied(path: Self.path, owner: "putlive"), "run this as putlive"),
            (.denied(path: Self.path, owner: nil), "run this as the user"),
            (.serving(path: Self.path, process: 7), "process 7"),
            (.serving(path: Self.path, process: nil), "stop it first"),
            (.unusable(path: Self.path, detail: "why"), "why"),
        ]
        for (error, remedy) in faults {
            #expect(error.isFault)
            #expect("\(error)".contains(Self.path))
            #expect("\(error)".contains(remedy))
        }
        let refusals: [StoreError] = [
            .conflict("a user ann"), .notFound("user"), .lastAdmin, .limit("3 users"),
            .invalid(field: "username", message: "must be short"), .cancelled,
        ]
        for error in refusals { #expect(!error.isFault) }
        #expect("\(StoreError.conflict("a user ann"))" == "a user ann exists already")
        #expect("\(StoreError.notFound("user"))" == "there is no such user")
        #expect("\(StoreError.limit("3 users"))" == "too many: at most 3 users")
        #expect("\(StoreError.invalid(field: "username", message: "must be short"))" == "username must be short")
    }

    @Test func owners() {
        #expect(StoreFile.ownerName("/etc/passwd") == "root")
        #expect(StoreFile.ownerName("no/such/path") == nil)
        #expect(StoreFile.folder(of: "/a") == "/")
        #expect(StoreFile.folder(of: "a") == ".")
        #expect(StoreFile.folder(of: "/a/b") == "/a")
    }
}
