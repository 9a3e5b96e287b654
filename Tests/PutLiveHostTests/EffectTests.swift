import Testing

@testable import PutLiveHost

/// What programs make of files: found when it differs, repaired by the program that makes it.
@Suite struct EffectTests {
    private func compare(
        _ system: FakeSystem, repairsEdits: Bool = true, _ change: (inout DesiredHost) -> Void
    ) async throws -> Comparison {
        var blueprint = FakeHost.blueprint()
        blueprint.repairsEdits = repairsEdits
        change(&blueprint.desired)
        let generation = try StateFolder.read(Generation.self, at: StateFolder.generation, from: system)
        return try HostComparison(
            system: system, blueprint: blueprint, generation: generation, carried: { _ in .nothing }
        ).run()
    }

    private func put(_ system: FakeSystem, _ path: String, _ text: String) {
        system.nodes[path] = FakeSystem.Node(kind: .file, content: Array(text.utf8))
    }

    @Test func missingUsersAndGroupsAreMade() async throws {
        let system = await FakeHost.applied()
        put(system, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        put(system, "/etc/group", "root:x:0:\nputlive:x:999:\n")
        let found = try await compare(system) { _ in }
        #expect(
            found.differences.filter { $0.cause == .edited }.map { "\($0.subject) \($0.detail)" } == [
                "user srs is missing", "user srs is not in the group putlive",
            ])
        #expect(found.appliers == ["/etc/sysusers.d/putlive.conf"])
    }

    @Test func foldersAreMadeAndAdjusted() async throws {
        let system = await FakeHost.applied()
        system.nodes["/var/lib/putlive/database"]?.mode = 0o777
        system.nodes["/var/lib/putlive/database"]?.owner = .root
        let found = try await compare(system) { desired in
            desired.folders += [
                DesiredFolder(.folder, path: "/var/lib/putlive/videos", mode: 0o2775),
                DesiredFolder(.adjusted, path: "/etc/putlive/environment", mode: 0o600, owner: .root),
                DesiredFolder(.link, path: "/dev/shm/srs", target: "/run/putlive-hls"),
            ]
        }
        #expect(
            found.differences.map { "\($0.kind) \($0.subject) \($0.detail)" } == [
                "mode /var/lib/putlive/database has mode 0777 and should have 0700",
                "owner /var/lib/putlive/database belongs to root:root and should belong to putlive:putlive",
                "missing /var/lib/putlive/videos is missing", "missing /dev/shm/srs is missing",
            ])
        #expect(found.appliers == ["/etc/tmpfiles.d/putlive.conf"])
    }

    @Test func whatStandsInTheWayOfALinkIsOnlyTold() async throws {
        let system = await FakeHost.applied()
        system.nodes["/dev/shm/srs"] = FakeSystem.Node(kind: .folder)
        let found = try await compare(system) { desired in
            desired.folders += [DesiredFolder(.link, path: "/dev/shm/srs", target: "/run/putlive-hls")]
        }
        #expect(found.differences.isEmpty)
        #expect(found.notes.contains { $0.hasPrefix("/dev/shm/srs should be a link to /run/putlive-hls") })
    }

    @Test(arguments: [(true, Difference.Outcome.repair), (false, .report)])
    func whatAHandChangedIsRepairedOrReported(_ repairs: Bool, _ outcome: Difference.Outcome) async throws {
        let system = await FakeHost.applied()
        system.nodes["/var/lib/putlive/database"]?.mode = 0o777
        let found = try await compare(system, repairsEdits: repairs) { _ in }
        #expect(found.differences.map(\.outcome) == [outcome])
        #expect(found.appliers.isEmpty != repairs)
    }

    // MARK: Kernel

    private func withSysctl(_ desired: inout DesiredHost) {
        desired.sysctls = [
            DesiredSetting(name: "net.core.somaxconn", value: "4096"),
            DesiredSetting(name: "net.ipv4.tcp_rmem", value: "4096 87380 6291456"),
            DesiredSetting(name: "vm.swappiness", value: "10"),
        ]
        desired.appliers.append(
            Applier(
                program: "/lib/systemd/systemd-sysctl", arguments: ["/etc/sysctl.d/60-putlive.conf"],
                path: "/etc/sysctl.d/60-putlive.conf", digest: "kernel"))
    }

    @Test func settingsOfTheKernelAreCompared() async throws {
        let system = await FakeHost.applied()
        put(system, "/proc/sys/net/core/somaxconn", "128\n")
        put(system, "/proc/sys/net/ipv4/tcp_rmem", "4096\t87380\t6291456\n")
        let found = try await compare(system, withSysctl)
        #expect(
            found.differences.map { "\($0.kind) \($0.subject) \($0.detail)" } == [
                "kernel net.core.somaxconn is 128 and should be 4096"
            ])
        #expect(found.appliers.contains("/etc/sysctl.d/60-putlive.conf"))
        #expect(found.notes.contains("vm.swappiness can't be set here: this kernel doesn't show it"))
    }

    @Test func aContainerTakesThemFromItsHost() async throws {
        let system = await FakeHost.applied()
        put(system, "/run/systemd/container", "systemd-nspawn")
        put(system, "/proc/sys/vm/swappiness", "60\n")
        let found = try await compare(system) { desired in
            withSysctl(&desired)
            desired.units.append(DesiredUnit(name: "swapfile.swap"))
        }
        #expect(found.differences.isEmpty)
        #expect(found.notes.contains("vm.swappiness is 60: a container takes it from its host"))
        #expect(found.notes.contains("swapfile.swap stays off: a container swaps where its host does"))
        #expect(!found.units.contains { $0.unit == "swapfile.swap" })
    }

    @Test(arguments: [
        ("size=524288k", false), ("size=512m", false), ("size=536870912", false), ("size=1g", true), ("size=x", false),
        ("mode=2775", false), ("size=99999999999999999999g", false), ("size=9223372036854775807g", false),
    ])
    func theSizeOfAMemoryFileSystemIsCompared(_ option: String, _ differs: Bool) async throws {
        let system = await FakeHost.applied()
        let unit = "run-putlive\\x2dhls.mount"
        put(
            system, "/proc/self/mountinfo",
            "22 1 0:5 / / rw - ext4 /dev/vda rw\n40 22 0:36 / /run/putlive-hls rw - tmpfs tmpfs rw,\(option)\n")
        var generation = try #require(
            try StateFolder.read(Generation.self, at: StateFolder.generation, from: system))
        generation.units[unit] = Generation.Unit(
            restartDigest: "", reloadDigest: "mount", isOurs: true, carriesBroadcasts: false)
        try StateFolder.write(generation, to: StateFolder.generation, on: system)
        system.running[unit] = FakeSystem.Unit(state: "active")
        let found = try await compare(system) { desired in
            desired.mounts = [DesiredMount(path: "/run/putlive-hls", size: 512 << 20, unit: unit)]
            desired.units.append(DesiredUnit(name: unit, reloadDigest: "mount"))
        }
        #expect(found.differences.map(\.subject) == (differs ? ["/run/putlive-hls"] : []))
        #expect(found.units == (differs ? [UnitStep(unit: unit, action: .reload, wasActive: true)] : []))
    }
}
