import Testing

@testable import PutLiveLive

@Suite struct SRSReconcilerTests {
    private func stream(
        _ url: String, _ client: String?, active: Bool = true, bytes: Int64 = 0, frames: Int64 = 0
    ) -> SRSStream {
        SRSStream(
            url: url, publish: .init(active: active, cid: client),
            video: .init(codec: "H264", width: 854, height: 480), audio: .init(codec: "AAC"), frames: frames,
            recv_bytes: bytes)
    }

    private func poll(_ streams: [SRSStream], pid: Int = 1, clients: [SRSConnection] = []) -> SRSPoll {
        SRSPoll(
            summary: SRSSummary(version: "6", pid: pid, mem_kbyte: 1, srs_uptime: 1), streams: streams, clients: clients
        )
    }

    private func onAir(_ client: String?, source: StreamSource = .rtmp) -> [StreamName: Broadcast] {
        [
            name("a"): Broadcast(
                stream: name("a"), source: source, publisher: .unknown, clientID: client, startedAt: 0)
        ]
    }

    @Test func adoptsWhatWeMissed() {
        var reconciler = SRSReconciler()
        let actions = reconciler.reconcile(
            poll([stream("/live/a", "c1")], clients: [.init(id: "c1", ip: "203.0.113.7", publish: true, alive: 38.29)]),
            with: [:], now: 100_000)
        #expect(actions.count == 2)
        #expect(
            actions[0] == .adopt(name("a"), clientID: "c1", address: "203.0.113.7", startedAt: 100_000 - 38_290))
    }

    @Test func looksAtPublishersAlone() {
        var reconciler = SRSReconciler()
        let others = [
            stream("ladder.local/live/a_480p", "c2"), stream("/live/a_480p", "c3"),
            stream("/live/b", "c4", active: false),
            stream("/live/c", nil), stream("/other/d", "c5"), stream("/live/Bad", "c6"), stream("", "c7"),
        ]
        #expect(reconciler.reconcile(poll(others), with: [:], now: 0).isEmpty)
        // A list that names one twice.
        let twice = [stream("/live/a", "c1"), stream("/live/a", "c9")]
        #expect(reconciler.reconcile(poll(twice), with: onAir("c1"), now: 0).count == 1)
    }

    @Test func updatesFactsAndRates() {
        var reconciler = SRSReconciler()
        for second in stride(from: Int64(0), through: 20, by: 2) {
            let actions = reconciler.reconcile(
                poll([stream("/live/a", "c1", bytes: second * 150_000, frames: second * 30)]), with: onAir("c1"),
                now: second * 1000)
            guard case .update(_, "c1", let facts, let bytes)? = actions.first, actions.count == 1 else {
                Issue.record("\(actions)")
                return
            }
            #expect(facts.width == 854 && facts.videoCodec == .h264)
            #expect(bytes == (second == 0 ? 0 : 300_000))
            if second == 20 { #expect(facts.bytesPerSecond == 150_000 && facts.framesPerSecond == 30) }
        }
        // Another connection is measured anew.
        let actions = reconciler.reconcile(poll([stream("/live/a", "c2", bytes: 5)]), with: onAir("c2"), now: 22_000)
        guard case .update(_, _, let facts, 0)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(facts.bytesPerSecond == 0)
    }

    @Test func endsWhatVanished() {
        var reconciler = SRSReconciler()
        #expect(reconciler.reconcile(poll([]), with: onAir("c1"), now: 0).isEmpty)
        #expect(reconciler.reconcile(poll([]), with: onAir("c1"), now: 2000).isEmpty)
        #expect(
            reconciler.reconcile(poll([]), with: onAir("c1"), now: 4000)
                == [.end(name("a"), clientID: "c1", .vanished)])
    }

    @Test func aHookMayComeBeforeTheList() {
        var reconciler = SRSReconciler()
        _ = reconciler.reconcile(poll([]), with: onAir("c1"), now: 0)
        _ = reconciler.reconcile(poll([]), with: onAir("c1"), now: 2000)
        _ = reconciler.reconcile(poll([stream("/live/a", "c1")]), with: onAir("c1"), now: 4000)
        // Counted from the start again.
        #expect(reconciler.reconcile(poll([]), with: onAir("c1"), now: 6000).isEmpty)
        // A broadcast that has ended otherwise isn't remembered.
        _ = reconciler.reconcile(poll([]), with: [:], now: 8000)
        #expect(reconciler.reconcile(poll([]), with: onAir("c2"), now: 10_000).isEmpty)
    }

    @Test func anotherConnectionIsAdopted() {
        var reconciler = SRSReconciler()
        let actions = reconciler.reconcile(poll([stream("/live/a", "c2")]), with: onAir("c1"), now: 0)
        #expect(actions.first == .adopt(name("a"), clientID: "c2", address: nil, startedAt: 0))
    }

    @Test func theBridgesOwnAreLeftToIt() {
        var reconciler = SRSReconciler()
        for now in stride(from: Int64(0), to: 20_000, by: 2000) {
            #expect(reconciler.reconcile(poll([]), with: onAir(nil, source: .webrtc), now: now).isEmpty)
        }
        let actions = reconciler.reconcile(poll([stream("/live/a", "c2")]), with: onAir("c1", source: .webrtc), now: 0)
        #expect(actions.count == 1)
        guard case .update? = actions.first else {
            Issue.record("\(actions)")
            return
        }
    }

    @Test func whoWasDisplacedIsKickedUntilItIsGone() {
        var reconciler = SRSReconciler()
        let inTheWay = poll([stream("/live/a", "c1")])
        for left in [EndReason.replaced, .error] {
            for now in [UnixMilliseconds(0), 2000] {
                let actions = reconciler.reconcile(
                    inTheWay, with: onAir("s1", source: .webrtc), left: ["c1": left], now: now)
                #expect(actions.first == .kick(clientID: "c1") && actions.count == 2)
            }
        }
        // Nobody sees it once the browser has left, too.
        #expect(
            reconciler.reconcile(inTheWay, with: [:], left: ["c1": .replaced], now: 0).first == .kick(clientID: "c1"))
    }

    @Test func nobodyElseIsKicked() {
        var reconciler = SRSReconciler()
        let cases: [(client: String, on: [StreamName: Broadcast], left: [String: EndReason])] = [
            // The bridge's own, while another that was displaced is gone.
            ("c2", onAir("s1", source: .webrtc), ["c1": .replaced]),
            // The list was asked for before it stopped.
            ("c1", [:], ["c1": .stopped]),
            // On air again by the same connection.
            ("c1", onAir("c1"), ["c1": .stopped]),
            ("c1", [:], [:]),
        ]
        for (client, broadcasts, left) in cases {
            let actions = reconciler.reconcile(poll([stream("/live/a", client)]), with: broadcasts, left: left, now: 0)
            #expect(!actions.contains(.kick(clientID: client)))
        }
    }

    @Test func aRestartOfSRSIsAnError() {
        var reconciler = SRSReconciler()
        _ = reconciler.reconcile(poll([stream("/live/a", "c1")]), with: onAir("c1"), now: 0)
        #expect(
            reconciler.reconcile(poll([], pid: 2), with: onAir("c1"), now: 2000)
                == [.end(name("a"), clientID: "c1", .error)])
    }

    @Test func silenceOfSRSIsAnErrorAfterAWhile() {
        var reconciler = SRSReconciler()
        #expect(reconciler.unanswered(onAir("c1")).isEmpty)
        #expect(reconciler.unanswered(onAir("c1")).isEmpty)
        #expect(reconciler.unanswered(onAir("c1")) == [.end(name("a"), clientID: "c1", .error)])
        #expect(reconciler.unanswered(onAir(nil, source: .webrtc)).isEmpty)
        _ = reconciler.reconcile(poll([]), with: [:], now: 0)
        #expect(reconciler.unanswered(onAir("c1")).isEmpty)
    }
}

@Suite struct SRSPollerTests {
    private func poller(_ house: TestHouse, _ http: TestHTTP, cpu: @escaping @Sendable () -> Double = { 1 })
        -> SRSPoller
    {
        let clock = house.clock
        return SRSPoller(
            client: SRSClient(.init(), http: http), live: house.live, settings: house.settings,
            metrics: house.liveMetrics, logger: house.log.logger, clock: { clock.now }, cpuSeconds: { _ in cpu() })
    }

    @Test func takesInWhatSRSSays() async throws {
        let house = TestHouse()
        let clock = house.clock
        let poller = poller(house, try .captured(), cpu: { Double(clock.now - 1_800_000_000_000) / 10_000 })
        #expect(!poller.health.isUp && poller.health.failure == nil)
        await poller.poll()
        #expect(poller.health.isUp && poller.health.pid == 9226 && poller.health.version == "6.0.157")
        #expect(poller.health.memoryBytes == 19152 * 1024)
        let status = house.live.status()
        #expect(status.active && status.resolution == "854x480" && status.uptimeSeconds == 38)
        #expect(house.metrics["putlive_srs_up"] == 1)
        #expect(house.metrics["putlive_srs_clients"] == 3)
        #expect(house.metrics["putlive_srs_streams"] == 2)
        #expect(house.metrics["putlive_srs_start_timestamp_seconds"] == 1_799_999_960)
        #expect(house.metrics["putlive_srs_cpu_seconds_total"] == 0)
        house.clock.advance(2000)
        await poller.poll()
        #expect(house.metrics["putlive_srs_cpu_seconds_total"] == 0.2)
        #expect(house.metrics["putlive_srs_start_timestamp_seconds"] == 1_799_999_960)
        #expect(house.log.lines.first == "info srs_up version=6.0.157")
    }

    @Test func startsWhileSRSIsDown() async throws {
        let house = TestHouse()
        let http = TestHTTP()
        let poller = poller(house, http)
        await poller.poll()
        await poller.poll()
        #expect(!poller.health.isUp && poller.health.failure?.contains("doesn't answer") == true)
        #expect(house.log.lines.count == 1 && house.log.lines[0].hasPrefix("warning srs_down"))
        #expect(house.metrics["putlive_srs_up"] == 0)
        #expect(house.metrics["putlive_srs_api_errors_total"] == 2)
        let up = try TestHTTP.captured()
        for path in ["streams/?start=0&count=2000", "clients/?start=0&count=2000", "summaries"] {
            http.set(path, try await up.fetch("GET", "http://x/api/v1/\(path)", headers: [], timeout: .zero, limit: 0))
        }
        await poller.poll()
        #expect(poller.health.isUp && house.live.status().active)
        http.set("summaries", nil)
        for _ in 0..<3 { await poller.poll() }
        #expect(!house.live.status().active)
        #expect(house.metrics["putlive_streams_ended_total{reason=error,source=rtmp}"] == 1)
    }

    /// Its API was silent, and its connections were there all the time.
    @Test func whatSRSStillHasAfterASilenceIsOnAirAgain() async throws {
        let house = TestHouse()
        let http = try TestHTTP.captured()
        let poller = poller(house, http)
        house.begin("stream", client: "33e5ff84")
        await poller.poll()
        let summary = try await http.fetch(
            "GET", "http://x/api/v1/summaries", headers: [], timeout: .zero, limit: 0)
        for _ in 0..<2 {
            http.set("summaries", nil)
            for _ in 0..<4 { await poller.poll() }
            #expect(!house.live.status().active)
            http.set("summaries", summary)
            await poller.poll()
            let broadcast = try #require(house.live.broadcasts()[name("stream")])
            #expect(broadcast.clientID == "33e5ff84" && broadcast.publisher == .key(id: "k1", userID: "u1"))
            #expect(house.live.status().resolution == "854x480")
        }
        #expect(poller.leaving.isEmpty)
        // It stops, and a list that was asked for before still has it.
        house.live.end(name("stream"), clientID: "33e5ff84", reason: .stopped)
        await poller.poll()
        #expect(!house.live.status().active)
        // A silence is no news of it either.
        http.set("summaries", nil)
        for _ in 0..<3 { await poller.poll() }
        http.set("summaries", summary)
        await poller.poll()
        #expect(!house.live.status().active)
    }

    /// A browser came meanwhile: the encoder that SRS still has is in its way.
    @Test func whoseNameWasTakenDuringASilenceIsKicked() async throws {
        let house = TestHouse()
        let http = try TestHTTP.captured()
        let poller = poller(house, http)
        house.begin("stream", client: "33e5ff84")
        let summary = try await http.fetch(
            "GET", "http://x/api/v1/summaries", headers: [], timeout: .zero, limit: 0)
        http.set("summaries", nil)
        for _ in 0..<3 { await poller.poll() }
        house.begin("stream", client: "session", source: .webrtc)
        http.set("summaries", summary)
        await poller.poll()
        #expect(poller.leaving == ["33e5ff84"])
        #expect(house.live.broadcasts()[name("stream")]?.clientID == "session")
    }

    /// SRS's API may fail at the very moment: then viewers would see the encoder on, and the status the browser.
    @Test func aKickThatFailsIsTriedAgain() async throws {
        let house = TestHouse()
        let http = try TestHTTP.captured()
        let poller = poller(house, http)
        house.begin("stream", client: "33e5ff84")
        house.begin("stream", client: "session", source: .webrtc)
        poller.kick("33e5ff84")
        await poller.poll()
        #expect(poller.leaving == ["33e5ff84"])
        await poller.end("33e5ff84")
        #expect(poller.leaving.isEmpty && house.log.lines.last?.hasPrefix("warning srs_kick_failed") == true)
        await poller.poll()
        #expect(poller.leaving == ["33e5ff84"])
        http.set("clients/33e5ff84", .init(status: 200, body: Array("{\"code\":0}".utf8)))
        await poller.end("33e5ff84")
        #expect(poller.leaving.isEmpty)
        #expect(house.live.broadcasts()[name("stream")]?.clientID == "session")
    }

    @Test func theBridgesOwnIsNeverKicked() async throws {
        let house = TestHouse()
        let poller = poller(house, try .captured())
        house.begin("stream", client: "session", source: .webrtc)
        #expect(
            house.live.publish(
                PublishRequest(stream: name("stream"), source: .playout, credential: .agent, clientID: "33e5ff84"))
                == .attach)
        await poller.poll()
        // A list may be older than the hook that says so.
        house.live.end(name("stream"), clientID: "33e5ff84", reason: .stopped)
        await poller.poll()
        #expect(poller.leaving.isEmpty && house.live.broadcasts().count == 1)
    }

    @Test func noMoreAreKickedThanCanWait() throws {
        let house = TestHouse()
        let poller = poller(house, TestHTTP())
        for number in 0..<100 { poller.kick("c\(number)") }
        #expect(poller.leaving == Set((36..<100).map { "c\($0)" }))
    }

    @Test func kicks() async {
        let house = TestHouse()
        let http = TestHTTP()
        await poller(house, http).end("c1")
        #expect(http.requests == ["DELETE http://127.0.0.1:1985/api/v1/clients/c1"])
        #expect(house.log.lines[0].hasPrefix("warning srs_kick_failed"))
    }
}
