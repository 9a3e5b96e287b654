import Testing

@testable import PutLiveHost

@Suite("Who is live is known before anything is restarted")
struct HealthBroadcastsTests {
    private static let idle = """
        # HELP putlive_streams_active Streams on air.
        # TYPE putlive_streams_active gauge
        putlive_streams_active{source="rtmp"} 0
        putlive_streams_active{source="webrtc"} 0
        putlive_streams_active{source="playout"} 0
        putlive_streams_limit 10
        putlive_webrtc_sessions_active{state="connecting"} 3
        putlive_webrtc_sessions_active{state="connected"} 0
        """

    private func metrics(rtmp: Int = 0, webrtc: Int = 0, playout: Int = 0, connected: Int = 0) -> HTTPAnswer {
        HTTPAnswer(
            status: 200,
            body: """
                putlive_streams_active{source="rtmp"} \(rtmp)
                putlive_streams_active{source="webrtc"} \(webrtc)
                putlive_streams_active{source="playout"} \(playout)
                putlive_streams_active_other{source="webrtc"} 9
                putlive_webrtc_sessions_active{state="connected"} \(connected)

                """)
    }

    private func stream(_ url: String, active: Bool = true) -> String {
        #"{"id":"vid-1","name":"x","url":"\#(url)","clients":1,"publish":{"active":\#(active),"cid":"c1"},"video":null}"#
    }

    private func list(_ streams: [String], code: Int = 0) -> HTTPAnswer {
        HTTPAnswer(
            status: 200, body: #"{"code":\#(code),"server":"s","streams":[\#(streams.joined(separator: ","))]}"#)
    }

    private func host(agent: HTTPAnswer?, srs: HTTPAnswer? = nil) -> ScriptedSystem {
        let system = ScriptedSystem()
        system.state = { _ in ["putlive-agent.service": UnitState(), "srs.service": UnitState()] }
        system.answer = { request, _ in request.hasPrefix("3000") ? agent : srs }
        return system
    }

    private func look(_ system: ScriptedSystem) -> Broadcasts {
        Broadcasts.look(system, agentPort: 3000, srsPort: 1985)
    }

    @Test("an idle host lets everything be restarted")
    func idle() {
        let system = host(agent: HTTPAnswer(status: 200, body: Self.idle), srs: list([]))
        let seen = look(system)
        #expect(seen == Broadcasts(agent: .nothing, srs: .nothing))
        for unit in ["srs.service", "putlive-agent.service", "putlive-access.socket", "nginx.service"] {
            #expect(!seen.carried(by: unit).blocksRestart)
        }
        #expect(system.requests == ["3000/metrics", "1985/api/v1/streams/?start=0&count=500"])
    }

    @Test("OBS blocks SRS, not the agent")
    func obs() {
        let seen = look(host(agent: metrics(rtmp: 1), srs: list([stream("/live/a")])))
        #expect(seen == Broadcasts(agent: .nothing, srs: .live(1)))
        #expect(seen.carried(by: "srs.service").blocksRestart)
        #expect(!seen.carried(by: "putlive-agent.service").blocksRestart)
    }

    @Test("a browser blocks both, and so does a video that is played")
    func browser() {
        let seen = look(host(agent: metrics(webrtc: 1, playout: 1), srs: list([stream("/live/a"), stream("/live/b")])))
        #expect(seen == Broadcasts(agent: .live(2), srs: .live(2)))
        #expect(seen.carried(by: "srs.service").blocksRestart)
        #expect(seen.carried(by: "putlive-agent.service").blocksRestart)
        #expect(seen.carried(by: "putlive-access.socket").blocksRestart)
        #expect(!seen.carried(by: "nginx.service").blocksRestart)
    }

    @Test("a browser that is connected and not yet on air counts; one that only tries doesn't")
    func connected() {
        #expect(look(host(agent: metrics(connected: 1), srs: list([]))).agent == .live(1))
        #expect(look(host(agent: metrics(webrtc: 2, connected: 2), srs: list([]))).agent == .live(2))
        // One whose connection is lost, and whose stream waits for its return.
        #expect(look(host(agent: metrics(webrtc: 2, connected: 1), srs: list([]))).agent == .live(2))
    }

    @Test("without SRS the agent carries all")
    func embedded() {
        let system = host(agent: metrics(rtmp: 1))
        system.state = { _ in ["putlive-agent.service": UnitState(), "srs.service": UnitState(isLoaded: false)] }
        let seen = look(system)
        #expect(seen == Broadcasts(agent: .live(1), srs: .nothing))
        #expect(system.requests == ["3000/metrics"])
    }

    @Test("streams that nobody publishes, and those of the ladder, don't count")
    func ladder() {
        let streams = [
            stream("/live/a", active: false), stream("ladder.local/live/a_480p"), stream("ladder.local/live/a_144p"),
        ]
        #expect(look(host(agent: metrics(), srs: list(streams))).srs == .nothing)
    }

    @Test("all pages are read")
    func pages() {
        let system = host(agent: metrics())
        let idle = Array(repeating: stream("/live/x", active: false), count: 500)
        let last = list([stream("/live/a")])
        let full = list(idle)
        system.answer = { request, _ in request.hasSuffix("start=1000&count=500") ? last : full }
        #expect(Broadcasts.look(system, agentPort: nil, srsPort: 1985).srs == .live(1))
        #expect(system.requests.count == 3)
    }

    @Test("a list without an end is left after a while")
    func endless() {
        let system = host(agent: metrics())
        let full = list(Array(repeating: stream("/live/x"), count: 500))
        system.answer = { _, _ in full }
        #expect(Broadcasts.look(system, agentPort: nil, srsPort: 1985).srs == .live(10_000))
        #expect(system.requests.count == 20)
    }

    @Test("a server that runs and doesn't tell blocks its restart")
    func unknown() {
        let seen = look(host(agent: nil, srs: nil))
        #expect(seen.agent == .unknown("the agent doesn't answer at 127.0.0.1:3000"))
        #expect(seen.srs == .unknown("SRS doesn't answer at 127.0.0.1:1985"))
        #expect(seen.carried(by: "srs.service").blocksRestart)
        #expect(seen.carried(by: "putlive-access.socket").blocksRestart)
        #expect(!seen.carried(by: "prometheus.service").blocksRestart)
    }

    @Test(
        "an answer that makes no sense tells nothing",
        arguments: [
            HTTPAnswer(status: 500, body: ""), HTTPAnswer(status: 200, body: ""), HTTPAnswer(status: 200, body: "[]"),
            HTTPAnswer(status: 200, body: #"{"code":2049,"streams":[]}"#),
            HTTPAnswer(status: 200, body: #"{"code":0,"streams":[{"url":7}]}"#),
            HTTPAnswer(status: 200, body: #"{"code":0}"#), HTTPAnswer(status: 302, body: ""),
            HTTPAnswer(status: 200, body: "putlive_streams_active{source=\"rtmp\"} NaN\n"),
            HTTPAnswer(status: 200, body: "putlive_streams_active{source=\"rtmp\"} -1\n"),
            HTTPAnswer(status: 200, body: "putlive_streams_active{source=\"rtmp\"}\n"),
            HTTPAnswer(status: 200, body: "putlive_streams_active{source=\"rtmp\"} 1e99\n"),
            HTTPAnswer(status: 200, body: "putlive_streams_active 1e99"),
            HTTPAnswer(status: 200, body: String(repeating: "\u{0}", count: 1000)),
            HTTPAnswer(status: 200, body: String(repeating: "[", count: 100_000)),
        ])
    func nonsense(answer: HTTPAnswer) {
        let seen = look(host(agent: answer, srs: answer))
        #expect(seen.carried(by: "srs.service").blocksRestart)
        #expect(seen.carried(by: "putlive-agent.service").blocksRestart)
    }

    @Test("a server that is down carries nothing and isn't asked", arguments: ["inactive", "failed"])
    func down(active: String) {
        let system = host(agent: nil)
        system.state = { _ in
            ["putlive-agent.service": UnitState(active: active), "srs.service": UnitState(isLoaded: false)]
        }
        #expect(look(system) == Broadcasts(agent: .nothing, srs: .nothing))
        #expect(system.requests.isEmpty)
    }

    @Test("one that is being started or stopped is asked", arguments: ["activating", "deactivating", "reloading"])
    func inBetween(active: String) {
        let system = host(agent: metrics(webrtc: 1), srs: list([]))
        system.state = { _ in ["putlive-agent.service": UnitState(active: active)] }
        #expect(look(system) == Broadcasts(agent: .live(1), srs: .nothing))
    }

    @Test("where systemd doesn't answer, the servers are asked all the same")
    func withoutSystemd() {
        let system = host(agent: metrics(webrtc: 1), srs: list([stream("/live/a")]))
        system.state = { _ in nil }
        #expect(look(system) == Broadcasts(agent: .live(1), srs: .live(1)))
    }

    @Test("an agent that still listens where the config had it before is found there")
    func formerPort() {
        let system = host(agent: nil)
        let onAir = metrics(webrtc: 1)
        system.answer = { request, _ in
            switch request {
            case "3000/metrics": onAir
            // Another program has the new port.
            case "3100/metrics": HTTPAnswer(status: 404)
            default: nil
            }
        }
        func look(_ port: Int?, _ former: Int?) -> Broadcasts.Carried {
            Broadcasts.look(system, agentPort: port, formerAgentPort: former, srsPort: nil).agent
        }
        #expect(look(3100, 3000) == .live(1))
        #expect(look(nil, 3000) == .live(1))
        #expect(look(3000, 3100) == .live(1))
        #expect(look(3100, 3100) == .unknown("the agent answers 404 to /metrics"))
        #expect(look(3100, 3200) == .unknown("the agent answers 404 to /metrics"))
        #expect(system.requests.count { $0 == "3100/metrics" } == 4)
    }

    @Test("one that runs at a port that isn't known may carry any")
    func unknownPort() {
        let words = Broadcasts.Carried.unknown("it runs, and its port isn't known")
        #expect(
            Broadcasts.look(host(agent: metrics()), agentPort: nil, srsPort: nil)
                == Broadcasts(agent: words, srs: words))
    }

    @Test("an image carries nothing")
    func image() {
        let system = host(agent: metrics(webrtc: 1))
        system.isLive = false
        #expect(look(system) == Broadcasts(agent: .nothing, srs: .nothing))
        #expect(system.requests.isEmpty)
    }
}
