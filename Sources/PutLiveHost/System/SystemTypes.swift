/// A user and a group, by name; by number where the host knows no name.
struct Owner: Sendable, Hashable, Codable, CustomStringConvertible {
    var user: String
    var group: String

    init(_ user: String, _ group: String) {
        self.user = user
        self.group = group
    }

    static let root = Owner("root", "root")

    /// `root:putlive`.
    var description: String { "\(user):\(group)" }
}

/// What is at a path.
struct FileEntry: Sendable, Hashable {
    enum Kind: String, Sendable, Codable {
        case file, folder, link, other
    }

    var kind: Kind
    /// The permission bits.
    var mode: UInt16
    var owner: Owner = .root
    /// In bytes.
    var size: Int = 0
    /// Of a link.
    var target: String? = nil
    /// Device, inode, size and time of change of a file in one text: while it is the same, the content is. Empty where the
    /// file system tells none.
    var stamp: String = ""
}

/// How a program ended.
struct ProgramResult: Sendable, Hashable {
    /// 0 for success; 128 and the number for a signal.
    var status: Int32
    /// Output and errors in the order they came, at most 64 KiB.
    var output: String = ""

    var succeeded: Bool { status == 0 }
}

/// What systemd says of a unit; the names are its own.
struct UnitState: Sendable, Hashable {
    /// A unit file is there.
    var isLoaded: Bool = true
    /// Somebody forbade systemd to start it.
    var isMasked: Bool = false
    /// active, inactive, failed, activating, deactivating, reloading, maintenance.
    var active: String = "active"
    /// running, exited, dead, mounted, listening, waiting, …
    var sub: String = "running"
    /// success, exit-code, signal, watchdog, start-limit-hit, …
    var result: String = "success"
    /// The unit file on disk isn't what systemd has read.
    var needsDaemonReload: Bool = false
    /// How often systemd itself restarted it.
    var restarts: Int = 0
    /// systemd is about to start, stop or restart it: at boot a unit waits for what it is ordered after.
    var isQueued: Bool = false

    var isActive: Bool { active == "active" || active == "reloading" || active == "refreshing" }
}

/// The room of a file system, in bytes.
struct Space: Sendable, Hashable {
    var total: Int64
    var free: Int64
}

/// What can be done with a unit.
enum UnitAction: String, Sendable, Codable {
    case start, stop, restart, reload
    /// Forgets a failure, so that the unit may be started again.
    case resetFailed = "reset-failed"
}

/// An answer over HTTP.
struct HTTPAnswer: Sendable, Hashable {
    var status: Int
    /// At most 1 MiB.
    var body: String = ""
}

/// What the host refused: what was tried, where, and what the system said of it.
struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
