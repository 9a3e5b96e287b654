import Testing

@testable import PutLiveHost

/// The power goes off, or an operation fails, at every point of every kind of change.
@Suite struct FaultTests {
    /// From what, to what.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Nil for a bare host.
        var from: FakeHost.Version?
        var to: FakeHost.Version
    }

    static let changes = [
        Change(testDescription: "the first apply", from: nil, to: FakeHost.Version()),
        Change(testDescription: "a new config", from: FakeHost.Version(), to: FakeHost.Version(number: 2)),
        Change(
            testDescription: "SRS restarted", from: FakeHost.Version(),
            to: FakeHost.Version(number: 2, srsRestart: 2)),
        Change(
            testDescription: "another engine", from: FakeHost.Version(),
            to: FakeHost.Version(number: 2, usesSRS: false)),
        Change(
            testDescription: "SRS again, without backups", from: FakeHost.Version(usesSRS: false),
            to: FakeHost.Version(number: 3, hasBackups: false)),
        Change(
            testDescription: "everything at once", from: FakeHost.Version(),
            to: FakeHost.Version(number: 5, srsRestart: 3, toolVersion: "3.3.0")),
        Change(
            testDescription: "an upgrade", from: FakeHost.Version(), to: FakeHost.Version(toolVersion: "3.2.0")),
    ]

    static func host(_ change: Change) async -> FakeSystem {
        guard let from = change.from else { return FakeHost.bare() }
        return await FakeHost.applied(from)
    }

    /// The host as it is, whichever of the two it is wholly.
    private func isWhole(_ system: FakeSystem, _ change: Change) -> Bool {
        // The journal of a transaction that is complete may be left for the next run to clear.
        func isWhole(_ version: FakeHost.Version) -> Bool {
            FakeHost.problems(system, FakeHost.blueprint(version)).allSatisfy { $0 == "the journal is left" }
        }
        if isWhole(change.to) { return true }
        if let from = change.from { return isWhole(from) }
        // A bare host: nothing of ours, nginx with Debian's own file.
        return system.nodes["/etc/nginx/nginx.conf"]?.content == Array("Debian's nginx".utf8)
            && system.running["nginx.service"]?.read == system.current(of: "nginx.service")
            && !system.nodes.keys.contains { $0.hasPrefix("/etc/systemd/system/") && $0.contains("putlive") }
            && system.running["srs.service"]?.state != "active"
    }

    @Test(arguments: changes, [false, true])
    func deathAtEveryOperation(_ change: Change, rebooted: Bool) async throws {
        let reference = await Self.host(change)
        _ = await Reconciler(system: reference).run(FakeHost.blueprint(change.to))
        #expect(FakeHost.problems(reference, FakeHost.blueprint(change.to)) == [])
        let count = reference.operations
        #expect(count > 5)
        for number in 1...count {
            for wantsOld in [false, true] {
                let system = await Self.host(change)
                system.fault = .dies(number)
                _ = await Reconciler(system: system).run(FakeHost.blueprint(change.to))
                if rebooted { system.reboot() } else { system.restore() }
                // A run that can do nothing else still undoes what was cut off.
                _ = await Reconciler(system: system).runRefused()
                #expect(isWhole(system, change), "cut off at \(number): \(system.log)")
                let goal = FakeHost.blueprint(wantsOld ? change.from ?? change.to : change.to)
                let report = await Reconciler(system: system).run(goal)
                #expect(FakeHost.problems(system, goal) == [], "cut off at \(number)")
                #expect(report.result != .failed)
            }
        }
    }

    /// Before it is done, or after: a file was renamed into its place, and the sync of its folder fails.
    @Test(arguments: changes, [false, true])
    func failureOfEveryOperation(_ change: Change, isDone: Bool) async throws {
        let reference = await Self.host(change)
        _ = await Reconciler(system: reference).run(FakeHost.blueprint(change.to))
        for number in 1...reference.operations {
            let system = await Self.host(change)
            system.fault = isDone ? .failsAfter([number]) : .fails([number])
            let report = await Reconciler(system: system).run(FakeHost.blueprint(change.to))
            #expect(isWhole(system, change), "failed at \(number): \(String(describing: report.failure))")
            if report.result == .failed {
                #expect(report.failure?.message.hasPrefix("no space left") ?? false)
                let recorded = try StateFolder.read(Generation.self, at: StateFolder.generation, from: system)
                #expect((recorded?.number ?? 0) == report.generation, "failed at \(number)")
            }
            system.restore()
            _ = await Reconciler(system: system).run(FakeHost.blueprint(change.to))
            #expect(FakeHost.problems(system, FakeHost.blueprint(change.to)) == [], "failed at \(number)")
        }
    }

    /// The first failure, and then one of those while everything is put back.
    @Test(arguments: changes)
    func failuresWhileRestoring(_ change: Change) async throws {
        let reference = await Self.host(change)
        _ = await Reconciler(system: reference).run(FakeHost.blueprint(change.to))
        var saidBoth = 0
        for number in 1...reference.operations {
            for later in 1...3 {
                let system = await Self.host(change)
                system.fault = .fails([number, number + later])
                let report = await Reconciler(system: system).run(FakeHost.blueprint(change.to))
                if report.failure?.message.contains("not everything could be put back") ?? false { saidBoth += 1 }
                system.restore()
                _ = await Reconciler(system: system).runRefused()
                #expect(isWhole(system, change), "failed at \(number) and \(number + later)")
                _ = await Reconciler(system: system).run(FakeHost.blueprint(change.to))
                #expect(FakeHost.problems(system, FakeHost.blueprint(change.to)) == [])
            }
        }
        #expect(saidBoth > 0)
    }

    @Test(arguments: 0..<200)
    func everyHandEditIsFoundAndHealed(_ seed: Int) async throws {
        var random = SplitMix(seed: UInt64(seed))
        let system = await FakeHost.applied()
        let blueprint = FakeHost.blueprint()
        for _ in 0..<Int.random(in: 1...3, using: &random) { edit(system, &random) }
        if FakeHost.problems(system, blueprint).isEmpty && system.nodes["/var/lib/putlive/database"]?.mode == 0o700 {
            return
        }
        let starts = system.running["srs.service"]?.starts
        let isLive = Bool.random(using: &random)
        let report = await Reconciler(system: system).run(blueprint, isLive: isLive)
        #expect(!report.repaired.isEmpty || !report.differences.isEmpty)
        if isLive, system.running["srs.service"]?.state == "active" {
            // Nobody was cut off; what needs the restart waits, and is done once the stream has ended.
            if report.pendingRestarts.isEmpty {
                #expect(FakeHost.problems(system, blueprint) == [])
            } else {
                #expect(report.result == .waiting)
                #expect(system.running["srs.service"]?.starts == starts)
            }
            _ = await Reconciler(system: system).run(blueprint)
        }
        #expect(FakeHost.problems(system, blueprint) == [])
        system.clearLog()
        let second = await Reconciler(system: system).run(blueprint)
        #expect(second.result == .inOrder)
        #expect(system.log.allSatisfy { $0.hasPrefix("write /run/putlive-reconcile/") })
    }

    /// What a hand may do to a host.
    private func edit(_ system: FakeSystem, _ random: inout SplitMix) {
        let files = FakeHost.blueprint().desired.files.map(\.path)
        let links = system.nodes.keys.filter { $0.contains(".wants/") }.sorted()
        let units = system.running.filter { $0.value.state == "active" && $0.key != "systemd-journald.service" }
            .keys.sorted()
        guard let file = files.randomElement(using: &random), let unit = units.randomElement(using: &random) else {
            return
        }
        switch Int.random(in: 0..<7, using: &random) {
        case 0: try? system.write(Array("by hand".utf8), to: file, mode: 0o644, owner: .root)
        case 1: try? system.remove(file)
        case 2: try? system.setMode(0o600, of: file)
        case 3: try? system.setOwner(Owner("putlive", "putlive"), of: file)
        case 4: try? system.act(.stop, on: unit)
        case 5: if let link = links.randomElement(using: &random) { try? system.remove(link) }
        default: system.nodes["/var/lib/putlive/database"]?.mode = 0o755
        }
    }
}
