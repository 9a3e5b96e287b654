/// Places of a host that aren't a config's to give away.
enum SystemPlaces {
    private static let temporary = ["/tmp", "/var/tmp"]
    /// What the system keeps for itself, with everything below.
    private static let closed = [
        "/bin", "/boot", "/dev", "/efi", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/lost+found", "/proc", "/run",
        "/sbin", "/snap", "/sys", "/usr", "/var/lib/apt", "/var/lib/dbus", "/var/lib/dpkg", "/var/lib/fail2ban",
        "/var/lib/grafana", "/var/lib/nginx", "/var/lib/private", "/var/lib/prometheus", "/var/lib/putlive-reconcile",
        "/var/lib/snapd", "/var/lib/systemd", "/var/lock", "/var/log", "/var/run",
    ]
    /// Folders that hold those of many: one below may be had, the folder itself not.
    private static let shared = [
        "/home", "/media", "/mnt", "/opt", "/srv", "/var", "/var/backups", "/var/cache", "/var/lib", "/var/local",
        "/var/mail", "/var/opt", "/var/spool", "/var/www",
    ]
    /// What PutLive keeps apart from what the config names.
    private static let taken = [
        ("/var/lib/putlive/videos", "uploads"), ("/var/lib/putlive/acme", "answers for certificates"),
    ]
    /// What others keep in /run.
    private static let runtime = [
        "credentials", "dbus", "initctl", "lock", "log", "mount", "network", "nginx.pid", "shm", "srs", "sshd",
        "sshd.pid", "sudo", "systemd", "tmpfiles.d", "udev", "user", "utmp",
    ].map { "/run/" + $0 }

    /// Why nothing of PutLive's can be at `path`, to be read after it; nil where it can.
    static func problem(of path: String) -> String? {
        if temporary.contains(where: { isPath(path, in: $0) }) {
            return "is in a temporary folder, which services don't share and a boot empties"
        }
        if isPath(path, in: "/root") { return "is in /root, where no service can look" }
        if let place = closed.first(where: { isPath(path, in: $0) }) {
            return place == path ? "is the system's own" : "is in \(place), which is the system's own"
        }
        if shared.contains(path) { return "is shared by others" }
        if path == "/var/lib/putlive" { return "holds all of PutLive's data" }
        if let (place, content) = taken.first(where: { isPath(path, in: $0.0) }) {
            return place == path ? "holds PutLive's \(content)" : "is in \(place), which holds PutLive's \(content)"
        }
        return nil
    }

    /// Why there can't be a link to the memory file system at `path`, to be read after it; nil where there can.
    static func linkProblem(of path: String) -> String? {
        let mount = "/run/putlive-hls"
        if path == mount || isPath(path, under: "/dev/shm") { return nil }
        if isPath(path, in: mount) { return "can't be a link to \(mount)" }
        if isPath(path, under: "/run") {
            let owned = runtime.contains { isPath(path, in: $0) } || path.utf8.starts(with: "/run/putlive-".utf8)
            return owned ? "is in use by another program" : nil
        }
        if let problem = problem(of: path) { return problem }
        let isGood = ["/srv", "/var/lib"].contains { isPath(path, under: $0) }
        return isGood ? nil : "is no place for a link to the memory file system"
    }
}

/// Whether `path` is `place` or lies below it. By bytes, as the kernel reads it: to `String` a slash with a combining
/// mark behind it is no slash.
func isPath(_ path: String, in place: String) -> Bool {
    let rest = path.utf8.dropFirst(place.utf8.count)
    return path.utf8.starts(with: place.utf8) && (rest.isEmpty || rest.first == UInt8(ascii: "/"))
}

/// Whether `path` lies below `place`.
func isPath(_ path: String, under place: String) -> Bool {
    isPath(path, in: place) && path.utf8.count > place.utf8.count
}

/// The folder of the file at an absolute path.
func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
    return String(decoding: path.utf8[..<slash], as: UTF8.self)
}
