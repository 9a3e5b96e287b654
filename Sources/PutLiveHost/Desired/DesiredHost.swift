/// What a config asks of a host, in the terms of a host: made of the rendered artifacts, without looking at any host.
struct DesiredHost: Sendable {
    /// In the order of their paths.
    var files: [DesiredFile] = []
    /// Links that enable units, in the order of their paths. Those of TLS are decided on the host.
    var links: [DesiredLink] = []
    /// In the order in which they are started.
    var units: [DesiredUnit] = []
    /// Programs that make users, folders and kernel settings of a file, in the order in which they are run.
    var appliers: [Applier] = []
    /// The users and groups that sysusers.d makes.
    var accounts: [DesiredAccount] = []
    /// The folders, links and files that tmpfiles.d keeps.
    var folders: [DesiredFolder] = []
    /// Names as `net.core.somaxconn`, with their values.
    var sysctls: [DesiredSetting] = []
    /// Memory file systems with their size.
    var mounts: [DesiredMount] = []
}

/// A file with its content.
struct DesiredFile: Sendable, Hashable {
    /// The artifact's name in the catalog, or what else it is.
    var name: String
    var path: String
    var content: [UInt8]
    /// Of the content, in lower-case hexadecimal.
    var sha256: String
    var mode: UInt16 = 0o644
    var owner: Owner = .root
    /// Whether nothing but PutLive puts a file there: false for a package's own configuration that is replaced.
    var isOursAlone: Bool = true
    /// The units that a change of it restarts.
    var restarts: [String] = []
    /// The units that a change of it reloads.
    var reloads: [String] = []
    /// Whether systemd has to read its units again.
    var needsDaemonReload: Bool = false
}

/// A symbolic link.
struct DesiredLink: Sendable, Hashable {
    var path: String
    var target: String
    /// The unit that it enables; nil for a link of another kind.
    var enables: String? = nil
    /// The units that read what is behind it.
    var reloads: [String] = []
}

/// A unit of systemd that should be as the config wants it.
struct DesiredUnit: Sendable, Hashable {
    /// `nginx.service`.
    var name: String
    /// Whether it should be active: false for a service that a timer starts.
    var shouldRun: Bool = true
    /// Where it isn't installed, whether that is an error: true for what streams can't do without.
    var isRequired: Bool = true
    /// The Debian package that brings it, for a person who lacks it; empty for our own.
    var package: String = ""
    /// Whether a restart ends broadcasts.
    var carriesBroadcasts: Bool = false
    /// Of all that makes a restart necessary when it changes. In lower-case hexadecimal.
    var restartDigest: String = ""
    /// Of all that makes a reload necessary when it changes.
    var reloadDigest: String = ""
    /// How to ask whether it does its work; nil where being active is enough.
    var probe: ServiceProbe? = nil
}

/// How a service is asked whether it does its work, over HTTP on 127.0.0.1.
struct ServiceProbe: Sendable, Hashable {
    var port: Int
    var path: String
    /// Any answer is good; false: only a status below 400 is.
    var acceptsAnyStatus: Bool = false
    /// How long it may not answer before it is restarted.
    var patience: Duration
}

/// A program that makes something of a file: systemd-sysusers, systemd-tmpfiles, systemd-sysctl.
struct Applier: Sendable, Hashable {
    var program: String
    var arguments: [String]
    /// The file that it applies.
    var path: String
    /// Of the file: it is run when this has changed, or when what it makes is missing.
    var digest: String
}

/// A user or a group.
struct DesiredAccount: Sendable, Hashable {
    enum Kind: String, Sendable {
        case user, group
        /// `name` is a member of the group `of`.
        case membership
    }

    var kind: Kind
    var name: String
    /// The group of a membership; empty otherwise.
    var of: String

    init(_ kind: Kind, _ name: String, of group: String = "") {
        self.kind = kind
        self.name = name
        of = group
    }
}

/// What tmpfiles.d keeps: a folder, a file or a link.
struct DesiredFolder: Sendable, Hashable {
    enum Kind: String, Sendable {
        case folder, file, link
        /// Mode and owner of what may or may not be there.
        case adjusted
    }

    var kind: Kind
    var path: String
    /// Nil where what exists is left as it is.
    var mode: UInt16?
    /// Nil where what exists is left as it is.
    var owner: Owner?
    /// Of a link.
    var target: String?

    init(_ kind: Kind, path: String, mode: UInt16? = nil, owner: Owner? = nil, target: String? = nil) {
        self.kind = kind
        self.path = path
        self.mode = mode
        self.owner = owner
        self.target = target
    }
}

/// A setting of the kernel.
struct DesiredSetting: Sendable, Hashable {
    var name: String
    var value: String

    /// Where the kernel shows it.
    var path: String { "/proc/sys/" + name.replacing(".", with: "/") }
}

/// A memory file system.
struct DesiredMount: Sendable, Hashable {
    var path: String
    /// In bytes.
    var size: Int64
    /// The unit that mounts it.
    var unit: String
}
