#if canImport(Glibc)
    import Glibc
#endif

/// The host that this runs on, or an image of one below a folder.
final class RealSystem: System {
    let isLive: Bool
    var isWritable: Bool { true }

    let walk: PathWalk
    let programs: ProgramRunner
    let manager: String
    /// Paths whose owner wasn't set, by the reason. Only an image has any.
    var unowned: [String: [String]] = [:]
    /// Read when first needed.
    private var cachedAccounts: Accounts?

    /// - Parameters:
    ///   - root: An image's folder; empty for the host itself.
    ///   - isLive: Whether programs and services are there; unsaid: for the host itself.
    ///   - searchPath: Where programs are looked for, in this order.
    ///   - manager: systemd's socket; where it can't be used, systemctl is.
    init(
        root: String = "", isLive: Bool? = nil, searchPath: [String] = ProgramRunner.systemFolders,
        manager: String = SystemdManager.socketPath
    ) {
        walk = PathWalk(root: root)
        self.manager = manager
        self.isLive = isLive ?? root.isEmpty
        programs = ProgramRunner(folders: searchPath)
    }

    /// What couldn't be done to an image, for a person.
    var notes: [String] {
        unowned.keys.sorted().map { reason in
            "\(reason), so these keep the owner they have: \((unowned[reason] ?? []).joined(separator: ", "))"
        }
    }

    var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func sleep(_ duration: Duration) {
        let deadline = ContinuousClock.now + duration
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return }
            let (seconds, attoseconds) = left.components
            var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            // After a signal, what is left is slept as well.
            if nanosleep(&time, nil) == 0 { return }
        }
    }

    // MARK: Accounts

    var accounts: Accounts {
        if let cachedAccounts { return cachedAccounts }
        let accounts = Accounts(
            passwd: (try? read("/etc/passwd", limit: 4 << 20)) ?? [],
            group: (try? read("/etc/group", limit: 4 << 20)) ?? [])
        cachedAccounts = accounts
        return accounts
    }

    /// Programs and writes may change the users and groups.
    func forgetAccounts() { cachedAccounts = nil }
}
