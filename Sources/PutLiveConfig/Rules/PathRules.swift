/// Places that a path must not name, and paths that get into each other's way.
extension Rules {
    /// A path of the config's, as what the host makes of it.
    private struct Place {
        var key: String
        /// The key's value.
        var value: String
        /// The folder, link or file that is made: for the database its folder.
        var path: String
        /// What it is, with its article.
        var name: String
        /// A good path.
        var example: String
        /// Whether SRS writes to it as well, so that its mode is another.
        var isShared = false
    }

    static func checkPaths(_ config: Config, _ session: ReadingSession) {
        checkRecordingPath(config, session)
        checkSwapName(config, session)
        guard config.deployment.role != .local else { return }
        // An edge keeps nothing.
        let folders = config.deployment.role == .edge ? [] : folders(of: config)
        for place in folders { checkFolder(place, session) }
        for (index, second) in folders.enumerated() {
            for first in folders[..<index] { checkOverlap(first, second, session) }
        }
        let swap = config.reliability.swap
        var others = folders
        if swap.enabled {
            let file = Place(
                key: "reliability.swap.path", value: swap.path, path: swap.path, name: "the swap file",
                example: "/swapfile")
            if let problem = SystemPlaces.problem(of: swap.path) {
                session.report(
                    .error, key: file.key, message: "\(quoted(swap.path)) \(problem)",
                    remedy: "give it a place of its own, such as \(file.example)")
            }
            for folder in folders { checkOverlap(folder, file, session) }
            others.append(file)
        }
        if config.deployment.role != .edge { checkLink(config.streaming.hls.tmpfsPath, beside: others, session) }
    }

    private static func folders(of config: Config) -> [Place] {
        let database = config.database
        let recordings = config.streaming.recordingPath
        return [
            Place(
                key: "database.path", value: database.path, path: folder(of: database.path),
                name: "the database's folder", example: "/var/lib/putlive/database"),
            Place(
                key: "database.backup_path", value: database.backupPath, path: database.backupPath,
                name: "the backups' folder", example: "/var/lib/putlive/backups"),
            Place(
                key: "streaming.recording_path", value: recordings, path: recordings, name: "the recordings' folder",
                example: "/var/lib/putlive/recordings", isShared: true),
        ]
    }

    /// A service may write to its folders, and where they are new they become its own.
    private static func checkFolder(_ place: Place, _ session: ReadingSession) {
        let remedy = "give it a folder of its own, such as \(place.example)"
        if place.path == "/" {
            session.report(
                .error, key: place.key, message: "\(quoted(place.value)) lies at the top of the file system",
                remedy: remedy)
        } else if let problem = SystemPlaces.problem(of: place.path) {
            let isFolderTold = place.path == place.value || problem.hasPrefix("is in")
            session.report(
                .error, key: place.key,
                message: "\(quoted(place.value)) \(isFolderTold ? "" : "is in \(place.path), which ")\(problem)",
                remedy: remedy)
        }
    }

    /// `second` is a folder or the swap file. Of folders only those of one mode may hold each other.
    private static func checkOverlap(_ first: Place, _ second: Place, _ session: ReadingSession) {
        let isFile = second.key == "reliability.swap.path"
        // Of two keys the one to change is that which the file sets.
        let isFirstToChange = session.isGiven(first.key) && !session.isGiven(second.key)
        let (subject, other) = isFirstToChange ? (first, second) : (second, first)
        let relation: String
        if first.path.utf8.elementsEqual(second.path.utf8) {
            relation = "is"
        } else if !isFile && first.isShared == second.isShared {
            return
        } else if isPath(subject.path, in: other.path) {
            relation = "is inside"
        } else if isPath(other.path, in: subject.path) {
            relation = "holds"
        } else {
            return
        }
        let own = subject.path == subject.value ? quoted(subject.path) : "its folder \(quoted(subject.path))"
        session.report(
            .error, key: subject.key, with: other.key,
            message: "\(own) \(relation) \(other.name), \(quoted(other.path)) (\(other.key))",
            remedy: "keep the two apart: use \(subject.example), say, or a place beside the other")
    }

    private static func checkLink(_ path: String, beside others: [Place], _ session: ReadingSession) {
        let key = "streaming.hls.tmpfs_path"
        if let problem = SystemPlaces.linkProblem(of: path) {
            session.report(
                .error, key: key, message: "\(quoted(path)) \(problem)",
                remedy: "use /dev/shm/srs, or /run/putlive-hls itself")
        }
        for place in others where isPath(path, in: place.path) || isPath(place.path, in: path) {
            session.report(
                .error, key: key, with: place.key,
                message: "\(quoted(path)) becomes a link, and can't be in or above \(place.name) (\(place.key))",
                remedy: "use /dev/shm/srs, or /run/putlive-hls itself")
        }
    }

    /// SRS replaces `[app]`, `[2006]` and more of the kind wherever they stand in the path, and has no escape for them.
    private static func checkRecordingPath(_ config: Config, _ session: ReadingSession) {
        let streaming = config.streaming
        guard streaming.enableRecording, streaming.engine == .srs, config.deployment.role != .edge else { return }
        if streaming.recordingPath.utf8.contains(UInt8(ascii: "[")) {
            session.report(
                .error, key: "streaming.recording_path",
                message: "\(quoted(streaming.recordingPath)) holds a [, with which SRS begins a name, such as [app]",
                remedy: "choose a path without brackets")
        }
    }

    /// The swap unit is a file that bears the path as its name, in which most bytes but letters and digits become `\xNN`.
    private static func checkSwapName(_ config: Config, _ session: ReadingSession) {
        let swap = config.reliability.swap
        guard swap.enabled, config.deployment.role != .local else { return }
        let kept = swap.path.utf8.count {
            isAlphanumeric($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        }
        if kept + (swap.path.utf8.count - kept) * 4 + ".swap".utf8.count > 255 {
            session.report(
                .error, key: "reliability.swap.path", message: "is too long to name systemd's unit after",
                remedy: "choose a shorter path, such as /swapfile")
        }
    }
}
