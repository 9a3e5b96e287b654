import Testing

@testable import PutLiveHost

@Suite("What came of a reload of SRS is found out")
struct HealthSRSReloadTests {
    private static let raw = "1985/api/v1/raw?rpc=reload-fetch"

    private func report(_ rid: String, state: Int, err: Int = 0, msg: String = "Success") -> HTTPAnswer {
        HTTPAnswer(
            status: 200,
            body: #"{"code":0,"data":{"err":\#(err),"msg":"\#(msg)","state":\#(state),"rid":"\#(rid)"}}"#)
    }

    private func versions(pid: Int) -> HTTPAnswer {
        HTTPAnswer(status: 200, body: #"{"code":0,"pid":"\#(pid)","data":{"major":6,"version":"6.0.157"}}"#)
    }

    /// The first answer is the one before the reload; the last one stays.
    private func host(_ reports: HTTPAnswer?..., pids: Int...) -> ScriptedSystem {
        let system = ScriptedSystem()
        system.answer = { request, turn in
            request == Self.raw
                ? reports[min(turn, reports.count) - 1] : versions(pid: pids[min(turn, pids.count) - 1])
        }
        return system
    }

    private func outcome(_ system: ScriptedSystem) -> String? {
        let reload = SRSReload(system, port: 1985)
        do throws(SystemError) {
            return try reload.confirm()
        } catch {
            return "error: \(error)"
        }
    }

    @Test("a reload that was made is no news")
    func made() {
        let system = host(report("a", state: 90), report("a", state: 90), report("b", state: 90), pids: 7)
        #expect(outcome(system) == nil)
        #expect(system.slept == [.milliseconds(200)])
    }

    @Test("the first reload since the start too, while SRS is slow to answer")
    func first() {
        let system = host(report("a", state: 0), nil, report("b", state: 0), report("b", state: 90), pids: 7)
        #expect(outcome(system) == nil)
        #expect(system.slept.count == 2)
    }

    @Test("a refusal is told in SRS's words, in one line")
    func refused() {
        let words = #"code=1023(ConfigInvalid) : check config : illegal directive bogus\nthread [1][2]: reload()"#
        let system = host(report("a", state: 90), report("b", state: 20, err: 1023, msg: words), pids: 7)
        #expect(
            outcome(system)
                == "error: SRS refuses its new configuration: code=1023(ConfigInvalid) : check config : "
                + "illegal directive bogus thread [1][2]: reload()")
        let long = host(
            report("a", state: 90), report("b", state: 10, err: 1, msg: String(repeating: "x", count: 9000)), pids: 7)
        #expect((outcome(long) ?? "").utf8.count < 600)
    }

    @Test("an SRS that ended on it and was started anew is as good, and told")
    func restarted() {
        let system = host(report("a", state: 90), nil, nil, report("c", state: 0), pids: 7, 8)
        #expect(
            outcome(system)
                == "SRS ended when it was reloaded, and was started anew with its new configuration; "
                + "see journalctl -u srs.service")
    }

    @Test("one that doesn't come back is an error")
    func gone() {
        let system = host(report("a", state: 90), nil, pids: 7)
        #expect(
            outcome(system)
                == "error: SRS doesn't answer at 127.0.0.1:1985 any more since it was reloaded; "
                + "see journalctl -u srs.service")
        #expect(system.slept.count == 50)
    }

    @Test("one that never looks is an error")
    func deaf() {
        let words =
            "error: SRS didn't take its new configuration within 10 s; see journalctl -u srs.service"
        #expect(outcome(host(report("a", state: 90), pids: 7)) == words)
        // The same process, whose reload has no end.
        #expect(outcome(host(report("a", state: 90), report("b", state: 0), pids: 7)) == words)
    }

    @Test(
        "without raw_api nobody knows, and that is said",
        arguments: [
            nil, HTTPAnswer(status: 200, body: #"{"code":1061}"#), HTTPAnswer(status: 404),
            HTTPAnswer(status: 200, body: "<"),
        ])
    func withoutRaw(answer: HTTPAnswer?) {
        let system = host(answer, pids: 7)
        #expect(
            outcome(system)
                == "whether SRS took its new configuration isn't known: its raw_api doesn't answer at 127.0.0.1:1985; "
                + "see journalctl -u srs.service")
        #expect(system.slept.isEmpty)
    }

    @Test("a check and an image ask nothing")
    func notHere() {
        let check = host(report("a", state: 90), pids: 7)
        check.isWritable = false
        #expect(outcome(check) == nil)
        #expect(check.requests.isEmpty)
        let image = host(report("a", state: 90), pids: 7)
        image.isLive = false
        #expect(outcome(image) == nil)
        #expect(image.requests.isEmpty)
    }
}
