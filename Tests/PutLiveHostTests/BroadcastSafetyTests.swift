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

    /// Everything of a host but what runs keep for themselves.
    private func files(_ system: FakeSystem) -> [String: [UInt8]] {
        system.nodes.filter { !$0.key.hasPrefix("/run/") && !$0.key.hasPrefix(StateFolder.path) }.mapValues(\.content)
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

    @Test func whoDoesNotWaitIsNotAskedAgain() async {
        let system = await FakeHost.applied()
        let next = FakeHost.blueprint(FakeHost.Version(number: 2, srsRestart: 2))
        let report = await Reconciler(system: system, doesNotWait: true).run(next, isLive: true)
        #expect(report.result == .applied)
    }
}
