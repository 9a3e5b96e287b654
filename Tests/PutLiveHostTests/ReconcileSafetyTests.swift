import Testing

@testable import PutLiveArtifacts
@testable import PutLiveHost

/// What must not happen however a run goes: broadcasts cut, the same failure again and again, changes forgotten.
@Suite struct ReconcileSafetyTests {
    private func blueprint(_ number: Int = 1) -> Blueprint { FakeHost.blueprint(FakeHost.Version(number: number)) }

    // MARK: What must not happen twice

    @Test func whatFailedIsNotTriedEveryHalfMinute() async {
        let system = await FakeHost.applied()
        system.refuses = { unit, read in
            unit == "nginx.service" && read["/etc/nginx/nginx.conf"] == Array("nginx 2".utf8)
        }
        var timer = Reconciler(system: system)
        timer.retriesAtOnce = false
        var report = await timer.run(blueprint(2))
        #expect(report.result == .failed)
        let reloads = system.running["srs.service"]?.reloads
        system.now += 30
        system.clearLog()
        report = await timer.run(blueprint(2))
        #expect(report.result == .failed && report.consecutiveFailures == 2)
        #expect(report.failure?.message.hasPrefix("nginx.service refuses") ?? false)
        #expect(system.log.allSatisfy { $0.hasPrefix("write /run/putlive-reconcile/") })
        #expect(system.running["srs.service"]?.reloads == reloads)
        // By hand at once, and after a change of the config.
        #expect(await Reconciler(system: system).run(blueprint(2)).result == .failed)
        #expect(await timer.run(blueprint(3)).result == .applied)
    }

    @Test func aTryIsDueAfterAWhile() async {
        let system = await FakeHost.applied()
        var refuses = true
        system.refuses = { unit, read in
            refuses && unit == "nginx.service" && read["/etc/nginx/nginx.conf"] == Array("nginx 2".utf8)
        }
        var timer = Reconciler(system: system)
        timer.retriesAtOnce = false
        _ = await timer.run(blueprint(2))
        refuses = false
        system.now += 61
        #expect(await timer.run(blueprint(2)).result == .applied)
    }

    @Test func aRollbackThatCannotFinishRestartsNothing() async {
        let system = await FakeHost.applied()
        let starts = system.running["srs.service"]?.starts
        // Nothing under /etc can be written from the second file on, and so nothing can be put back either.
        system.fault = .fails(Set(12...5000))
        _ = await Reconciler(system: system).run(FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2)))
        for _ in 0..<3 { _ = await Reconciler(system: system).run(blueprint()) }
        #expect(system.running["srs.service"]?.starts == starts)
        system.restore()
        #expect(await Reconciler(system: system).run(blueprint()).result != .failed)
        #expect(FakeHost.problems(system, blueprint()) == [])
    }

    @Test func aRestartedSocketIsPutBack() async throws {
        let system = await FakeHost.applied()
        try system.act(.stop, on: "putlive-access.socket")
        system.refuses = { unit, read in
            unit == "nginx.service" && read["/etc/nginx/nginx.conf"] == Array("nginx 2".utf8)
        }
        let report = await Reconciler(system: system).run(blueprint(2))
        #expect(report.result == .failed)
        #expect(report.failure?.message.hasSuffix("everything was put back as it was before") ?? false)
        #expect(system.running["putlive-agent.service"]?.state == "active")
    }

    @Test func aWaitingChangeThatIsTakenBackLeavesEverythingAsItWas() async {
        let system = await FakeHost.applied()
        _ = await Reconciler(system: system).run(
            FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2)), isLive: true)
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, blueprint()) == [])
    }

    @Test func aFailedUnitIsStartedWithItsCorrectedConfiguration() async {
        let system = await FakeHost.applied()
        system.running["nginx.service"]?.state = "failed"
        let report = await Reconciler(system: system).run(blueprint(2))
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, blueprint(2)) == [])
    }

    @Test func whoGoesLiveDuringTheChecksIsNotCut() async {
        let system = await FakeHost.applied()
        var isLive = false
        var reconciler = Reconciler(system: system)
        reconciler.nativeChecks = { _ in
            isLive = true
            return []
        }
        let starts = system.running["srs.service"]?.starts
        let report = await reconciler.run { () throws(Reconciler.Refusal) in
            var plan = HostPlan(blueprint: FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2)))
            plan.broadcasts = { _, _ in
                let now = isLive
                return { _ in now ? .live(1) : .nothing }
            }
            return plan
        }
        #expect(report.result == .waiting)
        #expect(system.running["srs.service"]?.starts == starts)
    }

    @Test func anEditDuringARunIsFoundByTheNext() async {
        let system = await FakeHost.applied()
        var reconciler = Reconciler(system: system)
        reconciler.nativeChecks = { _ in
            try system.write(Array("by hand".utf8), to: "/etc/sysusers.d/putlive.conf", mode: 0o644, owner: .root)
            return []
        }
        var wrote = false
        let report = await reconciler.run { () throws(Reconciler.Refusal) in
            wrote = true
            return HostPlan(blueprint: blueprint(2))
        }
        #expect(wrote && report.result == .applied)
        _ = await Reconciler(system: system).run(blueprint(2))
        #expect(FakeHost.problems(system, blueprint(2)) == [])
    }

    @Test func theFirstOriginalIsKept() async throws {
        let system = await FakeHost.applied()
        try system.write(Array("{".utf8), to: StateFolder.generation, mode: 0o600, owner: .root)
        _ = await Reconciler(system: system).run(blueprint(2))
        _ = await Reconciler(system: system).withdraw()
        #expect(system.nodes["/etc/nginx/nginx.conf"]?.content == Array("Debian's nginx".utf8))
        #expect(try system.names(in: StateFolder.originals).isEmpty)
    }

    @Test func anUpgradeIsCalledOne() async {
        let system = await FakeHost.applied()
        var upgraded = FakeHost.blueprint(FakeHost.Version(number: 2, toolVersion: "3.2.0"))
        upgraded.configDigest = "another"
        let report = await Reconciler(system: system).run(upgraded)
        #expect(report.repaired.allSatisfy { $0.cause == .upgraded })
    }

    @Test func anotherPackagesFileIsNotShown() async {
        var blueprint = blueprint()
        blueprint.diff = { _, old in old }
        let report = await Reconciler(system: FakeHost.bare()).run(blueprint)
        #expect(report.repaired.allSatisfy { $0.diff == nil })
    }

    @Test func whatServicesSaidIsMasked() async {
        let system = await FakeHost.applied()
        var blueprint = blueprint(2)
        blueprint.masked = { $0.replacing("nginx.service", with: "<secret>") }
        system.refuses = { unit, _ in unit == "nginx.service" }
        let report = await Reconciler(system: system).run(blueprint)
        #expect(report.failure?.message.hasPrefix("<secret> refuses") ?? false)
    }

    @Test func anotherPackageThatRefusesItsOwnFileKeepsNobodyFromWithdrawing() async {
        let system = await FakeHost.applied()
        system.refuses = { unit, read in
            unit == "nginx.service" && read["/etc/nginx/nginx.conf"] == Array("Debian's nginx".utf8)
        }
        let report = await Reconciler(system: system).withdraw()
        #expect(report.result == .applied)
        #expect(!system.nodes.keys.contains { $0.hasPrefix("/etc/systemd/system/putlive") })
    }
}
