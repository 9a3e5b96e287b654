/// The units that PutLive has to do with: what is known of them beyond their files.
enum SystemUnits {
    /// Where PutLive's own units and all enablement links are.
    static let folder = "/etc/systemd/system"
    static let agent = "putlive-agent.service"
    static let srs = "srs.service"
    static let nginx = "nginx.service"
    static let accessSocket = "putlive-access.socket"

    /// Those whose restart ends broadcasts: SRS carries RTMP's, the agent browsers', and the agent goes down with its
    /// socket.
    static let carryingBroadcasts: Set<String> = [srs, agent, accessSocket]

    /// A socket can't be opened anew under the service that holds it.
    static let holders = [accessSocket: agent]

    /// What a change of the config changes together: a part of it that waits has the others wait, or they would disagree on
    /// ports, secrets and folders.
    static let companions = [srs, agent, accessSocket, nginx, "run-putlive\\x2dhls.mount"]

    /// A unit of another package.
    struct Packaged {
        /// Debian's package, or the vendor's where Debian has none.
        var package: String
        /// Whether streams can't do without it.
        var isRequired = false
        /// The unit file that an enablement link leads to.
        var file: String
        /// The target that starts it; nil for one that isn't enabled by a link in /etc.
        var wantedBy: String? = "multi-user.target"
        /// Whether it runs for the config alone: once that doesn't ask for it any more, it is stopped and disabled, for with
        /// the package's own configuration it would listen to everybody.
        var endsWithConfig = false
    }

    /// By name. Debian 12's packages have their units in /lib, where `systemctl enable` links to.
    static let packaged: [String: Packaged] = [
        nginx: Packaged(package: "nginx", isRequired: true, file: "/lib/systemd/system/nginx.service"),
        "fail2ban.service": Packaged(
            package: "fail2ban", isRequired: true, file: "/lib/systemd/system/fail2ban.service"),
        "prometheus.service": Packaged(
            package: "prometheus", file: "/lib/systemd/system/prometheus.service", endsWithConfig: true),
        "prometheus-node-exporter.service": Packaged(
            package: "prometheus-node-exporter", file: "/lib/systemd/system/prometheus-node-exporter.service",
            endsWithConfig: true),
        "grafana-server.service": Packaged(
            package: "grafana", file: "/lib/systemd/system/grafana-server.service", endsWithConfig: true),
        // Amazon's package puts its unit where an administrator would.
        "amazon-cloudwatch-agent.service": Packaged(
            package: "amazon-cloudwatch-agent", file: folder + "/amazon-cloudwatch-agent.service",
            endsWithConfig: true),
        "logrotate.timer": Packaged(
            package: "logrotate", file: "/lib/systemd/system/logrotate.timer", wantedBy: "timers.target"),
        // Enabled by systemd's own links in /lib.
        "systemd-journald.service": Packaged(
            package: "systemd", file: "/lib/systemd/system/systemd-journald.service", wantedBy: nil),
    ]

    /// Whether a unit, which was recorded with `isOurs`, ends when no config asks for it any more.
    static func endsWithConfig(_ name: String, isOurs: Bool) -> Bool {
        isOurs || packaged[name]?.endsWithConfig ?? false
    }

    /// Where a unit comes in the order of starting: what others need comes first.
    static func rank(_ name: String) -> Int {
        switch name {
        case srs: 3
        case agent: 4
        case nginx: 5
        case _ where name.hasSuffix(".mount"): 0
        case _ where name.hasSuffix(".swap"): 1
        case _ where name.hasSuffix(".socket"): 2
        case _ where name.hasSuffix(".timer") || name.hasSuffix(".path"): 6
        default: 7
        }
    }
}
