import PutLiveConfig

/// Users, folders, kernel settings, logs, bans and certificates.
extension Catalog {
    static let operations: [Artifact] = [
        Artifact(
            "/etc/sysusers.d/putlive.conf", name: "sysusers.conf", .tmpfiles, roles: .hosts,
            onChange: .apply("systemd-sysusers"), check: .sysusers, view: Views.operations, "Users and groups."),
        Artifact(
            "/etc/tmpfiles.d/putlive.conf", name: "tmpfiles.conf", .tmpfiles, roles: .hosts,
            onChange: .apply("systemd-tmpfiles"), check: .tmpfiles, view: Views.operations, "Folders with their modes."),
        Artifact(
            "/etc/sysctl.d/60-putlive.conf", name: "sysctl.conf", .tmpfiles, roles: .hosts,
            onChange: .apply("systemd-sysctl"), check: .sysctl, view: Views.operations, "Kernel settings."),
        Artifact(
            "/usr/local/libexec/putlive/swapfile", name: "swapfile",
            template: "templates/usr/local/libexec/putlive/swapfile",
            .shell, mode: 0o755, roles: .hosts, when: \.reliability.swap.enabled, check: .shell, view: Views.operations,
            "Makes a swap file of a size."),
        Artifact(
            "/etc/logrotate.d/putlive", name: "logrotate.conf", .logrotate, roles: .hosts,
            when: \.reliability.logRotation.enabled, check: .logrotate, view: Views.operations,
            "Rotation of the logs in /var/log/putlive."),
        Artifact(
            "/etc/fail2ban/jail.d/putlive.local", name: "fail2ban-jails.local", .ini, roles: .hosts,
            when: \.security.fail2ban.enabled, onChange: .reload(["fail2ban.service"]), check: .fail2ban,
            view: Views.operations, "Who is banned for what, and for how long."),
        Artifact(
            "/etc/fail2ban/filter.d/putlive-login.conf", .ini, roles: .streaming, when: \.security.fail2ban.enabled,
            onChange: .reload(["fail2ban.service"]), check: .fail2ban, view: Views.operations, "Failed logins."),
        Artifact(
            "/etc/fail2ban/filter.d/putlive-stream-key.conf", .ini, roles: .streaming,
            when: \.security.fail2ban.enabled, onChange: .reload(["fail2ban.service"]), check: .fail2ban,
            view: Views.operations, "Rejected stream keys."),
        Artifact(
            "/etc/letsencrypt/renewal-hooks/deploy/putlive", name: "certbot-hook",
            template: "templates/etc/letsencrypt/renewal-hooks/deploy/putlive", .shell, mode: 0o755, roles: .hosts,
            when: \.server.httpsEnabled, check: .shell, view: Views.operations, "nginx takes a renewed certificate."),
    ]
}
