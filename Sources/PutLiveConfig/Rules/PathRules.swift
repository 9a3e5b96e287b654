/// Places that a path must not name.
extension Rules {
    static func checkPaths(_ config: Config, _ session: ReadingSession) {
        checkRecordingPath(config, session)
        checkSwapPath(config, session)
        guard config.deployment.role != .local, config.deployment.role != .edge else { return }
        let paths = [
            ("database.path", config.database.path), ("database.backup_path", config.database.backupPath),
            ("streaming.recording_path", config.streaming.recordingPath),
        ]
        for (key, path) in paths {
            if ["/tmp/", "/var/tmp/"].contains(where: { (path + "/").hasPrefix($0) }) {
                session.report(
                    .error, key: key,
                    message: "\(quoted(path)) is in a temporary folder, which services don't share and a boot empties",
                    remedy: "use a folder below /var/lib or /srv")
            }
        }
        // The service may write to the folder of its database, so that must not be the whole system.
        if config.database.path.split(separator: "/").count < 2 {
            session.report(
                .error, key: "database.path",
                message: "\(quoted(config.database.path)) lies at the top of the file system",
                remedy: "give it a folder of its own, such as /var/lib/putlive/database")
        }
        let link = config.streaming.hls.tmpfsPath
        if link.hasPrefix("/run/putlive-hls/") || link == "/run" || link == "/" {
            session.report(
                .error, key: "streaming.hls.tmpfs_path",
                message: "\(quoted(link)) can't be a link to /run/putlive-hls",
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
    private static func checkSwapPath(_ config: Config, _ session: ReadingSession) {
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
