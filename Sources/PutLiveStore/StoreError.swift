import GRDB

/// Why the store refuses. Its text says what, where and what to do; none holds a secret.
public enum StoreError: Error, Sendable, Equatable {
    // The request can't be carried out; the database is fine.

    /// What must be unique exists already; the text says what.
    case conflict(String)
    /// What was asked for isn't there; the text says what.
    case notFound(String)
    /// The last enabled admin would be gone.
    case lastAdmin
    /// There are as many as there may be; the text says of what.
    case limit(String)
    /// A value that the store doesn't take.
    case invalid(field: String, message: String)
    /// The task was cancelled; nothing was changed.
    case cancelled

    // The database can't be used.

    /// There is no such file.
    case missing(path: String)
    /// There is one already, and it isn't to be overwritten.
    case exists(path: String)
    /// Made by an agent newer than this one.
    case newer(path: String, version: Int, known: Int)
    /// A database, but of another program.
    case foreign(path: String)
    /// Damaged, or no database at all.
    case corrupt(path: String, detail: String)
    /// The disk is full.
    case full(path: String)
    /// Another connection holds it for longer than the store waits.
    case busy(path: String)
    /// This process may not read or write it; `owner` is the user whose file it is.
    case denied(path: String, owner: String?)
    /// An agent is serving it; `process` is its number where it is known.
    case serving(path: String, process: Int?)
    /// Anything else; `detail` is SQLite's or the system's word.
    case unusable(path: String, detail: String)

    /// Whether the database is at fault, not the request.
    public var isFault: Bool {
        switch self {
        case .conflict, .notFound, .lastAdmin, .limit, .invalid, .cancelled: false
        default: true
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .conflict(let what): "\(what) exists already"
        case .notFound(let what): "there is no such \(what)"
        case .lastAdmin: "this is the last enabled admin: make another one first"
        case .limit(let what): "too many: at most \(what)"
        case .invalid(let field, let message): "\(field) \(message)"
        case .cancelled: "cancelled before it was done; nothing was changed"
        case .missing(let path):
            """
            \(path) doesn't exist: start the agent once, add a user with `putlive-agent user add`, or correct \
            database.path in the config
            """
        case .exists(let path):
            "\(path) exists: add --force to replace it; the old one is kept beside it under another name"
        case .newer(let path, let version, let known):
            """
            \(path) is of version \(version), and this agent knows versions up to \(known): install the newer agent, \
            or restore an older backup with `putlive-agent restore FILE --force`
            """
        case .foreign(let path):
            "\(path) is a database of another program: correct database.path in the config, or move that file away"
        case .corrupt(let path, let detail):
            "\(path) is damaged (\(detail)): restore a good backup with `putlive-agent restore FILE --force`"
        case .full(let path): "\(path) can't grow, the disk is full: free some space; what was stored before is intact"
        case .busy(let path):
            "\(path) is locked by another program, such as a backup or a shell of sqlite3: try again when it is done"
        case .denied(let path, let owner):
            "\(path) can't be read and written by this user: "
                + (owner.map { "run this as \($0), whose file it is" }
                    ?? "run this as the user of the agent, or as root")
        case .serving(let path, let process):
            "\(path) is in use by an agent that serves" + (process.map { " (process \($0))" } ?? "")
                + ": stop it first, with `systemctl stop putlive-agent` where it is a service"
        case .unusable(let path, let detail): "\(path) can't be used: \(detail)"
        }
    }
}

extension StoreError {
    /// What an error of SQLite or GRDB means for the database at `path`.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as SystemFault: self = error.storeError
        case is CancellationError: self = .cancelled
        case let error as DatabaseError: self = Self.meaning(of: error, path: path)
        default: self = .unusable(path: path, detail: "\(error)")
        }
    }

    private static func meaning(of error: DatabaseError, path: String) -> StoreError {
        let detail = error.message ?? "no message"
        switch error.extendedResultCode {
        // The shared-memory file couldn't grow.
        case .SQLITE_IOERR_SHMSIZE: return .full(path: path)
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: return .conflict("an entry with this name or id")
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return .notFound("user or video")
        default: break
        }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: return .invalid(field: "a value", message: "breaks a rule of the database: \(detail)")
        case .SQLITE_FULL: return .full(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: return .busy(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .corrupt(path: path, detail: detail)
        case .SQLITE_INTERRUPT: return .cancelled
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return .denied(path: path, owner: StoreFile.ownerName(path))
        case .SQLITE_CANTOPEN:
            // Files beside it are made by the first use, so its folder counts, too.
            let usable = StoreFile.isAccessible(path) && StoreFile.isAccessible(StoreFile.folder(of: path))
            return usable
                ? .unusable(path: path, detail: detail) : .denied(path: path, owner: StoreFile.ownerName(path))
        default: return .unusable(path: path, detail: "\(detail) (SQLite's code \(error.extendedResultCode.rawValue))")
        }
    }
}
