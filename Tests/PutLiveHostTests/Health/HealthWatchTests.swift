import Foundation
import Testing

@testable import PutLiveHost

@Suite("What is unhealthy is restarted within its limits")
struct HealthWatchTests {
    private static let start = 1_800_000_000.0
    private static let policy = HealthPolicy(restartsOnFailure: true, maxRestarts: 5)
    private static let active = UnitState()
    private static let failed = UnitState(active: "failed", sub: "failed", result: "exit-code")

    private func seen(
        _ state: UnitState = active, answers: Bool? = nil, patience: Int = 30, shouldRun: Bool = true
    ) -> HealthObservation {
        HealthObservation(
            unit: "a.service", state: state, answers: answers, patience: .seconds(patience), shouldRun: shouldRun)
    }

    private func decide(
        _ watch: inout HealthWatch, _ observation: HealthObservation, at seconds: Double,
        policy: HealthPolicy = policy
    ) -> HealthDecision? {
        watch.decide([observation], policy: policy, at: Self.start + seconds).first
    }

    @Test("an active unit that answers, or has no probe, is healthy")
    func healthy() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(), at: 0) == .healthy)
        #expect(decide(&watch, seen(answers: true), at: 30) == .healthy)
        #expect(decide(&watch, seen(UnitState(active: "reloading"), answers: true), at: 60) == .healthy)
        #expect(watch.restarts(of: "a.service") == 0)
    }

    @Test("one that doesn't answer is restarted after its patience, and gets all of it again")
    func hanging() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(answers: false), at: 0) == .watching(since: Self.start))
        #expect(decide(&watch, seen(answers: false), at: 29) == .watching(since: Self.start))
        #expect(decide(&watch, seen(answers: false), at: 30) == .restart(attempt: 1))
        #expect(decide(&watch, seen(answers: false), at: 59) == .watching(since: Self.start + 30))
        #expect(decide(&watch, seen(answers: false), at: 60) == .restart(attempt: 2))
        #expect(watch.restarts(of: "a.service") == 2)
    }

    @Test("an answer in between ends the patience's count")
    func answersAgain() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(answers: false), at: 0) == .watching(since: Self.start))
        #expect(decide(&watch, seen(answers: true), at: 20) == .healthy)
        #expect(decide(&watch, seen(answers: false), at: 40) == .watching(since: Self.start + 40))
    }

    @Test("a start for another reason gives it all of its time")
    func startedByOthers() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(answers: false), at: 0) == .watching(since: Self.start))
        watch.wasStarted("a.service")
        watch.wasStarted("unknown.service")
        #expect(decide(&watch, seen(answers: false), at: 40) == .watching(since: Self.start + 40))
    }

    @Test("a failed unit is started at once, then after 5, 15, 45 and 60 s")
    func backoff() {
        var watch = HealthWatch()
        var policy = Self.policy
        policy.maxRestarts = 6
        var times: [Double] = []
        for second in 0..<400 {
            switch decide(&watch, seen(Self.failed), at: Double(second), policy: policy) {
            case .restart(let attempt):
                times.append(Double(second))
                #expect(attempt == times.count)
            case .waitUntil(let due): #expect(due > Self.start + Double(second))
            case .gaveUp(let isNew): #expect(isNew == (second == 186))
            case let other: Issue.record("\(String(describing: other)) at \(second)")
            }
        }
        #expect(times == [0, 5, 20, 65, 125, 185])
    }

    @Test("it is given up once, stays so after the window, and begins anew once it is healthy")
    func givesUp() {
        var watch = HealthWatch()
        var decisions: [HealthDecision?] = []
        for second in stride(from: 0.0, through: 3000, by: 30) {
            decisions.append(decide(&watch, seen(Self.failed), at: second))
        }
        #expect(decisions.count { if case .restart = $0 { true } else { false } } == 5)
        #expect(decisions.count { $0 == .gaveUp(isNew: true) } == 1)
        #expect(decisions.last == .gaveUp(isNew: false))
        #expect(watch.hasGivenUp("a.service"))
        // A hand helped.
        #expect(decide(&watch, seen(), at: 3030) == .healthy)
        #expect(!watch.hasGivenUp("a.service"))
        #expect(decide(&watch, seen(Self.failed), at: 3060) == .restart(attempt: 1))
        #expect(watch.restarts(of: "a.service") == 6)
    }

    @Test("a hanging one that was given up stays so while it hangs, and is healthy by itself")
    func hangingGivenUp() {
        var watch = HealthWatch()
        let policy = HealthPolicy(restartsOnFailure: true, maxRestarts: 1)
        _ = decide(&watch, seen(answers: false), at: 0, policy: policy)
        #expect(decide(&watch, seen(answers: false), at: 30, policy: policy) == .restart(attempt: 1))
        #expect(decide(&watch, seen(answers: false), at: 60, policy: policy) == .gaveUp(isNew: true))
        // Somebody restarted it, and it still hangs: no new alert.
        watch.wasStarted("a.service")
        #expect(decide(&watch, seen(answers: false), at: 70, policy: policy) == .gaveUp(isNew: false))
        #expect(decide(&watch, seen(answers: true), at: 90, policy: policy) == .healthy)
        #expect(decide(&watch, seen(answers: false), at: 120, policy: policy) == .watching(since: Self.start + 120))
    }

    @Test("one that is well between its failures is given up as well when they come too often")
    func flapping() {
        var watch = HealthWatch()
        var restarts: [Double] = []
        var second = 0.0
        while second < 1000 {
            if case .restart = decide(&watch, seen(Self.failed), at: second) { restarts.append(second) }
            if watch.hasGivenUp("a.service") { break }
            #expect(decide(&watch, seen(), at: second + 30) == .healthy)
            second += 61
        }
        #expect(restarts.count == 5)
        #expect(second < 600)
    }

    @Test("restarts that are ten minutes old don't count")
    func window() {
        var watch = HealthWatch()
        for index in 0..<20 {
            let time = Double(index) * 150
            #expect(decide(&watch, seen(Self.failed), at: time) == .restart(attempt: min(index + 1, 4)))
            #expect(decide(&watch, seen(), at: time + 30) == .healthy)
        }
    }

    @Test("restarts by systemd count too")
    func systemdRestarts() {
        var watch = HealthWatch()
        // What was before we looked isn't known to be recent.
        #expect(decide(&watch, seen(UnitState(restarts: 40)), at: 0) == .healthy)
        #expect(decide(&watch, seen(UnitState(restarts: 44)), at: 30) == .healthy)
        var failed = Self.failed
        failed.restarts = 45
        #expect(decide(&watch, seen(failed), at: 60) == .gaveUp(isNew: true))
        #expect(watch.restarts(of: "a.service") == 0)
    }

    @Test("a count that begins anew is no negative one")
    func counterReset() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(UnitState(restarts: 40)), at: 0) == .healthy)
        // Restarted by hand, and thrice by systemd since.
        #expect(decide(&watch, seen(UnitState(restarts: 3)), at: 30) == .healthy)
        #expect(watch.units["a.service"]?.others.count == 3)
        #expect(decide(&watch, seen(Self.failed), at: 60) == .restart(attempt: 1))
        var wild = Self.failed
        wild.restarts = .max
        #expect(decide(&watch, seen(wild), at: 90) == .gaveUp(isNew: true))
        wild.restarts = .min
        #expect(decide(&watch, seen(wild), at: 120) == .gaveUp(isNew: false))
        #expect((watch.units["a.service"]?.others.count ?? .max) <= 1000)
    }

    @Test("what only a person may restart is reported")
    func reportsOnly() {
        var watch = HealthWatch()
        let policy = HealthPolicy(restartsOnFailure: false, maxRestarts: 5)
        #expect(decide(&watch, seen(Self.failed), at: 0, policy: policy) == .unhealthy(since: Self.start))
        #expect(decide(&watch, seen(Self.failed), at: 900, policy: policy) == .unhealthy(since: Self.start))
        #expect(decide(&watch, seen(), at: 930, policy: policy) == .healthy)
        #expect(decide(&watch, seen(answers: false), at: 960, policy: policy) == .watching(since: Self.start + 960))
        #expect(decide(&watch, seen(answers: false), at: 990, policy: policy) == .unhealthy(since: Self.start + 960))
        #expect(watch.restarts(of: "a.service") == 0)
    }

    @Test(
        "what is being started, or was stopped by a hand, is left alone",
        arguments: [
            "activating", "deactivating", "inactive", "maintenance",
        ])
    func notRunning(active: String) {
        var watch = HealthWatch()
        for second in stride(from: 0.0, to: 300, by: 30) {
            #expect(
                decide(&watch, seen(UnitState(active: active), answers: false), at: second)
                    == .watching(since: Self.start + second))
        }
        // Its time to answer begins when it is active.
        #expect(decide(&watch, seen(answers: false), at: 300) == .watching(since: Self.start + 300))
    }

    @Test("one that needn't run is never restarted")
    func needsNotRun() {
        var watch = HealthWatch()
        #expect(decide(&watch, seen(UnitState(active: "inactive"), shouldRun: false), at: 0) == .healthy)
        #expect(decide(&watch, seen(Self.failed, shouldRun: false), at: 30) == .unhealthy(since: Self.start + 30))
        #expect(decide(&watch, seen(Self.failed, shouldRun: false), at: 900) == .unhealthy(since: Self.start + 30))
    }

    @Test("a clock that is set back delays nothing by more than the window")
    func clockSetBack() {
        var watch = HealthWatch()
        for second in stride(from: 0.0, through: 240, by: 30) { _ = decide(&watch, seen(Self.failed), at: second) }
        #expect(watch.hasGivenUp("a.service"))
        #expect(decide(&watch, seen(), at: -90_000) == .healthy)
        #expect(decide(&watch, seen(Self.failed), at: -89_970) == .restart(attempt: 1))
        // The next pause is 5 s from now on, not from a day ahead.
        guard case .waitUntil(let due) = decide(&watch, seen(Self.failed), at: -180_000) else {
            Issue.record("it doesn't wait")
            return
        }
        #expect(due == Self.start - 180_000 + 5)
        #expect(decide(&watch, seen(Self.failed), at: -179_995) == .restart(attempt: 2))
        // And so is its patience.
        #expect(decide(&watch, seen(answers: true), at: -169_000) == .healthy)
        #expect(decide(&watch, seen(answers: false), at: -160_000) == .watching(since: Self.start - 160_000))
        #expect(decide(&watch, seen(answers: false), at: -260_000) == .watching(since: Self.start - 260_000))
        #expect(decide(&watch, seen(answers: false), at: -259_970) == .restart(attempt: 1))
    }

    @Test("each unit is decided by itself, in order, and forgotten when nobody looks at it")
    func manyUnits() {
        var watch = HealthWatch()
        let units = ["b", "a", "c"].map { HealthObservation(unit: $0, state: $0 == "a" ? Self.failed : Self.active) }
        #expect(
            watch.decide(units, policy: Self.policy, at: Self.start) == [.healthy, .restart(attempt: 1), .healthy])
        #expect(Set(watch.units.keys) == ["a", "b", "c"])
        _ = watch.decide([units[0]], policy: Self.policy, at: Self.start + 30)
        #expect(Set(watch.units.keys) == ["b"])
    }

    @Test("it is the same after it was written and read")
    func codable() throws {
        var watch = HealthWatch()
        _ = decide(&watch, seen(Self.failed), at: 0)
        _ = decide(&watch, seen(UnitState(restarts: 3)), at: 30)
        #expect(try JSONDecoder().decode(HealthWatch.self, from: JSONEncoder().encode(watch)) == watch)
    }

    @Test("whatever happens, no more restarts than allowed fall into ten minutes of one trouble", arguments: 1...40)
    func bounded(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        var watch = HealthWatch()
        let policy = HealthPolicy(restartsOnFailure: true, maxRestarts: .random(in: 1...8, using: &random))
        var restarts: [Double] = []
        var now = 0.0
        var alerts = 0
        for _ in 0..<2000 {
            now += .random(in: 0...90, using: &random)
            let observation =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: seen(Self.failed)
                case 1: seen(answers: false)
                case 2: seen(UnitState(active: "activating"))
                default: seen(answers: true)
                }
            let hadGivenUp = watch.hasGivenUp("a.service")
            switch decide(&watch, observation, at: now, policy: policy) {
            case .restart: restarts.append(now)
            case .gaveUp(true):
                #expect(!hadGivenUp)
                alerts += 1
            case .healthy where hadGivenUp: restarts = []
            default: break
            }
            #expect(restarts.count { $0 > now - 600 } <= policy.maxRestarts)
            #expect((watch.units["a.service"]?.attempts.count ?? 0) <= policy.maxRestarts)
        }
        #expect(alerts > 0 || policy.maxRestarts > 3)
    }
}
