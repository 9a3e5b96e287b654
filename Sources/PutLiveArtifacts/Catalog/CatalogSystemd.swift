import PutLiveConfig

/// systemd's units and drop-ins.
extension Catalog {
    static let systemd: [Artifact] = [
        unit(
            "srs.service", roles: .streaming, when: \.runsSRS, restarted: true, "SRS."),
        unit("putlive-agent.service", roles: .streaming, restarted: true, "The agent: API, pages, WebRTC."),
        unit("putlive-access.socket", roles: .streaming, restarted: true, "The socket that nginx logs HLS requests to."),
        unit("putlive-reconcile.service", roles: .hosts, "Makes the host true to config.yaml, as root, once."),
        unit("putlive-reconcile.path", roles: .hosts, restarted: true, "Reconciles when config.yaml changes."),
        unit("putlive-reconcile.timer", roles: .hosts, restarted: true, "Reconciles from time to time."),
        unit("putlive-backup.service", roles: .streaming, when: \.database.backupEnabled, "Backs up the database."),
        unit(
            "putlive-backup.timer", roles: .streaming, when: \.database.backupEnabled, restarted: true,
            "When backups are made."),
        unit("putlive-ffmpeg-cleanup.service", roles: .streaming, when: \.cleansUpFFmpeg, "Ends orphaned transcoders."),
        unit(
            "putlive-ffmpeg-cleanup.timer", roles: .streaming, when: \.cleansUpFFmpeg, restarted: true,
            "When orphaned transcoders are looked for."),
        unit("run-putlive\\x2dhls.mount", roles: .streaming, restarted: true, "The memory file system of HLS."),
        unit("putlive-swapfile.service", roles: .hosts, when: \.reliability.swap.enabled, "Makes the swap file."),
        swap,
        unit("nginx.service.d/putlive.conf", name: "nginx-dropin.conf", roles: .hosts, "nginx is restarted and has room."),
        unit(
            "logrotate.timer.d/putlive.conf", name: "logrotate-timer.conf", roles: .hosts,
            when: \.reliability.logRotation.enabled, "How often logs are looked at."),
        Artifact(
            "/etc/systemd/journald.conf.d/putlive.conf", name: "journald.conf", .ini, roles: .hosts,
            onChange: .restart("systemd-journald.service"), check: .none, view: Views.systemd,
            "Size and age of the journal."),
    ]

    private static func unit(
        _ file: String, name: String? = nil, roles: Set<Deployment.Role>,
        when condition: @escaping @Sendable (Config) -> Bool = { _ in true }, restarted: Bool = false, _ purpose: String
    ) -> Artifact {
        let isDropIn = file.contains("/")
        let service = isDropIn ? nil : file
        return Artifact(
            "/etc/systemd/system/\(file)", name: name, .systemd, roles: roles, when: condition,
            onChange: .daemonReload(restart: restarted ? service : nil), check: .systemd, view: Views.systemd, purpose)
    }

    /// A swap unit must bear its file's path as its name.
    private static let swap: Artifact = {
        var artifact = unit(
            "putlive.swap", name: "swapfile.swap", roles: .hosts, when: \.reliability.swap.enabled, restarted: true,
            "The swap file in use.")
        artifact.path = { "/etc/systemd/system/\(Views.swapUnit($0))" }
        artifact.onChange = .daemonReload(restart: nil)
        return artifact
    }()
}

extension Config {
    /// Whether SRS runs on the host.
    var runsSRS: Bool { streaming.engine == .srs }

    /// SRS alone starts ffmpeg.
    var cleansUpFFmpeg: Bool { runsSRS && reliability.ffmpegCleanup.enabled }
}
