import PutLiveConfig

/// systemd's units and drop-ins.
extension Catalog {
    static let systemd: [Artifact] = [
        unit("srs.service", roles: .streaming, when: \.runsSRS, .restart, "SRS."),
        unit("putlive-agent.service", roles: .streaming, .restart, "The agent: API, pages, WebRTC."),
        socket,
        unit(
            "putlive-reconcile.service", roles: .hosts, .nothing, "Makes the host true to config.yaml, as root, once."),
        unit("putlive-reconcile.path", roles: .hosts, .restart, "Reconciles when config.yaml changes."),
        unit("putlive-reconcile.timer", roles: .hosts, .restart, "Reconciles from time to time."),
        unit(
            "putlive-backup.service", roles: .streaming, when: \.database.backupEnabled, .nothing,
            "Backs up the database."),
        unit(
            "putlive-backup.timer", roles: .streaming, when: \.database.backupEnabled, .restart,
            "When backups are made."),
        unit(
            "putlive-ffmpeg-cleanup.service", roles: .streaming, when: \.cleansUpFFmpeg, .nothing,
            "Ends orphaned transcoders."),
        unit(
            "putlive-ffmpeg-cleanup.timer", roles: .streaming, when: \.cleansUpFFmpeg, .restart,
            "When orphaned transcoders are looked for."),
        // A reload mounts anew with the other size and keeps what is in it.
        unit("run-putlive\\x2dhls.mount", roles: .streaming, .reload, "The memory file system of HLS."),
        unit(
            "putlive-swapfile.service", roles: .hosts, when: \.reliability.swap.enabled, .nothing,
            "Makes the swap file."),
        swap,
        dropIn("nginx.service", name: "nginx-dropin.conf", "nginx is restarted and has room."),
        dropIn(
            "logrotate.timer", name: "logrotate-timer.conf", when: \.reliability.logRotation.enabled,
            "How often logs are looked at."),
        dropIn(
            "grafana-server.service", name: "grafana-dropin.conf", when: \.monitoring.hasDashboards,
            "Grafana's address: the loopback, and a port of its own."),
        Artifact(
            "/etc/systemd/journald.conf.d/putlive.conf", name: "journald.conf", .ini, roles: .hosts,
            onChange: .restart(["systemd-journald.service"]), check: .none, view: Views.systemd,
            "Size and age of the journal."),
    ]

    /// What a changed unit file needs beyond a daemon-reload.
    private enum Then {
        case nothing, restart, reload
    }

    private static func unit(
        _ file: String, roles: Set<Deployment.Role>,
        when condition: @escaping @Sendable (Config) -> Bool = { _ in true }, _ then: Then, _ purpose: String
    ) -> Artifact {
        Artifact(
            "/etc/systemd/system/\(file)", .systemd, roles: roles, when: condition,
            onChange: .daemonReload(
                restart: then == .restart ? [file] : [], reload: then == .reload ? [file] : []),
            check: .systemd, view: Views.systemd, purpose)
    }

    private static func dropIn(
        _ unit: String, name: String, when condition: @escaping @Sendable (Config) -> Bool = { _ in true },
        _ purpose: String
    ) -> Artifact {
        Artifact(
            "/etc/systemd/system/\(unit).d/putlive.conf", name: name, .systemd, roles: .hosts, when: condition,
            onChange: .daemonReload(restart: [unit], reload: []), check: .systemd, view: Views.systemd, purpose)
    }

    /// A socket can't be opened anew under the service that holds it: both are restarted together.
    private static let socket: Artifact = {
        var artifact = unit(
            "putlive-access.socket", roles: .streaming, .restart, "The socket that nginx logs HLS requests to.")
        artifact.onChange = .daemonReload(restart: ["putlive-access.socket", "putlive-agent.service"], reload: [])
        return artifact
    }()

    /// A swap unit must bear its file's path as its name.
    private static let swap: Artifact = {
        var artifact = unit(
            "putlive.swap", roles: .hosts, when: \.reliability.swap.enabled, .nothing, "The swap file in use.")
        artifact.path = { "/etc/systemd/system/\(Views.swapUnit($0))" }
        return artifact
    }()
}

extension Config {
    /// Whether SRS runs on the host.
    var runsSRS: Bool { streaming.engine == .srs }

    /// SRS alone starts ffmpeg.
    var cleansUpFFmpeg: Bool { runsSRS && reliability.ffmpegCleanup.enabled }
}
