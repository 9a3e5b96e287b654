#if canImport(Glibc)
    import Glibc
#endif

/// Units, users, folders and kernel settings: what systemd reads.
extension NativeCheck {
    /// `systemd-analyze verify` on the units, with the distribution's own beside them and stand-ins for the programs.
    static func systemd(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "systemd", covers: items.map(\.path),
            tools: [Tool(name: "systemd-analyze", source: "the package systemd")], standIns: ["executables"]
        ) { stage, runner in
            try stageUnits(items, stage)
            // Without --recursive-errors a warning, such as an unknown key, is no failure.
            let outcome = try await runner.run(
                "systemd-analyze",
                [
                    "--root=\(stage.path("/systemd"))", "--man=no", "--generators=no", "--recursive-errors=yes",
                    "verify",
                ] + units(items), in: stage.root)
            return outcome.succeeded ? nil : outcome.output.replacing(stage.path("/systemd"), with: "")
        }
    }

    /// The exposure that systemd computes for each sandboxed service, against the most that it may have.
    static func exposure(_ items: [RenderedArtifact]) -> NativeCheck? {
        // Tenths. What runs as root to change the host, or only calls a tool once, can't be shut in.
        let sandboxed = ["putlive-agent.service", "srs.service", "putlive-backup.service"]
        let services = items.filter { item in sandboxed.contains { item.path.hasSuffix("/" + $0) } }
        guard !services.isEmpty else { return nil }
        return NativeCheck(
            name: "systemd-security", covers: services.map(\.path),
            tools: [Tool(name: "systemd-analyze", source: "the package systemd")], standIns: ["executables"]
        ) { stage, runner in
            try stageUnits(items, stage)
            for service in units(services) {
                let outcome = try await runner.run(
                    "systemd-analyze",
                    [
                        "--root=\(stage.path("/systemd"))", "--offline=true", "--threshold=20", "--no-pager",
                        "security",
                        service,
                    ], in: stage.root)
                if !outcome.succeeded { return "\(service) is exposed more than 2.0:\n\(outcome.output.suffix(2000))" }
            }
            return nil
        }
    }

    /// The names to verify: a drop-in stands for the unit it changes.
    private static func units(_ items: [RenderedArtifact]) -> [String] {
        var seen: Set<String> = []
        return items.compactMap { item -> String? in
            let parts = item.path.split(separator: "/").map(String.init)
            guard let last = parts.last else { return nil }
            let folder = parts.dropLast().last ?? ""
            let unit = folder.hasSuffix(".d") ? String(folder.dropLast(2)) : last
            // systemd-analyze takes what stands behind a colon for an alias, and has no escape for it. A swap file's path
            // may have one.
            guard !unit.utf8.contains(UInt8(ascii: ":")) else { return nil }
            return seen.insert(unit).inserted ? unit : nil
        }
    }

    private static func stageUnits(_ items: [RenderedArtifact], _ stage: Stage) throws {
        let system = "/systemd/usr/lib/systemd/system"
        guard !FileTree.isFolder(stage.path(system)) else { return }
        try stage.makeFolder("/systemd/usr/lib/systemd")
        // Copied: systemd takes no link to a folder there.
        let own = ["/usr/lib/systemd/system", "/lib/systemd/system"].first { FileTree.isFolder($0) }
        if let own {
            try FileTree.copy(own, to: stage.path(system))
        } else {
            try stage.makeFolder(system)
        }
        for unit in ["nginx.service", "logrotate.service", "logrotate.timer", "grafana-server.service"]
        where FileTree.mode(stage.path("\(system)/\(unit)")) == nil {
            let kind =
                unit.hasSuffix(".timer") ? "[Timer]\nOnCalendar=daily\n" : "[Service]\nExecStart=/usr/sbin/nginx\n"
            try stage.write(kind, at: "\(system)/\(unit)")
        }
        for program in programs(of: items) { try stage.write("", at: "/systemd" + program, mode: 0o755) }
        for item in items { try stage.write(item.text, at: "/systemd" + item.path) }
    }

    /// The programs that the units start, and those of the packages' units that are changed by a drop-in.
    private static func programs(of items: [RenderedArtifact]) -> Set<String> {
        var programs: Set<String> = [
            "/usr/sbin/nginx", "/sbin/start-stop-daemon", "/usr/sbin/logrotate", "/bin/kill", "/bin/mkdir",
        ]
        for line in items.flatMap({ $0.text.split(separator: "\n") }) where line.hasPrefix("Exec") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let command = line[line.index(after: equals)...].drop(while: { "-@:+!".contains($0) })
            let program = command.prefix(while: { $0 != " " })
            if program.hasPrefix("/") { programs.insert(String(program)) }
        }
        return programs
    }

    /// `systemd-sysusers --dry-run`.
    static func sysusers(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "sysusers", covers: items.map(\.path),
            tools: [Tool(name: "systemd-sysusers", source: "the package systemd")], standIns: ["an empty user table"]
        ) { stage, runner in
            try stageUsers(stage)
            for item in items {
                let outcome = try await runner.run(
                    "systemd-sysusers", ["--root=\(stage.path("/users"))", "--dry-run", stage.tree + item.path],
                    in: stage.root)
                if !outcome.succeeded { return outcome.output.replacing(stage.tree, with: "") }
            }
            return nil
        }
    }

    /// `systemd-tmpfiles --create` in a folder of the stage, with the users that sysusers.d makes.
    static func tmpfiles(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "tmpfiles", covers: items.map(\.path),
            tools: [
                Tool(name: "systemd-tmpfiles", source: "the package systemd"),
                Tool(name: "systemd-sysusers", source: "the package systemd"),
            ], standIns: ["users"]
        ) { stage, runner in
            try stageUsers(stage)
            for users in stage.artifacts(.sysusers) {
                _ = try await runner.run(
                    "systemd-sysusers", ["--root=\(stage.path("/users"))", stage.tree + users.path], in: stage.root)
            }
            for item in items {
                let outcome = try await runner.run(
                    "systemd-tmpfiles", ["--root=\(stage.path("/users"))", "--create", stage.tree + item.path],
                    in: stage.root)
                if outcome.succeeded { continue }
                // An ordinary user can't give folders away: everything else has been done and checked.
                let real = outcome.output.split(separator: "\n").filter { !$0.hasSuffix("Operation not permitted") }
                if geteuid() == 0 || !real.isEmpty || outcome.output.isEmpty {
                    return outcome.output.replacing(stage.tree, with: "")
                }
            }
            return nil
        }
    }

    /// The users that Debian itself has and ours refer to.
    private static func stageUsers(_ stage: Stage) throws {
        guard FileTree.mode(stage.path("/users/etc/passwd")) == nil else { return }
        try stage.write(
            "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n",
            at: "/users/etc/passwd")
        try stage.write("root:x:0:\nadm:x:4:\nwww-data:x:33:\n", at: "/users/etc/group")
    }

    /// `sysctl --dry-run`: it knows the keys of the running kernel.
    static func sysctl(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "sysctl", covers: items.map(\.path), tools: [Tool(name: "sysctl", source: "the package procps")]
        ) { stage, runner in
            for item in items {
                let keys = item.text.split(separator: "\n").filter {
                    !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix(";")
                }
                let outcome = try await runner.run(
                    "sysctl", ["--dry-run", "-p", stage.tree + item.path], in: stage.root)
                // A line that it can't read is no failure to it: each must come back as a setting, or as one that this
                // kernel keeps from a container.
                let read = outcome.output.split(separator: "\n").filter {
                    $0.contains(" = ") || $0.hasPrefix("sysctl: setting key ")
                }
                if read.count != keys.count {
                    return outcome.output.replacing(stage.tree, with: "")
                }
            }
            return nil
        }
    }
}
