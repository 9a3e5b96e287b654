import Testing

@testable import PutLiveHost

@Suite("A service counts as started once it works")
struct HealthServiceTests {
    private static let probe = ServiceProbe(port: 3000, path: "/api/health", patience: .seconds(15))
    private static let unit = "putlive-agent.service"

    private func host(_ states: String..., answer: @escaping (Int) -> HTTPAnswer? = { _ in nil }) -> ScriptedSystem {
        let system = ScriptedSystem()
        system.state = { turn in
            [Self.unit: UnitState(active: states[min(turn, states.count) - 1], result: "exit-code")]
        }
        system.answer = { _, turn in answer(turn) }
        return system
    }

    private func problem(_ system: ScriptedSystem, probe: ServiceProbe? = probe, limit: Int = 30) -> String {
        do throws(SystemError) {
            try ServiceHealth.awaitHealthy(Self.unit, probe: probe, on: system, limit: .seconds(limit))
            return ""
        } catch {
            return error.description
        }
    }

    @Test("one that is active and answers is waited for no longer")
    func atOnce() {
        let system = host("active") { _ in HTTPAnswer(status: 200) }
        #expect(problem(system) == "")
        #expect(system.slept.isEmpty)
        #expect(system.requests == ["3000/api/health"])
    }

    @Test("without a probe, active is enough")
    func withoutProbe() {
        let system = host("activating", "activating", "active")
        #expect(problem(system, probe: nil) == "")
        #expect(system.slept == [.milliseconds(200), .milliseconds(200)])
    }

    @Test("it is asked again until it answers well")
    func later() {
        let system = host("activating", "active") { turn in turn < 3 ? nil : HTTPAnswer(status: turn == 3 ? 503 : 200) }
        #expect(problem(system) == "")
        #expect(system.requests.count == 4)
        #expect(system.slept.count == 4)
    }

    @Test("one that has failed isn't waited for")
    func failed() {
        let system = host("activating", "failed")
        #expect(
            problem(system) == "putlive-agent.service has failed (exit-code); see journalctl -u putlive-agent.service")
        #expect(system.slept.count == 1)
    }

    @Test("the error tells what is wrong after the time")
    func tooLate() {
        #expect(
            problem(host("activating"))
                == "putlive-agent.service is activating after 30 s; see journalctl -u putlive-agent.service")
        #expect(
            problem(host("active"))
                == "putlive-agent.service doesn't answer at 127.0.0.1:3000 after 30 s; "
                + "see journalctl -u putlive-agent.service")
        #expect(
            problem(host("active") { _ in HTTPAnswer(status: 500) }, limit: 2)
                == "putlive-agent.service answers 500 at http://127.0.0.1:3000/api/health after 2 s; "
                + "see journalctl -u putlive-agent.service")
        let unknown = ScriptedSystem()
        #expect(
            problem(unknown)
                == "putlive-agent.service is unknown to systemd after 30 s; see journalctl -u putlive-agent.service")
        #expect(unknown.slept.count == 150)
    }

    @Test("a clock that stands still or jumps doesn't hold it up")
    func clock() {
        let still = host("active")
        still.clockRuns = false
        #expect(problem(still, limit: 1) != "")
        #expect(still.slept.count == 5)
        let slow = host("active")
        slow.answer = { _, _ in
            slow.now += 2
            return nil
        }
        #expect(problem(slow, limit: 10) != "")
        #expect(slow.slept.count == 4)
    }

    @Test("systemd's own failure is told")
    func systemdFails() {
        let system = ScriptedSystem()
        system.state = { _ in nil }
        #expect(problem(system) == "systemd doesn't answer")
    }

    @Test("a check and an image wait for nothing")
    func notHere() {
        let check = host("failed")
        check.isWritable = false
        #expect(problem(check) == "")
        let image = host("failed")
        image.isLive = false
        #expect(problem(image) == "")
    }

    @Test("a probe takes any status, or only good ones")
    func statuses() {
        var probe = Self.probe
        let system = ScriptedSystem()
        system.answer = { _, turn in HTTPAnswer(status: turn == 1 ? 399 : 404) }
        #expect(ServiceHealth.ask(probe, on: system) == .good)
        #expect(ServiceHealth.ask(probe, on: system) == .status(404))
        probe.acceptsAnyStatus = true
        #expect(ServiceHealth.ask(probe, on: system) == .good)
        system.answer = { _, _ in nil }
        #expect(ServiceHealth.ask(probe, on: system) == ServiceHealth.Answer.none)
    }
}
