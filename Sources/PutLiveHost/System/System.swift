/// A host as the reconciler sees it: its files, its programs, its services. What reconciling does is written once, against
/// this; `--check`, `--apply` and the tests differ in the system alone.
///
/// Paths are absolute, as on the host. A link at the end of a path is never followed.
protocol System: AnyObject {
    /// Whether the host runs: false for an image below `--root`, which has files and nothing else.
    var isLive: Bool { get }
    /// Whether what is written is kept: false for `--check`, which only notes what would be done.
    var isWritable: Bool { get }

    // Files, read

    /// What is at `path` itself; nil when there is nothing.
    func entry(at path: String) throws(SystemError) -> FileEntry?
    /// The content of a regular file of at most `limit` bytes. Files of /proc, whose size is told as 0, are read as well.
    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8]
    /// The first bytes of a regular file, at most `count`.
    func head(of path: String, count: Int) throws(SystemError) -> [UInt8]
    /// The names in a folder, sorted, without `.` and `..`; empty where there is no folder.
    func names(in folder: String) throws(SystemError) -> [String]

    /// The room of the file system that `path` is on; nil where that isn't known.
    func space(at path: String) -> Space?

    // Files, changed

    /// Writes a regular file as a whole: beside its place, synced, renamed into it, the folder synced. Folders above it
    /// that are missing are made, 0755 root:root.
    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError)
    /// Puts a symbolic link at `path`, in one step with the removal of a file or link that was there.
    func link(_ path: String, to target: String) throws(SystemError)
    /// Makes a folder with those above it; one that is there gets the mode and owner.
    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError)
    func setMode(_ mode: UInt16, of path: String) throws(SystemError)
    func setOwner(_ owner: Owner, of path: String) throws(SystemError)
    /// Removes a file or a link; nothing there is fine. The folder is synced.
    func remove(_ path: String) throws(SystemError)
    /// Removes a folder if it is empty and there.
    func removeEmptyFolder(_ path: String) throws(SystemError)

    // Programs and services

    /// Whether a program of that name is installed.
    func hasProgram(_ name: String) -> Bool
    /// Runs a program to its end, without a shell; one that takes longer than `limit` is killed, which is a failure.
    /// It changes the host: a system that isn't writable only notes it.
    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult
    /// The state of units, asked for at once. A unit that systemd doesn't know has `isLoaded` false.
    func units(_ names: [String]) throws(SystemError) -> [String: UnitState]
    /// Starts, stops, restarts or reloads a unit and waits until that is done.
    func act(_ action: UnitAction, on unit: String) throws(SystemError)
    /// Has systemd read its units again.
    func reloadUnits() throws(SystemError)
    /// Asks an HTTP server of this host on 127.0.0.1; nil when it doesn't answer within `limit`.
    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer?

    // Time

    /// Seconds since 1970.
    var now: Double { get }
    func sleep(_ duration: Duration)
}

extension System {
    /// More than any artifact has.
    static var artifactLimit: Int { 8 << 20 }

    /// The content of a file of an artifact's size.
    func read(_ path: String) throws(SystemError) -> [UInt8] { try read(path, limit: Self.artifactLimit) }

    /// The text of a small file, or nil when it isn't there or can't be read: for what the kernel tells.
    func text(of path: String) -> String? {
        guard let bytes = try? read(path, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the host is a container, whose kernel is another's: swap and most sysctls aren't its own.
    var isContainer: Bool { ((try? entry(at: "/run/systemd/container")) ?? nil) != nil }
}
