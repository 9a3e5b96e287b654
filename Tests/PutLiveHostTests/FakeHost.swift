import PutLiveArtifacts

@testable import PutLiveHost

/// A small host with everything that reconciling has to do with: users, folders, another package's configuration, units
/// that reload and units that carry broadcasts.
struct FakeHost {
    /// What a config may change from one version to the next.
    struct Version {
        var number = 1
        /// A part of srs.conf that needs a restart.
        var srsRestart = 1
        /// The embedded engine has no SRS.
        var usesSRS = true
        var hasBackups = true
        var toolVersion = "3.1.0"
    }

    static func blueprint(_ version: Version = Version()) -> Blueprint {
        var desired = DesiredHost()
        let number = version.number
        desired.files = [
            file("sysusers.conf", "/etc/sysusers.d/putlive.conf", "users"),
            file("tmpfiles.conf", "/etc/tmpfiles.d/putlive.conf", "folders \(number)"),
            file(
                "nginx.conf", "/etc/nginx/nginx.conf", "nginx \(number)", isOursAlone: false,
                reloads: ["nginx.service"]),
            unitFile("putlive-agent.service", "agent", restarts: ["putlive-agent.service"]),
            unitFile(
                "putlive-access.socket", "socket", restarts: ["putlive-access.socket", "putlive-agent.service"]),
            file(
                "journald.conf", "/etc/systemd/journald.conf.d/putlive.conf", "journal \(number)",
                restarts: ["systemd-journald.service"]),
        ]
        desired.units = [
            DesiredUnit(name: "putlive-access.socket", carriesBroadcasts: true, restartDigest: "socket"),
            DesiredUnit(
                name: "putlive-agent.service", carriesBroadcasts: true, restartDigest: "agent \(version.toolVersion)",
                reloadDigest: "config \(number)"),
            DesiredUnit(name: "nginx.service", package: "nginx", reloadDigest: "nginx \(number)"),
            DesiredUnit(name: "grafana-server.service", isRequired: false, package: "grafana"),
        ]
        if version.usesSRS {
            desired.files += [
                file(
                    "srs.conf", "/usr/local/srs/conf/putlive.conf", "srs \(number) \(version.srsRestart)", mode: 0o640,
                    owner: Owner("root", "srs"), reloads: ["srs.service"]),
                unitFile("srs.service", "srs \(version.srsRestart)", restarts: ["srs.service"]),
            ]
            desired.units.insert(
                DesiredUnit(
                    name: "srs.service", carriesBroadcasts: true, restartDigest: "srs \(version.srsRestart)",
                    reloadDigest: "srs \(number)"), at: 0)
        }
        if version.hasBackups {
            desired.files += [
                unitFile("putlive-backup.service", "backup \(number)"),
                unitFile("putlive-backup.timer", "timer \(number)", restarts: ["putlive-backup.timer"]),
            ]
            desired.units.append(DesiredUnit(name: "putlive-backup.service", shouldRun: false))
            desired.units.append(DesiredUnit(name: "putlive-backup.timer", restartDigest: "timer \(number)"))
        }
        desired.files.sort { $0.path < $1.path }
        desired.links = desired.units.filter(\.shouldRun).map { unit in
            let folder = unit.package.isEmpty ? "/etc/systemd/system" : "/lib/systemd/system"
            return DesiredLink(
                path: "/etc/systemd/system/multi-user.target.wants/\(unit.name)", target: "\(folder)/\(unit.name)",
                enables: unit.name)
        }.sorted { $0.path < $1.path }
        desired.appliers = [
            Applier(
                program: "systemd-sysusers", arguments: ["/etc/sysusers.d/putlive.conf"],
                path: "/etc/sysusers.d/putlive.conf", digest: "users"),
            Applier(
                program: "systemd-tmpfiles", arguments: ["--create", "/etc/tmpfiles.d/putlive.conf"],
                path: "/etc/tmpfiles.d/putlive.conf", digest: "folders \(number)"),
        ]
        desired.accounts = [
            DesiredAccount(.group, "putlive"), DesiredAccount(.user, "srs"),
            DesiredAccount(.membership, "srs", of: "putlive"),
        ]
        desired.folders = [
            DesiredFolder(.folder, path: "/var/lib/putlive", mode: 0o755, owner: .root),
            DesiredFolder(
                .folder, path: "/var/lib/putlive/database", mode: 0o700, owner: Owner("putlive", "putlive")),
        ]
        return Blueprint(
            desired: desired, configDigest: "config \(number) \(version.srsRestart) \(version.usesSRS)",
            toolVersion: version.toolVersion)
    }

    /// A Debian with nginx running as it comes, and a database that nobody may touch.
    static func bare() -> FakeSystem {
        let system = FakeSystem()
        put(system, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        put(system, "/etc/group", "root:x:0:\n")
        put(system, "/etc/nginx/nginx.conf", "Debian's nginx")
        system.reads = [
            "nginx.service": ["/etc/nginx/nginx.conf"],
            "srs.service": ["/etc/systemd/system/srs.service", "/usr/local/srs/conf/putlive.conf"],
            "putlive-agent.service": ["/etc/systemd/system/putlive-agent.service"],
            "putlive-backup.timer": ["/etc/systemd/system/putlive-backup.timer"],
            "systemd-journald.service": ["/etc/systemd/journald.conf.d/putlive.conf"],
        ]
        for name in ["nginx.service", "systemd-journald.service"] {
            system.running[name] = FakeSystem.Unit(state: "active", read: system.current(of: name), isForeign: true)
        }
        system.programs["systemd-sysusers"] = { system, _ in
            put(
                system, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nsrs:x:998:998::/:/bin/false\nputlive:x:999:999::/:\n"
            )
            put(system, "/etc/group", "root:x:0:\nputlive:x:999:srs\nsrs:x:998:\n")
            return ProgramResult(status: 0)
        }
        system.programs["systemd-tmpfiles"] = { system, _ in
            system.nodes["/var/lib/putlive"] = FakeSystem.Node(kind: .folder, mode: 0o755)
            system.nodes["/var/lib/putlive/database"] = FakeSystem.Node(
                kind: .folder, mode: 0o700, owner: Owner("putlive", "putlive"))
            return ProgramResult(status: 0)
        }
        put(system, "/var/lib/putlive/database/putlive.db", "every account")
        return system
    }

    private static func put(_ system: FakeSystem, _ path: String, _ text: String) {
        system.nodes[path] = FakeSystem.Node(kind: .file, content: Array(text.utf8))
    }

    /// A host on which `version` was applied.
    static func applied(_ version: Version = Version()) async -> FakeSystem {
        let system = bare()
        _ = await Reconciler(system: system).run { () throws(Reconciler.Refusal) in
            HostPlan(blueprint: blueprint(version))
        }
        system.clearLog()
        return system
    }

    /// Why the host isn't wholly as `blueprint` wants it; empty when it is.
    static func problems(_ system: FakeSystem, _ blueprint: Blueprint) -> [String] {
        var problems: [String] = []
        for file in blueprint.desired.files {
            guard let node = system.nodes[file.path] else {
                problems.append("\(file.path) is missing")
                continue
            }
            if node.kind != .file || node.content != file.content { problems.append("\(file.path) has other content") }
            if node.mode != file.mode || node.owner != file.owner { problems.append("\(file.path) has another mode") }
        }
        for link in blueprint.desired.links where !link.path.contains("grafana") {
            if system.nodes[link.path]?.target != link.target { problems.append("\(link.path) isn't there") }
        }
        let wanted = Set(blueprint.desired.units.filter(\.shouldRun).map(\.name))
        for name in wanted where name != "grafana-server.service" {
            if system.running[name]?.state != "active" { problems.append("\(name) isn't active") }
        }
        for (name, unit) in system.running where unit.state == "active" {
            if !unit.isForeign && !wanted.contains(name) { problems.append("\(name) is active") }
            if unit.read != system.current(of: name) { problems.append("\(name) runs with other files") }
        }
        let ours = system.nodes.keys.filter { $0.hasPrefix("/etc/systemd/system/") && !$0.contains(".wants") }
        for path in ours where !blueprint.desired.files.contains(where: { $0.path == path }) {
            problems.append("\(path) is left")
        }
        if system.nodes[StateFolder.journal] != nil { problems.append("the journal is left") }
        if system.nodes["/var/lib/putlive/database/putlive.db"]?.content != Array("every account".utf8) {
            problems.append("the database is lost")
        }
        return problems.sorted()
    }

    private static func file(
        _ name: String, _ path: String, _ text: String, mode: UInt16 = 0o644, owner: Owner = .root,
        isOursAlone: Bool = true, restarts: [String] = [], reloads: [String] = []
    ) -> DesiredFile {
        let content = Array(text.utf8)
        return DesiredFile(
            name: name, path: path, content: content, sha256: sha256(of: content), mode: mode,
            owner: owner, isOursAlone: isOursAlone, restarts: restarts, reloads: reloads)
    }

    private static func unitFile(_ unit: String, _ text: String, restarts: [String] = []) -> DesiredFile {
        var file = file(unit, "/etc/systemd/system/\(unit)", text, restarts: restarts)
        file.needsDaemonReload = true
        return file
    }
}

extension Reconciler {
    /// A run towards `blueprint`.
    func run(_ blueprint: Blueprint, isLive: Bool = false) async -> StatusReport {
        await run { () throws(Refusal) in
            var plan = HostPlan(blueprint: blueprint)
            plan.broadcasts = { _, _ in { _ in isLive ? .live(1) : .nothing } }
            return plan
        }
    }

    /// A run that finds config.yaml broken, where the config that was last applied can be read.
    func runRefused(isLive: Bool = false) async -> StatusReport {
        var reconciler = self
        reconciler.lastApplied = {
            var plan = HostPlan(blueprint: FakeHost.blueprint())
            plan.broadcasts = { _, _ in { _ in isLive ? .live(1) : .nothing } }
            return plan
        }
        return await reconciler.run { () throws(Refusal) in throw Refusal("config", "config.yaml:3:1: error") }
    }
}
