/// Reloads nginx and finds out whether it took its new configuration. `systemctl reload` succeeds either way: where a port is
/// taken, nginx logs that, goes on with the old configuration, and can't start the next time.
///
/// A reload that succeeds starts new workers (ngx_master_process_cycle); one that fails starts none.
struct NginxReload {
    /// The processes of nginx, one a line.
    static let processes = "/sys/fs/cgroup/system.slice/nginx.service/cgroup.procs"

    private let system: any System

    init(_ system: any System) {
        self.system = system
    }

    /// - Throws: When no new worker came: nginx tries to open a port for two and a half seconds.
    func run(limit: Duration = .seconds(10)) throws(SystemError) {
        let before = workers
        try system.act(.reload, on: SystemUnits.nginx)
        // A system without control groups doesn't tell.
        guard system.isLive, system.isWritable, let before else { return }
        var polling = Polling(system, limit: limit)
        repeat {
            guard let now = workers, now.isSubset(of: before) else { return }
        } while polling.next()
        throw SystemError(
            "nginx.service didn't take its new configuration: a port may be taken; see journalctl -u nginx.service "
                + "and its error log")
    }

    private var workers: Set<Substring>? {
        system.text(of: Self.processes).map { Set($0.split(separator: "\n")) }
    }
}
