import Testing

@testable import PutLiveHost

/// Who goes live while a run is under way, or while one that was cut off is put back, isn't cut.
@Suite struct BroadcastSafetyTests {
    /// Notes each stop and restart of what carries broadcasts, while somebody is live.
    private final class Audience {
        var isLive = false
        private(set) var cuts: [String] = []

        func watch(_ system: FakeSystem) {
            system.whenActing = { [unowned self] action, unit, wasActive in
                guard isLive, wasActive, SystemUnits.carryingBroadcasts.contains(unit) else { return }
                if action == .stop || action == .restart { cuts.append("\(action.rawValue) \(unit)") }
            }
        }
    }

    private static let changes = [
        FakeHost.Version(number: 2, srsRestart: 2),
        FakeHost.Version(number: 2, usesSRS: false),
        FakeHost.Version(number: 5, srsRestart: 3, toolVersion: "3.3.0"),
        FakeHost.Version(toolVersion: "3.2.0"),
    ]

    /// What a run writes to a host, but for what it keeps for itself.
    private func files(_ system: FakeSystem) -> [String: String] {
        let isOthers = ["/run/", "/proc/", StateFolder.path, "/etc/passwd", "/etc/group"]
        return system.nodes.filter { node in
            node.value.kind != .folder && !isOthers.contains { node.key.hasPrefix($0) }
        }.mapValues { $0.target ?? String(decoding: $0.content, as: UTF8.self) }
    }

    // MARK: While a run is under way

    /// Somebody goes live right before who is live is asked for the second time, the third time, …
    @Test(arguments: changes, 2...5)
    func whoGoesLiveBeforeTheRestartIsNotCut(_ version: FakeHost.Version, asked: Int) async {
        let known = await FakeHost.applied()
        let expected = await Reconciler(system: known).run(FakeHost.blueprint(version), isLive: true)

        let system = await FakeHost.applied()
        let audience = Audience()
        audience.watch(system)
        var count = 0
        let plan = { () throws(Reconciler.Refusal) in
            var plan = HostPlan(blueprint: FakeHost.blueprint(version))
            plan.broadcasts = { _, _ in
                count += 1
                audience.isLive = count >= asked
                let isLive = audience.isLive
                return { _ in isLive ? .live(1) : .nothing }
            }
            return plan
        }
        let report = await Reconciler(system: system).run(plan)
        #expect(audience.cuts == [])
        guard report.result == .waiting else {
            // All was done before anybody was live.
            #expect(report.result == .applied)
            #expect(FakeHost.problems(system, FakeHost.blueprint(version)) == [])
            return
        }
        // As when it is known before, to the last byte.
        #expect(files(system) == files(known))
        #expect(report.failure == nil && report.consecutiveFailures == 0 && report.failedGoal == nil)
        #expect(report.pendingRestarts.map(\.reason) == expected.pendingRestarts.map(\.reason))
        #expect(report.differences == expected.differences && report.repaired == expected.repaired)
        #expect(report.generation == expected.generation)
        #expect(system.nodes[StateFolder.journal] == nil)
        audience.isLive = false
        #expect(await Reconciler(system: system).run(FakeHost.blueprint(version)).result == .applied)
        #expect(FakeHost.problems(system, FakeHost.blueprint(version)) == [])
    }

    /// The agent lets people on air: it goes down before SRS does, so that nobody gets there in between.
    @Test func theAgentGoesDownBeforeSRS() async {
        let system = await FakeHost.applied()
        _ = await Reconciler(system: system).run(
            FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2, toolVersion: "3.2.0")))
        let carriers = system.log.filter { $0.hasSuffix(" srs.service") || $0.hasSuffix(" putlive-agent.service") }
        #expect(
            carriers.filter { !$0.hasPrefix("reset") && !$0.hasPrefix("write") } == [
                "stop putlive-agent.service", "restart srs.service", "start putlive-agent.service",
            ])
    }

    // MARK: While what was cut off is put back

    /// A run is cut off at every point; by the time of the next one somebody is live.
    @Test(arguments: FaultTests.changes, [false, true])
    func whoIsLiveAfterACrashIsNotCut(_ change: FaultTests.Change, rebooted: Bool) async throws {
        let goal = FakeHost.blueprint(change.to)
        let reference = await FaultTests.host(change)
        _ = await Reconciler(system: reference).run(goal)
        var waited = 0
        for number in 1...reference.operations {
            let system = await FaultTests.host(change)
            let before = files(system)
            system.fault = .dies(number)
            _ = await Reconciler(system: system).run(goal)
            if rebooted { system.reboot() } else { system.restore() }
            let audience = Audience()
            audience.watch(system)
            audience.isLive = true
            // Whether or not the config can be read.
            let refused = await Reconciler(system: system).runRefused(isLive: true)
            #expect(refused.failure?.stage == "config")
            // Files are back at once, but where the last operation alone was missing.
            #expect(files(system) == before || files(system) == files(reference), "cut off at \(number)")
            for _ in 0..<2 {
                let report = await Reconciler(system: system).run(goal, isLive: true)
                #expect(report.result != .failed, "cut off at \(number): \(String(describing: report.failure))")
                if try Journal.interrupted(on: system) != nil {
                    waited += 1
                    #expect(report.result == .waiting)
                    #expect(!report.pendingRestarts.isEmpty && !report.differences.isEmpty)
                    #expect(files(system) == before)
                }
            }
            #expect(audience.cuts == [], "cut off at \(number)")
            audience.isLive = false
            _ = await Reconciler(system: system).run(goal)
            #expect(FakeHost.problems(system, goal) == [], "cut off at \(number)")
        }
        if change.testDescription == "SRS restarted" { #expect(waited > 0) }
    }

    /// nginx refuses the new configuration, and somebody has gone live on the restarted SRS meanwhile.
    @Test func whoGoesLiveBeforeAFailureIsNotCut() async throws {
        let system = await FakeHost.applied()
        let before = files(system)
        let audience = Audience()
        audience.watch(system)
        system.refuses = { unit, read in
            guard unit == "nginx.service", read["/etc/nginx/nginx.conf"] == Array("nginx 2".utf8) else { return false }
            audience.isLive = true
            return true
        }
        let plan = { () throws(Reconciler.Refusal) in
            var plan = HostPlan(blueprint: FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2)))
            plan.broadcasts = { _, _ in
                let isLive = audience.isLive
                return { _ in isLive ? .live(1) : .nothing }
            }
            return plan
        }
        var report = await Reconciler(system: system).run(plan)
        #expect(report.result == .failed)
        #expect(
            report.failure?.message
                == "nginx.service refuses its configuration\nevery file was put back as it was before, and srs.service, "
                + "putlive-agent.service, nginx.service once the broadcast has ended")
        #expect(files(system) == before)
        report = await Reconciler(system: system).run(plan)
        #expect(report.result == .waiting)
        #expect(report.pendingRestarts.map(\.reason) == Array(repeating: "a change that failed is put back", count: 3))
        #expect(audience.cuts == [])
        audience.isLive = false
        _ = await Reconciler(system: system).run(FakeHost.blueprint())
        #expect(FakeHost.problems(system, FakeHost.blueprint()) == [])
    }

    /// The new configuration has the agent hang: waiting for its answer would be waiting for ever.
    @Test func whatDoesNotAnswerSinceTheChangeIsPutBack() async throws {
        let system = await FakeHost.applied()
        var hangs = false
        let report = await Reconciler(system: system).run { () throws(Reconciler.Refusal) in
            var plan = HostPlan(
                blueprint: FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2, toolVersion: "3.2.0")))
            plan.broadcasts = { _, _ in
                let now = hangs
                return { _ in now ? .unknown("the agent doesn't answer") : .nothing }
            }
            plan.awaitHealthy = { unit, _ throws(SystemError) in
                guard unit.name == "putlive-agent.service" else { return }
                hangs = true
                throw SystemError("the agent doesn't answer")
            }
            return plan
        }
        #expect(
            report.failure?.message == "the agent doesn't answer\neverything was put back as it was before")
        #expect(FakeHost.problems(system, FakeHost.blueprint()) == [])
    }

    @Test func whoDoesNotWaitPutsBackAtOnce() async throws {
        let next = FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2))
        let reference = await FakeHost.applied()
        _ = await Reconciler(system: reference).run(next)
        let system = await FakeHost.applied()
        system.fault = .dies(try #require(reference.log.firstIndex(of: "restart srs.service")) + 2)
        _ = await Reconciler(system: system).run(next)
        system.restore()
        let report = await Reconciler(system: system, doesNotWait: true).run(next, isLive: true)
        #expect(report.result == .applied)
        #expect(FakeHost.problems(system, next) == [])
    }

    @Test func whoDoesNotWaitIsNotAskedAgain() async {
        let system = await FakeHost.applied()
        let next = FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2))
        let report = await Reconciler(system: system, doesNotWait: true).run(next, isLive: true)
        #expect(report.result == .applied)
    }
}
