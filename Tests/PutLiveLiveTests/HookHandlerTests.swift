import Synchronization
import Testing

@testable import PutLiveLive

@Suite struct HookHandlerTests {
    /// A house with a door: the key `good` is k1's and `other` is k2's; all others are unknown.
    private final class Door: Sendable {
        let house: TestHouse
        let secret = InternalSecret()
        let handler: HookHandler
        let displaced = Displaced()

        init(_ settings: LiveSettings = testSettings()) {
            house = TestHouse(settings)
            let gate = PublishGate(
                state: house.live, secret: secret, metrics: house.liveMetrics, logger: house.log.logger
            ) { key, stream in
                switch key {
                case "good": stream.text == "elsewhere" ? .wrongStream : .valid(keyID: "k1", userID: "u1")
                case "other": .valid(keyID: "k2", userID: "u2")
                case "old": .expired(keyID: "k1")
                default: .unknown
                }
            }
            let displaced = displaced
            handler = HookHandler(
                state: house.live, gate: gate, settings: settings, metrics: house.liveMetrics,
                logger: house.log.logger
            ) { displaced.append($0) }
        }

        final class Displaced: Sendable {
            private let all = Mutex<[Broadcast]>([])
            func append(_ one: Broadcast) { all.withLock { $0.append(one) } }
            var clients: [String?] { all.withLock { $0.map(\.clientID) } }
        }

        func call(_ name: String, _ body: [UInt8]) async -> HookAnswer? {
            await handler.handle(name, body: body, requestID: "r1")
        }

        func publish(_ changes: [String: String?] = [:]) async -> HookAnswer? {
            await call("on_publish", SRSHookTests.body(changes))
        }
    }

    @Test func aDayOfSRS() async throws {
        let door = Door()
        // The key of the captured body isn't one of ours.
        #expect(await door.call("on_connect", try fixture("on_connect.json")) == .allow)
        #expect(await door.call("on_publish", try fixture("on_publish.json")) == .refuse)
        #expect(await door.publish(["client_id": "\"33e5ff84\""]) == .allow)
        #expect(door.house.live.status().active)
        #expect(await door.call("on_play", try fixture("on_play.json")) == .allow)
        #expect(await door.call("on_hls", try fixture("on_hls.json")) == .allow)
        #expect(await door.call("on_hls", try fixture("on_hls-ladder.json")) == .allow)
        #expect(await door.call("on_stop", try fixture("on_stop.json")) == .allow)
        #expect(await door.call("on_unpublish", try fixture("on_unpublish-ladder.json")) == .allow)
        #expect(door.house.live.status().active)
        #expect(await door.call("on_dvr", try fixture("on_dvr.json")) == .allow)
        #expect(await door.call("on_unpublish", try fixture("on_unpublish.json")) == .allow)
        #expect(!door.house.live.status().active)
        let events = door.house.live.takeEvents()
        #expect(events.map(\.kind) == ["stream_started", "recording_stored", "stream_ended"])
        #expect(events[1].detail == "2026-11-22_14-05-42-364.flv")
        #expect(door.house.metrics["putlive_srs_hooks_total{hook=on_publish,result=allowed}"] == 1)
        #expect(door.house.metrics["putlive_srs_hooks_total{hook=on_publish,result=refused}"] == 1)
        #expect(door.house.metrics["putlive_srs_hooks_total{hook=on_hls,result=allowed}"] == 2)
    }

    @Test func theLineThatFailToBanReads() async {
        let door = Door()
        #expect(await door.publish(["param": "\"?key=bad\""]) == .refuse)
        #expect(
            door.house.log.lines == [
                "warning stream_key_rejected ip=203.0.113.7 protocol=rtmp reason=unknown request_id=r1 stream=stream"
            ])
        #expect(door.house.metrics["putlive_stream_key_rejections_total{protocol=rtmp,reason=unknown}"] == 1)
    }

    @Test(
        arguments: [
            (["param": "\"\""], "unknown"), (["param": "\"?key=old\""], "expired"),
            (["stream": "\"elsewhere\""], "wrong_stream"), (["param": "\"?key=a&key=good\""], "unknown"),
            (["stream": "\"Bad_Name\""], "unknown"), (["app": "\"other\""], "unknown"),
            (["vhost": "\"unheard.of\""], "unknown"), (["param": "\"?secret=good\""], "unknown"),
            (["param": "\"?key=good&secret=bad\""], "unknown"),
        ] as [([String: String?], String)])
    func rejectedKeys(_ changes: [String: String?], _ reason: String) async {
        let door = Door()
        #expect(await door.publish(changes) == .refuse)
        #expect(door.house.log.lines.count == 1)
        #expect(
            door.house.log.lines[0].hasPrefix(
                "warning stream_key_rejected ip=203.0.113.7 protocol=rtmp reason=\(reason)"))
        #expect(door.house.metrics["putlive_stream_key_rejections_total{protocol=rtmp,reason=\(reason)}"] == 1)
        #expect(!door.house.live.status().active)
    }

    @Test func busyAndFullAreNotBanned() async {
        let door = Door(testSettings { $0.maxConcurrentStreams = 1 })
        #expect(await door.publish() == .allow)
        #expect(await door.publish(["param": "\"?key=other\"", "client_id": "\"c2\""]) == .refuse)
        #expect(await door.publish(["stream": "\"second\"", "client_id": "\"c3\""]) == .refuse)
        #expect(!door.house.log.lines.contains { $0.contains("stream_key_rejected") })
        #expect(door.house.log.lines.count { $0.hasPrefix("notice publisher_refused") } == 2)
        #expect(door.house.metrics["putlive_stream_key_rejections_total{protocol=rtmp,reason=busy}"] == 1)
        #expect(door.house.metrics["putlive_stream_key_rejections_total{protocol=rtmp,reason=limit}"] == 1)
    }

    @Test func theSameKeyDisplacesTheConnectionBefore() async {
        let door = Door()
        #expect(await door.publish() == .allow)
        #expect(await door.publish(["client_id": "\"c2\""]) == .allow)
        #expect(door.displaced.clients == ["c1"])
        #expect(await door.call("on_unpublish", SRSHookTests.body(action: "on_unpublish")) == .allow)
        #expect(door.house.metrics["putlive_streams_ended_total{reason=replaced,source=rtmp}"] == 1)
    }

    @Test func theAgentsOwn() async {
        let door = Door()
        let own = ["param": "\"?secret=\(door.secret.text)\"", "ip": "\"127.0.0.1\""]
        #expect(await door.publish(own) == .allow)
        #expect(door.house.live.streams().streams.map(\.source) == [.playout])
        // From elsewhere the secret is worth nothing.
        #expect(await door.publish(own.merging(["ip": "\"203.0.113.7\""]) { $1 }) == .refuse)
    }

    @Test func theLaddersVhostIsForThisHost() async {
        let door = Door()
        let ladder = ["vhost": "\"ladder.local\"", "stream": "\"stream_480p\""]
        #expect(await door.publish(ladder) == .refuse)
        #expect(await door.publish(ladder.merging(["ip": "\"127.0.0.1\""]) { $1 }) == .allow)
        #expect(!door.house.live.status().active)
        #expect(await door.call("on_connect", SRSHookTests.body(ladder, action: "on_connect")) == .refuse)
    }

    @Test func playersAreOfThisHost() async {
        let door = Door()
        #expect(await door.call("on_play", SRSHookTests.body(action: "on_play")) == .refuse)
        #expect(await door.call("on_play", SRSHookTests.body(["ip": "\"127.0.0.1\""], action: "on_play")) == .allow)
        #expect(await door.call("on_connect", SRSHookTests.body(action: "on_connect")) == .allow)
        #expect(await door.call("on_connect", SRSHookTests.body(["app": "\"x\""], action: "on_connect")) == .refuse)
    }

    @Test func failsClosed() async {
        let door = Door()
        #expect(await door.call("on_publish", []) == .refuse)
        #expect(await door.call("on_publish", Array("{}".utf8)) == .refuse)
        // The body is another hook's.
        #expect(await door.call("on_play", SRSHookTests.body()) == .refuse)
        #expect(await door.call("on_nothing", SRSHookTests.body()) == nil)
        #expect(await door.call("on_dvr", SRSHookTests.body(["file": "\"/\""], action: "on_dvr")) == .refuse)
        #expect(door.house.log.lines.allSatisfy { $0.hasPrefix("warning srs_hook_malformed") })
        #expect(door.house.metrics["putlive_srs_hooks_total{hook=on_publish,result=refused}"] == 2)
    }

    @Test(arguments: [
        "/etc/passwd", "/run/putlive-hls/live/../../etc/x_src-1-2.ts", "/run/putlive-hls/live/stream.m3u8",
        "/run/putlive-hls/stream_src-1-2.ts", "stream_src-1-2.ts", "/run/putlive-hls/live/sub/stream_src-1-2.ts",
    ])
    func segmentsElsewhere(_ file: String) async {
        let door = Door()
        let body = SRSHookTests.body(["file": "\"\(file)\"", "duration": "2"], action: "on_hls")
        #expect(await door.call("on_hls", body) == .refuse)
        #expect(await door.call("on_hls", body) == .refuse)
        #expect(door.house.log.lines.count == 1)
    }

    @Test func browsersGoThroughTheSameDoor() async {
        let house = TestHouse()
        let gate = PublishGate(
            state: house.live, secret: InternalSecret(), metrics: house.liveMetrics, logger: house.log.logger
        ) { _, _ in .revoked }
        let refused = await gate.admit(
            name("stream"), token: PublishToken(key: "x"), by: .whip, address: "203.0.113.7", clientID: nil,
            requestID: "r1")
        #expect(refused == .refuse(.revoked))
        #expect(house.metrics["putlive_stream_key_rejections_total{protocol=whip,reason=revoked}"] == 1)
        let begun = gate.admit(
            name("stream"), userID: "u1", by: .offer, address: "203.0.113.7", clientID: "w1", requestID: "r2")
        #expect(begun == .begin(.login(userID: "u1")))
        #expect(house.live.streams().streams.map(\.source) == [.webrtc])
    }
}
