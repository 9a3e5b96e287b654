/// Places that a path must not name.
extension Rules {
    static func checkPaths(_ config: Config, _ session: ReadingSession) {
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
}
