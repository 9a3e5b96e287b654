import Testing

@testable import PutLiveArtifacts
@testable import PutLiveHost

/// What a run does, says and leaves alone.
@Suite struct ReconcileTests {
    private func blueprint(_ number: Int = 1) -> Blueprint { FakeHost.blueprint(FakeHost.Version(number: number)) }

    @Test func aBareHostBecomesWhole() async throws {
        let system = FakeHost.bare()
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .applied)
        #expect(report.generation == 1)
        #expect(report.consecutiveFailures == 0)
        #expect(report.repaired.allSatisfy { $0.cause == .neverApplied })
        #expect(FakeHost.problems(system, blueprint()) == [])
        // What isn't installed and isn't needed is only told.
        #expect(report.notes == ["grafana-server.service is not installed; it comes with the package grafana"])
        let status = try StateFolder.read(StatusReport.self, at: StateFolder.status, from: system)
        #expect(status == report)
        #expect(system.nodes[StateFolder.status]?.mode == 0o640)
        #expect(system.nodes[StateFolder.status]?.owner == Owner("root", "putlive"))
    }

    @Test func usersAreMadeBeforeFilesBelongToThem() async throws {
        let system = FakeHost.bare()
        _ = await Reconciler(system: system).run(blueprint())
        let users = try #require(system.log.firstIndex(of: "run systemd-sysusers"))
        let file = try #require(system.log.firstIndex(of: "write /usr/local/srs/conf/putlive.conf"))
        #expect(users < file)
    }

    @Test func nothingIsDoneWhereNothingDiffers() async {
        let system = await FakeHost.applied()
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .inOrder)
        #expect(report.generation == 1)
        #expect(system.log.allSatisfy { $0.hasPrefix("write /run/putlive-reconcile/") })
    }

    @Test func eachTouchedUnitIsActedOnOnce() async {
        let system = await FakeHost.applied()
        let report = await Reconciler(system: system).run(blueprint(2))
        #expect(report.result == .applied)
        #expect(report.generation == 2)
        #expect(report.repaired.contains { $0.subject == "/etc/nginx/nginx.conf" && $0.cause == .configChanged })
        let acts = system.log.filter { $0.hasSuffix(".service") || $0.hasSuffix(".timer") || $0 == "daemon-reload" }
            .filter { !$0.hasPrefix("write") && !$0.hasPrefix("reset-failed") }
        #expect(
            acts == [
                "daemon-reload", "reload srs.service", "reload putlive-agent.service", "reload nginx.service",
                "restart putlive-backup.timer", "restart systemd-journald.service",
            ])
    }

    @Test func aBrokenConfigChangesNothing() async {
        let system = await FakeHost.applied()
        let before = system.nodes.filter { !$0.key.hasPrefix("/run/") }
        let report = await Reconciler(system: system).runRefused()
        #expect(report.result == .failed)
        #expect(report.failure == StatusReport.Failure(stage: "config", message: "config.yaml:3:1: error"))
        #expect(report.generation == 1)
        #expect(report.consecutiveFailures == 1)
        #expect(system.nodes.filter { !$0.key.hasPrefix("/run/") } == before)
        let again = await Reconciler(system: system).runRefused()
        #expect(again.consecutiveFailures == 2)
        #expect(again.lastSuccessAt == report.lastSuccessAt && again.lastSuccessAt != nil)
        let good = await Reconciler(system: system).run(blueprint())
        #expect(good.consecutiveFailures == 0)
    }

    /// systemd's path unit doesn't see what happens while the service that it starts is running.
    @Test func aConfigThatIsEditedDuringARunIsAppliedByIt() async {
        let system = await FakeHost.applied()
        var reconciler = Reconciler(system: system)
        // Edited during each run: the timer comes for the third.
        var number = 2
        reconciler.configStamp = { "\(number)" }
        reconciler.nativeChecks = { _ in
            number += 1
            return []
        }
        let load = { () throws(Reconciler.Refusal) in HostPlan(blueprint: FakeHost.blueprint(.init(number: number))) }
        var report = await reconciler.run(load)
        #expect(FakeHost.problems(system, blueprint(3)) == [])
        #expect(report.result == .applied && report.generation == 3 && number == 4)
        #expect(report.repaired.count { $0.subject == "/etc/nginx/nginx.conf" } == 2)
        let status = try? StateFolder.read(StatusReport.self, at: StateFolder.status, from: system)
        #expect(status == report)
        number = 3
        system.clearLog()
        report = await reconciler.run(load)
        #expect(report.result == .inOrder)
        #expect(system.log.count { $0 == "write \(StateFolder.status)" } == 1)
    }

    @Test func aServiceThatRefusesItsConfigurationIsPutBack() async {
        let system = await FakeHost.applied()
        system.refuses = { unit, read in
            unit == "nginx.service" && read["/etc/nginx/nginx.conf"] == Array("nginx 2".utf8)
        }
        let report = await Reconciler(system: system).run(blueprint(2))
        #expect(report.result == .failed)
        #expect(report.failure?.stage == "services")
        #expect(
            report.failure?.message
                == "nginx.service refuses its configuration\neverything was put back as it was before")
        #expect(report.generation == 1)
        #expect(FakeHost.problems(system, blueprint()) == [])
    }

    @Test func aServiceThatDoesNotWorkIsPutBack() async {
        let system = await FakeHost.applied()
        let report = await Reconciler(system: system).run { () throws(Reconciler.Refusal) in
            var plan = HostPlan(blueprint: blueprint(2))
            plan.awaitHealthy = { unit, _ throws(SystemError) in
                if unit.name == "putlive-agent.service" { throw SystemError("the agent doesn't answer") }
            }
            return plan
        }
        #expect(report.failure?.stage == "health")
        #expect(FakeHost.problems(system, blueprint()) == [])
    }

    @Test func whatTheCheckersRefuseIsNeverWritten() async {
        let system = await FakeHost.applied()
        var reconciler = Reconciler(system: system)
        var asked: Set<String> = []
        reconciler.nativeChecks = { changed in
            asked = changed
            return [
                CheckResult(name: "nginx", status: .failed, covers: [], notes: ["unknown directive"]),
                CheckResult(name: "srs", status: .skipped, covers: [], notes: ["srs is not installed"]),
            ]
        }
        let report = await reconciler.run(blueprint(2))
        #expect(asked.contains("/etc/nginx/nginx.conf"))
        #expect(report.failure?.stage == "native_checks")
        #expect(report.failure?.message.contains("unknown directive") ?? false)
        #expect(report.notes.contains("not checked by srs: srs is not installed"))
        #expect(FakeHost.problems(system, blueprint()) == [])
        #expect(!system.log.contains { $0.contains("nginx.conf") })
    }

    @Test func whatIsNotInstalledIsNamed() async {
        let system = FakeHost.bare()
        system.running["nginx.service"] = nil
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.failure?.message.contains("apt install nginx") ?? false)
        #expect(system.nodes["/etc/systemd/system/srs.service"] == nil)
    }

    /// At boot it stands behind what it is ordered after.
    @Test func whatSystemdIsAboutToStartIsLeftToIt() async {
        let system = await FakeHost.applied()
        for unit in ["srs.service", "putlive-agent.service"] {
            system.running[unit]?.state = "inactive"
            system.running[unit]?.isQueued = true
        }
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .inOrder, "\(report.differences)")
        #expect(!system.log.contains { $0.hasPrefix("start") })
        system.running["srs.service"]?.isQueued = false
        #expect(await Reconciler(system: system).run(blueprint()).repaired.map(\.cause) == [.stopped])
    }

    // MARK: Edits by hand

    /// An administrator's own means: no drift, but told.
    @Test func aDropInOfSomebodyElsesIsReadAndTold() async {
        let system = await FakeHost.applied()
        system.running["srs.service"]?.needsDaemonReload = true
        var report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .inOrder)
        #expect(
            report.notes.contains(
                "the files of srs.service have changed since systemd read them, by a drop-in perhaps: an apply has it read "
                    + "them again, and what runs takes them over with its next restart"))
        #expect(system.log.contains("daemon-reload"))
        #expect(!system.log.contains { $0.hasSuffix(" srs.service") })
        report = await Reconciler(system: system).run(blueprint())
        #expect(!report.notes.contains { $0.contains("drop-in") })
    }

    @Test func anEditIsPutBackAndKept() async {
        let system = await FakeHost.applied()
        try? system.write(Array("by hand".utf8), to: "/etc/nginx/nginx.conf", mode: 0o644, owner: .root)
        var blueprint = blueprint()
        blueprint.diff = { file, old in "\(file.path): \(old)" }
        let report = await Reconciler(system: system).run(blueprint)
        #expect(report.result == .applied)
        #expect(
            report.repaired == [
                Difference(
                    kind: .content, subject: "/etc/nginx/nginx.conf", detail: "has been edited", cause: .edited,
                    diff: "/etc/nginx/nginx.conf: by hand")
            ])
        #expect(report.generation == 1)
        #expect(FakeHost.problems(system, blueprint) == [])
        let kept = system.nodes["/var/lib/putlive-reconcile/replaced/etc%2Fnginx%2Fnginx.conf"]
        #expect(kept?.content == Array("by hand".utf8))
    }

    @Test func anEditIsOnlyReportedIfThatIsWanted() async {
        let system = await FakeHost.applied()
        try? system.write(Array("by hand".utf8), to: "/etc/nginx/nginx.conf", mode: 0o644, owner: .root)
        try? system.act(.stop, on: "putlive-backup.timer")
        var reporting = blueprint()
        reporting.repairsEdits = false
        for _ in 0..<2 {
            let report = await Reconciler(system: system).run(reporting)
            #expect(report.result == .drift)
            #expect(report.differences.map(\.outcome) == [.report, .report])
            #expect(system.nodes["/etc/nginx/nginx.conf"]?.content == Array("by hand".utf8))
            #expect(system.running["putlive-backup.timer"]?.state == "inactive")
        }
        // What the config has new to say goes before.
        var next = blueprint(2)
        next.repairsEdits = false
        _ = await Reconciler(system: system).run(next)
        #expect(system.nodes["/etc/nginx/nginx.conf"]?.content == Array("nginx 2".utf8))
    }

    // MARK: Broadcasts

    @Test func aRestartWaitsForTheEndOfTheStream() async {
        let system = await FakeHost.applied()
        let next = FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2))
        let starts = system.running["srs.service"]?.starts
        var report = await Reconciler(system: system).run(next, isLive: true)
        #expect(report.result == .waiting)
        #expect(
            report.pendingRestarts == [
                StatusReport.Pending(
                    unit: "srs.service", reason: "what it is started with has changed", since: system.now)
            ])
        #expect(system.running["srs.service"]?.starts == starts)
        // Nothing of SRS's is half done, nor of what has to agree with it; the rest is.
        #expect(system.nodes["/usr/local/srs/conf/putlive.conf"]?.content == Array("srs 1 1".utf8))
        #expect(system.nodes["/etc/nginx/nginx.conf"]?.content == Array("nginx 1".utf8))
        #expect(system.running["nginx.service"]?.reloads == 0)
        #expect(system.running["putlive-agent.service"]?.reloads == 1)
        #expect(system.nodes["/etc/systemd/journald.conf.d/putlive.conf"]?.content == Array("journal 2".utf8))
        let since = system.now
        system.now += 60
        report = await Reconciler(system: system).run(next, isLive: true)
        #expect(report.pendingRestarts.map(\.since) == [since])
        #expect(report.differences.filter { $0.outcome == .wait }.count == report.differences.count)
        report = await Reconciler(system: system).run(next)
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, next) == [])
    }

    @Test func aRestartNeedsNotWait() async {
        let system = await FakeHost.applied()
        let next = FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2))
        let report = await Reconciler(system: system, doesNotWait: true).run(next, isLive: true)
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, next) == [])
    }

    @Test func anUpgradeRestartsTheAgentOnceNobodyIsLive() async {
        let system = await FakeHost.applied()
        let upgraded = FakeHost.blueprint(FakeHost.Version(toolVersion: "3.2.0"))
        var report = await Reconciler(system: system).run(upgraded, isLive: true)
        #expect(report.result == .waiting)
        #expect(report.differences.map(\.cause) == [.upgraded])
        report = await Reconciler(system: system).run(upgraded)
        #expect(report.repaired.map(\.subject) == ["putlive-agent.service"])
        #expect(system.running["putlive-agent.service"]?.starts == 2)
    }

    @Test func aSocketIsOpenedAnewWithoutItsHolder() async throws {
        let system = await FakeHost.applied()
        try system.act(.stop, on: "putlive-access.socket")
        system.clearLog()
        _ = await Reconciler(system: system).run(blueprint())
        let acts = system.log.filter { $0.hasSuffix("socket") || $0.hasSuffix("agent.service") }
            .filter { !$0.hasPrefix("reset-failed") }
        #expect(
            acts == ["stop putlive-agent.service", "start putlive-access.socket", "start putlive-agent.service"])
    }

    // MARK: State

    @Test func aDamagedRecordIsAppliedAnew() async throws {
        let system = await FakeHost.applied()
        try system.write(Array("{".utf8), to: StateFolder.generation, mode: 0o600, owner: .root)
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, blueprint()) == [])
    }

    @Test func aDamagedJournalIsSaid() async throws {
        let system = await FakeHost.applied()
        try system.write(Array("{".utf8), to: StateFolder.journal, mode: 0o600, owner: .root)
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.failure?.stage == "rollback")
        #expect(report.failure?.message.contains(StateFolder.journal) ?? false)
    }

    @Test func theStateHoldsNoContent() async {
        let system = await FakeHost.applied()
        let text = system.text(of: StateFolder.generation) ?? ""
        #expect(text.contains("sha256") && !text.contains("journal 1") && !text.contains("srs 1 1"))
        #expect(system.nodes[StateFolder.generation]?.mode == 0o600)
    }

    // MARK: Withdrawing

    @Test func withdrawingLeavesDebianAsItWas() async {
        let system = await FakeHost.applied()
        let report = await Reconciler(system: system).withdraw()
        #expect(report.result == .applied)
        #expect(system.nodes["/etc/nginx/nginx.conf"]?.content == Array("Debian's nginx".utf8))
        #expect(system.running["nginx.service"]?.read == system.current(of: "nginx.service"))
        #expect(system.running["srs.service"]?.state == "inactive")
        #expect(!system.nodes.keys.contains { $0.hasPrefix("/etc/systemd/system/putlive") })
        #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/nginx.service"] != nil)
        #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/srs.service"] == nil)
        #expect(system.nodes["/var/lib/putlive/database/putlive.db"] != nil)
        #expect(system.nodes[StateFolder.generation] == nil)
        // Never reconciled, or withdrawn already.
        #expect(await Reconciler(system: system).withdraw().result == .inOrder)
    }

    // MARK: Images

    @Test func anImageGetsFilesAndLinksAlone() async {
        let system = FakeHost.bare()
        system.isLive = false
        // Its users are there already.
        _ = system.programs["systemd-sysusers"]?(system, [])
        system.nodes["/lib/systemd/system/nginx.service"] = FakeSystem.Node(kind: .file)
        let report = await Reconciler(system: system).run(blueprint())
        #expect(report.result == .applied)
        #expect(!system.log.contains { $0.hasPrefix("run ") || $0.hasPrefix("start") || $0 == "daemon-reload" })
        #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/srs.service"] != nil)
        #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/nginx.service"] != nil)
        #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/grafana-server.service"] == nil)
        #expect(system.nodes[StateFolder.status] == nil)
        // Booted, it becomes whole.
        system.isLive = true
        for name in ["nginx.service", "systemd-journald.service"] {
            system.running[name]?.read = system.current(of: name)
        }
        let first = await Reconciler(system: system).run(blueprint())
        #expect(first.result == .applied)
        #expect(FakeHost.problems(system, blueprint()) == [])
    }
}
