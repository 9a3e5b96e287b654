import PutLiveConfig

/// A row of the catalog: one file of a host, and all that is known about it.
public struct Artifact: Sendable {
    /// What the artifact is called by `--only`: its path's last part where that is unique.
    public var name: String
    /// The template below the share folder.
    public var template: String
    /// What its values are escaped for.
    public var format: Format
    /// The permission bits.
    public var mode: UInt16
    /// The owner on the host.
    public var owner: String
    /// The group on the host.
    public var group: String
    /// Whether it holds a secret: never readable by all, never shown in a diff.
    public var isSensitive: Bool
    /// Whether nothing but PutLive puts a file there: false for a package's own configuration that is replaced.
    public var isOursAlone: Bool
    /// The roles whose hosts may have it.
    public var roles: Set<Deployment.Role>
    /// What a change of it needs on the host.
    public var onChange: ChangeAction
    /// The program that proves it.
    public var check: CheckKind
    /// One line: what it is for.
    public var purpose: String
    /// The absolute path on the host.
    public var path: @Sendable (Config) -> String
    /// Whether the config asks for it, its role given.
    public var condition: @Sendable (Config) -> Bool
    /// The values that its template is rendered with.
    public var view: @Sendable (HostContext) -> [String: Any]

    /// Whether a host with `config` has it.
    public func applies(to config: Config) -> Bool {
        roles.contains(config.deployment.role) && condition(config)
    }

    /// `0640`.
    public var modeText: String { octal(mode) }
}

/// What a changed artifact needs on the host, besides being written.
public enum ChangeAction: Sendable, Hashable, CustomStringConvertible {
    case none
    case reload([String])
    case restart([String])
    /// systemd reads its units again; those named are then restarted or reloaded together where they run.
    case daemonReload(restart: [String], reload: [String])
    /// A program that applies the file: systemd-sysusers, systemd-tmpfiles, systemd-sysctl.
    case apply(String)

    /// For a person: `reload nginx.service`.
    public var description: String {
        switch self {
        case .none: return "nothing"
        case .reload(let units): return "reload \(units.joined(separator: " "))"
        case .restart(let units): return "restart \(units.joined(separator: " "))"
        case .daemonReload(let restarted, let reloaded):
            let steps: [ChangeAction] =
                (restarted.isEmpty ? [] : [.restart(restarted)]) + (reloaded.isEmpty ? [] : [.reload(reloaded)])
            return (["daemon-reload"] + steps.map(\.description)).joined(separator: ", ")
        case .apply(let program): return program
        }
    }
}

/// The native checks; each artifact names the one that covers it.
public enum CheckKind: String, Sendable, CaseIterable {
    case nginx, srs, systemd, sysusers, tmpfiles, sysctl, logrotate, fail2ban, prometheus, shell, json, yaml, none
}

extension Set<Deployment.Role> {
    /// Hosts that stream: one host, or an origin with edges.
    static let streaming: Self = [.single, .origin]
    /// Hosts run by systemd.
    static let hosts: Self = [.single, .origin, .edge]
    static let everywhere: Self = [.single, .origin, .edge, .local]
}

extension Artifact {
    /// A row at a fixed path, with the defaults that most rows share.
    init(
        _ path: String, name: String? = nil, template: String? = nil, _ format: Format, mode: UInt16 = 0o644,
        group: String = "root", isSensitive: Bool = false, isOursAlone: Bool = true, roles: Set<Deployment.Role>,
        when condition: @escaping @Sendable (Config) -> Bool = { _ in true }, onChange: ChangeAction = .none,
        check: CheckKind, view: @escaping @Sendable (HostContext) -> [String: Any], _ purpose: String
    ) {
        self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
        self.template = template ?? "templates\(path).mustache"
        self.format = format
        self.mode = mode
        owner = "root"
        self.group = group
        self.isSensitive = isSensitive
        self.isOursAlone = isOursAlone
        self.roles = roles
        self.onChange = onChange
        self.check = check
        self.purpose = purpose
        self.path = { _ in path }
        self.condition = condition
        self.view = view
    }
}
