import PutLiveStore
import Testing

@testable import PutLiveLive

@Suite struct LiveStateTests {
    @Test func statusOffAir() {
        let house = TestHouse()
        let status = house.live.status()
        #expect(status == StreamStatus(offAir: name("stream")))
        #expect(status.active == false && status.quality == nil && status.resolution == nil && status.viewers == 0)
        #expect(house.live.status(of: name("other")).streamName == name("other"))
    }

    @Test func statusOnAir() {
        let house = TestHouse()
        house.begin("stream")
        house.live.update(
            name("stream"), clientID: "c1",
            facts: StreamFacts(
                videoCodec: .h264, audioCodec: .aac, width: 854, height: 480, framesPerSecond: 29.97,
                bytesPerSecond: 156_250), receivedBytes: 1000)
        for viewer in 1...12 {
            house.viewers.record(
                ViewerHit(
                    time: house.clock.now, address: "192.0.2.\(viewer)", userAgent: "player",
                    path: "/live/stream_src.m3u8", status: 200, bytes: 100, seconds: 0.01))
        }
        house.clock.advance(20_000)
        let status = house.live.status()
        #expect(status.active && status.streamName == name("stream"))
        #expect(status.quality == "480p" && status.resolution == "854x480")
        #expect(status.bitrateKbps == 1250 && status.fps == 30)
        #expect(status.viewers == 12 && status.bytesSent == 1200 && status.uptimeSeconds == 20)
        house.clock.advance(20_000)
        #expect(house.live.status().viewers == 0)
        #expect(house.metrics["putlive_ingest_bytes_total{source=rtmp}"] == 1000)
    }

    @Test func nearestQuality() {
        let house = TestHouse()
        house.begin("stream")
        for (height, quality) in [(0, nil), (100, "144p"), (360, "360p"), (432, "480p"), (1080, "720p")] {
            house.live.update(
                name("stream"), clientID: nil, facts: StreamFacts(width: height, height: height), receivedBytes: 0)
            #expect(house.live.status().quality == quality)
        }
        house.live.set(LiveState.Limits(testSettings { $0.ladder = [] }))
        #expect(house.live.status().quality == nil)
    }

    @Test func whichStreamIsMeant() {
        let house = TestHouse()
        house.begin("later", client: "c1")
        #expect(house.live.status().streamName == name("later"))
        house.clock.advance(1000)
        house.begin("stream", client: "c2")
        #expect(house.live.status().streamName == name("stream"))
        #expect(house.live.status(of: name("none")).active == false)
        let (streams, limit) = house.live.streams()
        #expect(streams.map(\.status.streamName.text) == ["later", "stream"] && limit == 3)
        #expect(streams[0].startedAt == 1_800_000_000 && streams[0].source == .rtmp)
    }

    @Test func aNewBroadcastStartsAnew() {
        let house = TestHouse()
        house.begin("stream")
        house.viewers.record(
            ViewerHit(
                time: house.clock.now, address: "192.0.2.1", userAgent: "p", path: "/live/stream_src.m3u8", status: 200,
                bytes: 500, seconds: 0))
        house.live.end(name("stream"), clientID: "c1", reason: .stopped)
        house.begin("stream", client: "c2")
        #expect(house.live.status().bytesSent == 0)
        // Who watches is still there.
        #expect(house.live.status().viewers == 1)
        #expect(house.live.streams().streams[0].peakViewers == 1)
    }

    @Test func logsCountsAndNotes() {
        let house = TestHouse()
        house.begin("stream")
        house.clock.advance(3_456_000)
        #expect(house.live.end(name("stream"), clientID: "c1", reason: .vanished))
        #expect(!house.live.end(name("stream"), clientID: "c1", reason: .vanished))
        #expect(
            house.log.lines == [
                "info stream_started ip=203.0.113.7 source=rtmp stream=stream",
                "info stream_ended ip=203.0.113.7 reason=vanished seconds=3456 source=rtmp stream=stream",
            ])
        #expect(house.metrics["putlive_streams_started_total{source=rtmp}"] == 1)
        #expect(house.metrics["putlive_streams_ended_total{reason=vanished,source=rtmp}"] == 1)
        #expect(house.metrics["putlive_streams_ended_total{reason=stopped,source=rtmp}"] == 0)
        #expect(house.metrics["putlive_streams_limit"] == 3)
        let events = house.live.takeEvents()
        #expect(events.map(\.kind) == ["stream_started", "stream_ended"])
        #expect(events[1].detail == "vanished after 3456 s" && events[1].stream == "stream")
        #expect(house.live.takeEvents().isEmpty)
    }

    @Test func eventsAreBounded() {
        let house = TestHouse()
        for number in 0..<1500 { house.live.note("n", detail: "\(number)") }
        let events = house.live.takeEvents()
        #expect(events.count == 1000 && events[0].detail == "500")
        house.live.note("n", detail: "new")
        house.live.putBack(events)
        #expect(house.live.takeEvents().last?.detail == "new")
    }

    @Test func theLimitCanChange() {
        let house = TestHouse()
        house.live.set(LiveState.Limits(testSettings { $0.maxConcurrentStreams = 1 }))
        house.begin("a")
        #expect(house.begin("b", client: "c2") == .refuse(.limit))
        #expect(house.metrics["putlive_streams_limit"] == 1)
        #expect(house.live.streams().limit == 1)
    }

    /// Who was displaced isn't taken for somebody whose end was only guessed.
    @Test func aGuessIsNoNews() {
        let house = TestHouse()
        house.begin("a", client: "c1")
        house.live.end(name("a"), clientID: "c1", reason: .replaced)
        house.live.end(name("a"), clientID: "c1", reason: .error)
        house.live.adopt(name("a"), clientID: "c1", address: nil, startedAt: 0)
        #expect(house.live.broadcasts().isEmpty)
        #expect(house.live.left(among: ["c1"]) == ["c1": .replaced])
        house.begin("b", client: "c2")
        house.live.end(name("b"), clientID: "c2", reason: .vanished)
        house.live.adopt(name("b"), clientID: "c2", address: nil, startedAt: 0)
        #expect(house.live.broadcasts()[name("b")]?.clientID == "c2")
    }

    @Test func adoptedInTheFutureStartedNow() {
        let house = TestHouse()
        house.live.adopt(name("a"), clientID: "c1", address: nil, startedAt: house.clock.now + 5000)
        #expect(house.live.status(of: name("a")).uptimeSeconds == 0)
        #expect(house.live.broadcasts()[name("a")]?.startedAt == house.clock.now)
    }
}
