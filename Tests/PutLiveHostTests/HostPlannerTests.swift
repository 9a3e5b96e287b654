import PutLiveArtifacts
import PutLiveConfig
import Testing

@testable import PutLiveHost

/// The plan of a golden profile, on a host in memory.
@Suite struct HostPlannerTests {
    /// A Debian on which everything that the profile names is installed, and answers.
    private func host(_ plan: HostPlan, _ config: Config) -> FakeSystem {
        let system = FakeHost.bare()
        for unit in plan.blueprint.desired.units where !unit.package.isEmpty {
            system.running[unit.name] = FakeSystem.Unit(state: "active", isForeign: true)
        }
        let users = "root:x:0:0::/root:/bin/sh\nputlive:x:1::/:\nsrs:x:2::/:\nwww-data:x:3::/:\n"
        let groups = "root:x:0:\nputlive:x:1:srs\nsrs:x:2:\nwww-data:x:3:\nadm:x:4:\n"
        func put(_ path: String, _ text: String, mode: UInt16 = 0o644) {
            system.nodes[path] = FakeSystem.Node(kind: .file, content: Array(text.utf8), mode: mode)
        }
        put("/etc/passwd", users)
        put("/etc/group", groups)
        put(SRSPlan.path, "SRS", mode: 0o755)
        for setting in plan.blueprint.desired.sysctls { put(setting.path, setting.value + "\n") }
        system.programs["systemd-sysusers"] = { _, _ in ProgramResult(status: 0) }
        system.programs["/lib/systemd/systemd-sysctl"] = { _, _ in ProgramResult(status: 0) }
        let folders = plan.blueprint.desired.folders
        system.programs["systemd-tmpfiles"] = { system, _ in
            for folder in folders where folder.kind != .adjusted {
                let kind: FileEntry.Kind = folder.kind == .link ? .link : folder.kind == .file ? .file : .folder
                system.nodes[folder.path] = FakeSystem.Node(
                    kind: kind, mode: folder.mode ?? 0o755, owner: folder.owner ?? .root, target: folder.target)
            }
            return ProgramResult(status: 0)
        }
        for unit in plan.blueprint.desired.units {
            if let probe = unit.probe { system.answers["\(probe.port)\(probe.path)"] = HTTPAnswer(status: 200) }
        }
        return system
    }

    private func plan(_ profile: String) throws -> (HostPlan, Config) {
        let set = try Golden.set(Golden.config(profile))
        let config = set.context.config
        let planner = HostPlanner(config: config, artifacts: set, source: Array("version: 3.1".utf8), version: "3.1.0")
        return (try planner.plan(for: FakeSystem()), config)
    }

    private func run(_ system: FakeSystem, _ plan: HostPlan) async -> StatusReport {
        await Reconciler(system: system).run { () throws(Reconciler.Refusal) in plan }
    }

    @Test(arguments: ["single", "embedded", "edge", "no-tls", "recording", "spec-3.1"])
    func aGoldenProfileIsAppliedAndStays(_ profile: String) async throws {
        let (plan, config) = try plan(profile)
        let system = host(plan, config)
        let first = await run(system, plan)
        #expect(first.result == .applied, "\(String(describing: first.failure)) \(first.differences)")
        #expect(first.units.filter { !$0.isHealthy } == [])
        #expect((first.certificate != nil) == config.server.httpsEnabled)
        system.clearLog()
        let second = await run(system, plan)
        #expect(second.result == .inOrder, "\(second.differences)")
        #expect(system.log.allSatisfy { $0.hasPrefix("write /run/putlive-reconcile/") }, "\(system.log)")
        let status = system.text(of: StateFolder.status) ?? ""
        for secret in try Golden.set(Golden.config(profile)).context.secretTexts { #expect(!status.contains(secret)) }
    }

    @Test func aSelfSignedCertificateIsMadeOnce() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        let report = await run(system, plan)
        #expect(report.certificate?.isSelfSigned ?? false)
        #expect(report.certificate?.names.contains(config.server.domain) ?? false)
        let key = system.nodes["/etc/putlive/tls/self-signed/privkey.pem"]
        #expect(key?.mode == 0o600)
        #expect(system.nodes["/etc/putlive/tls/privkey.pem"]?.target == "/etc/putlive/tls/self-signed/privkey.pem")
        _ = await run(system, plan)
        #expect(system.nodes["/etc/putlive/tls/self-signed/privkey.pem"] == key)
    }

    @Test func aCheckMakesNoCertificate() async throws {
        let (plan, config) = try plan("embedded")
        let system = DryRunSystem(over: host(plan, config))
        let report = await Reconciler(system: system).run { () throws(Reconciler.Refusal) in plan }
        #expect(report.differences.contains { $0.subject == "/etc/putlive/tls/self-signed/fullchain.pem" })
        #expect(system.actions.contains("restart nginx.service") || system.actions.contains("reload nginx.service"))
    }

    @Test func withoutSRSNothingIsChangedAndBothRemediesAreNamed() async throws {
        let (plan, config) = try plan("single")
        let system = host(plan, config)
        system.nodes[SRSPlan.path] = nil
        let before = system.nodes
        let report = await run(system, plan)
        #expect(report.failure?.stage == "srs")
        #expect(report.failure?.message.contains("streaming.srs.package_url") ?? false)
        #expect(report.failure?.message.contains("streaming.engine: embedded") ?? false)
        #expect(system.nodes.filter { !$0.key.hasPrefix("/run") } == before.filter { !$0.key.hasPrefix("/run") })
    }

    @Test func anImageWithoutSRSIsMadeAndSaysSo() async throws {
        let (plan, config) = try plan("single")
        let system = host(plan, config)
        system.nodes[SRSPlan.path] = nil
        system.isLive = false
        let report = await run(system, plan)
        #expect(report.result == .applied)
        #expect(report.notes.contains { $0.contains("streaming.srs.package_url") })
    }

    @Test func whoIsLiveHoldsARestartBack() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        _ = await run(system, plan)
        let set = try Golden.set(Golden.config("embedded"))
        let upgraded = try HostPlanner(
            config: config, artifacts: set, source: Array("version: 3.1".utf8), version: "3.2.0"
        ).plan(for: system)
        system.answers["\(config.server.httpPort)/metrics"] = HTTPAnswer(
            status: 200, body: "putlive_streams_active{source=\"webrtc\"} 1\n")
        let waiting = await run(system, upgraded)
        #expect(waiting.result == .waiting)
        #expect(waiting.pendingRestarts.map(\.unit) == ["putlive-agent.service"])
        system.answers["\(config.server.httpPort)/metrics"] = HTTPAnswer(
            status: 200, body: "putlive_streams_active{source=\"webrtc\"} 0\n")
        #expect(await run(system, upgraded).result == .applied)
    }

    /// Debian's own configuration of Prometheus, which comes back, listens to everybody.
    @Test func monitoringEndsWithTheConfigThatAskedForIt() async throws {
        let (plan, config) = try plan("single")
        let system = host(plan, config)
        system.nodes["/etc/default/prometheus"] = FakeSystem.Node(kind: .file, content: Array("Debian's".utf8))
        #expect(await run(system, plan).result == .applied)
        let units = ["prometheus.service", "prometheus-node-exporter.service", "grafana-server.service"]
        for unit in units { #expect(system.running[unit]?.state == "active") }
        var without = config
        without.monitoring.prometheusEnabled = false
        without.security.fail2ban.enabled = false
        without.reliability.logRotation.enabled = false
        let next = try HostPlanner(
            config: without, artifacts: Golden.set(without), source: Array("version: 3.1".utf8), version: "3.1.0"
        ).plan(for: system)
        let report = await run(system, next)
        #expect(report.result == .applied, "\(String(describing: report.failure))")
        for unit in units {
            #expect(system.running[unit]?.state == "inactive")
            #expect(system.nodes["/etc/systemd/system/multi-user.target.wants/\(unit)"] == nil)
            #expect(report.repaired.contains { $0.subject == unit && $0.kind == .unit })
        }
        #expect(system.nodes["/etc/default/prometheus"]?.content == Array("Debian's".utf8))
        // What guards a host, and keeps its logs small, is Debian's and goes on.
        for unit in ["fail2ban.service", "logrotate.timer"] {
            #expect(system.running[unit]?.state == "active", "\(unit)")
            #expect(system.nodes.keys.contains { $0.hasSuffix(".wants/\(unit)") }, "\(unit)")
        }
        #expect(await run(system, next).result == .inOrder)
        // Who wants Debian's own enables it, which is nobody else's business from here on.
        try system.act(.start, on: "prometheus.service")
        try system.link(
            "/etc/systemd/system/multi-user.target.wants/prometheus.service",
            to: "/lib/systemd/system/prometheus.service")
        #expect(await run(system, next).result == .inOrder)
        #expect(system.running["prometheus.service"]?.state == "active")
    }

    @Test func aUsersOwnSRSIsKeptBesideThatOfThePackage() async throws {
        let program = try RealSystem().read("/usr/bin/true", limit: 1 << 20)
        var config = try Golden.config("single")
        config.streaming.srs.url = "https://example.com/srs"
        config.streaming.srs.sha256 = sha256(of: program)
        let plan = try HostPlanner(
            config: config, artifacts: Golden.set(config), source: Array("version: 3.1".utf8), version: "3.1.0"
        ).plan(for: FakeSystem())
        let system = host(plan, config)
        // Larger than any file of text.
        let own = [UInt8](repeating: 7, count: 9 << 20)
        system.nodes[SRSPlan.path] = FakeSystem.Node(kind: .file, content: own, mode: 0o755)
        system.programs["curl"] = { _, _ in ProgramResult(status: 0) }
        system.programs["prlimit"] = { system, arguments in
            let place = arguments.firstIndex(of: "--output").map { arguments[$0 + 1] } ?? ""
            system.nodes[place] = FakeSystem.Node(kind: .file, content: program)
            return ProgramResult(status: 0)
        }
        var said: [String] = []
        var reconciler = Reconciler(system: system)
        reconciler.say = { said.append($0) }
        let load = { () throws(Reconciler.Refusal) in plan }
        #expect(await reconciler.run(load).result == .applied)
        #expect(system.nodes[SRSPlan.path]?.content == program)
        let kept = "\(StateFolder.originals)/usr%2Flocal%2Fsrs%2Fobjs%2Fsrs"
        #expect(system.nodes[kept]?.content == own && system.nodes[kept]?.mode == 0o755)
        #expect(said.contains("what was at \(SRSPlan.path) before PutLive is kept as \(kept)"))
        said = []
        #expect(await reconciler.run(load).result == .inOrder)
        #expect(said == [])
        #expect(await reconciler.withdraw().result == .applied)
        #expect(system.nodes[SRSPlan.path]?.content == own)
    }

    /// A new port that can't be had: the agent goes on at the old one, and isn't taken for one that hangs.
    @Test func whatRunsIsLookedAfterAsItWasLastApplied() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        _ = await run(system, plan)
        let starts = system.running["putlive-agent.service"]?.starts
        system.answers["\(config.server.httpPort)/metrics"] = HTTPAnswer(
            status: 200, body: "putlive_streams_active{source=\"webrtc\"} 0\n")
        var other = config
        other.server.httpPort = 3999
        let next = try HostPlanner(
            config: other, artifacts: Golden.set(other), source: Array("version: 3.1".utf8), version: "3.1.0"
        ).plan(for: system)
        var reconciler = Reconciler(system: system)
        reconciler.lastApplied = { plan }
        reconciler.nativeChecks = { _ in throw SystemError("nginx refuses") }
        for _ in 0..<10 {
            system.now += 30
            let report = await reconciler.run { () throws(Reconciler.Refusal) in next }
            #expect(report.failure?.stage == "native_checks")
            #expect(report.units.filter { !$0.isHealthy } == [])
        }
        #expect(system.running["putlive-agent.service"]?.starts == starts)
    }

    @Test func whatRunsIsLookedAfterWhileTheConfigIsBroken() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        _ = await run(system, plan)
        let starts = system.running["putlive-agent.service"]?.starts ?? 0
        system.answers["\(config.server.httpPort)/api/health"] = nil
        var reconciler = Reconciler(system: system)
        reconciler.lastApplied = { plan }
        var report: StatusReport?
        for _ in 0..<10 {
            system.now += 10
            report = await reconciler.run { () throws(Reconciler.Refusal) in
                throw Reconciler.Refusal("config", "config.yaml:3:1: error")
            }
        }
        // What is wrong with the config comes first.
        #expect(report?.result == .failed)
        #expect(report?.failure?.message == "config.yaml:3:1: error")
        #expect(report?.consecutiveFailures == 10)
        #expect((system.running["putlive-agent.service"]?.starts ?? 0) > starts)
        let agent = try #require(report?.units.first { $0.name == "putlive-agent.service" })
        #expect(!agent.isHealthy && agent.restarts > 0)
    }

    @Test func whoMayBeLiveIsToldWithTheReason() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        _ = await run(system, plan)
        let set = try Golden.set(Golden.config("embedded"))
        let upgraded = try HostPlanner(
            config: config, artifacts: set, source: Array("version: 3.1".utf8), version: "3.2.0"
        ).plan(for: system)
        let report = await run(system, upgraded)
        #expect(report.result == .waiting)
        #expect(
            report.pendingRestarts.first?.reason
                == "what it is started with has changed; whether somebody is live isn't known: the agent doesn't answer "
                + "at 127.0.0.1:\(config.server.httpPort)")
    }

    @Test func whatDoesNotAnswerIsRestartedThenGivenUp() async throws {
        let (plan, config) = try plan("embedded")
        let system = host(plan, config)
        _ = await run(system, plan)
        let starts = system.running["putlive-agent.service"]?.starts ?? 0
        system.answers["\(config.server.httpPort)/api/health"] = nil
        var report = await run(system, plan)
        #expect(report.result == .drift)
        #expect(report.differences.map(\.kind) == [.health])
        #expect(system.running["putlive-agent.service"]?.starts == starts)
        for _ in 0..<400 {
            system.now += 10
            report = await run(system, plan)
            if report.units.contains(where: \.gaveUp) { break }
        }
        let agent = try #require(report.units.first { $0.name == "putlive-agent.service" })
        #expect(agent.gaveUp && !agent.isHealthy)
        #expect(agent.restarts == config.reliability.watchdog.maxRestarts)
        #expect(system.running["putlive-agent.service"]?.starts == starts + agent.restarts)
        #expect(report.differences.first?.detail.contains("max_restarts") ?? false)
        system.answers["\(config.server.httpPort)/api/health"] = HTTPAnswer(status: 200)
        #expect(await run(system, plan).result == .inOrder)
    }
}
