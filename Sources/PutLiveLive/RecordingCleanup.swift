import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Removes recordings when they are old enough, of both engines: `<stream>-<time>.mp4` in the folder itself, and SRS's
/// `live/<stream>/<date>_<time>.flv`. Anything of another name, and anything that isn't a plain file, is left alone;
/// links in the folder are never followed. An age is counted from when a recording was written to last. One whose writer
/// was killed before there was anything to see in it goes at once.
public final class RecordingCleanup: Sendable {
    /// What one pass came to.
    struct Report: Sendable, Equatable {
        var removed = 0
        var removedBytes: Int64 = 0
        /// The first thing that couldn't be done.
        var failure: FolderFailure?
    }

    private let path: String
    private let live: LiveState
    private let logger: Logger
    private let clock: @Sendable () -> UnixMilliseconds
    private let seconds: Mutex<Int64>
    private let madeAt: UnixMilliseconds
    /// Nobody writes a head for so long, in milliseconds.
    private static let headTime: UnixMilliseconds = 60_000
    /// Entries looked at in one pass; the next one goes on, for what was removed isn't in the way any more.
    private static let mostEntries = 100_000

    /// Of the folder `path`, which needn't be there. A recording is kept for `retention`, in seconds.
    public init(
        path: String, retention: Int64, live: LiveState, logger: Logger,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        self.path = path
        self.live = live
        self.logger = logger
        self.clock = clock
        seconds = Mutex(retention)
        madeAt = clock()
    }

    /// How long a recording is kept, in seconds.
    public var retention: Int64 {
        get { seconds.withLock { $0 } }
        set { seconds.withLock { $0 = newValue } }
    }

    /// One pass. It waits for the disk, so not on an event loop.
    public func run() {
        let report = clean()
        if report.removed > 0 {
            logger.info(
                "recordings_removed",
                metadata: ["files": "\(report.removed)", "bytes": "\(report.removedBytes)"])
        }
        if let failure = report.failure {
            logger.error("recordings_not_removed", metadata: ["reason": "\(failure)"])
        }
    }

    func clean() -> Report {
        var pass = Pass(
            before: clock() - retention * 1000, headsBefore: max(madeAt, clock() - Self.headTime),
            onAir: live.broadcasts().mapValues(\.startedAt), entriesLeft: Self.mostEntries)
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            if errno != ENOENT { pass.report.failure = FolderFailure(path, "can't be opened") }
            return pass.report
        }
        defer { close(folder) }
        pass.each(in: folder, path) { pass, name in
            if let recording = RecordingName(embedded: name) {
                pass.consider(name, recording, in: folder, path)
            } else if name == "live" {
                pass.inside(folder, name, path) { pass, live, path in
                    pass.each(in: live, path) { pass, name in
                        guard let stream = StreamName(name) else { return }
                        pass.inside(live, name, path) { $0.srs(stream, in: $1, $2) }
                    }
                }
            }
        }
        return pass.report
    }
}

/// One pass over the folder.
private struct Pass {
    /// What was written to last at this time or later stays.
    let before: UnixMilliseconds
    /// What was written to last before this, by an agent before this one or for one that is off air, gets no more.
    let headsBefore: UnixMilliseconds
    /// Since when.
    let onAir: [StreamName: UnixMilliseconds]
    var entriesLeft: Int
    var report = RecordingCleanup.Report()

    /// SRS's recordings of one stream.
    mutating func srs(_ stream: StreamName, in folder: Int32, _ path: String) {
        each(in: folder, path) { pass, name in
            guard let recording = RecordingName(srs: name, of: stream) else { return }
            pass.consider(name, recording, in: folder, path)
        }
    }

    /// Removes a recording if its time has come.
    mutating func consider(_ name: String, _ recording: RecordingName, in folder: Int32, _ path: String) {
        var status = stat()
        guard !isBeingWritten(recording), fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { return }
        #if canImport(Glibc)
            let seconds = status.st_mtim.tv_sec
        #else
            let seconds = status.st_mtimespec.tv_sec
        #endif
        let written = UnixMilliseconds(seconds) * 1000
        guard
            written < before || written < headsBefore && RecordingHead.isAll(of: name, in: folder, size: status.st_size)
        else { return }
        guard unlinkat(folder, name, 0) == 0 else {
            if errno != ENOENT { fail("\(path)/\(name)", "can't be removed") }
            return
        }
        report.removed += 1
        report.removedBytes += Int64(status.st_size)
    }

    /// Its age would keep it as well, but for a clock that was put on by days.
    private func isBeingWritten(_ recording: RecordingName) -> Bool {
        guard let since = onAir[recording.stream] else { return false }
        return recording.isUnfinished || recording.startedAt.map { $0 >= since } ?? false
    }

    /// Opens a folder in `folder`; a link isn't one.
    mutating func inside(
        _ folder: Int32, _ name: String, _ path: String, _ body: (inout Pass, Int32, String) -> Void
    ) {
        let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else {
            // Something else of that name is none of ours.
            if ![ENOENT, ENOTDIR, ELOOP].contains(errno) { fail("\(path)/\(name)", "can't be opened") }
            return
        }
        defer { close(inner) }
        body(&self, inner, "\(path)/\(name)")
    }

    /// Calls `body` with the name of each entry.
    mutating func each(in folder: Int32, _ path: String, _ body: (inout Pass, String) -> Void) {
        // The stream of entries takes its descriptor with it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let entries = fdopendir(copy) else {
            fail(path, "can't be listed")
            if copy >= 0 { close(copy) }
            return
        }
        defer { closedir(entries) }
        while entriesLeft > 0, let entry = readdir(entries) {
            entriesLeft -= 1
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            body(&self, name)
        }
    }

    private mutating func fail(_ path: String, _ what: String) {
        if report.failure == nil { report.failure = FolderFailure(path, what) }
    }
}
