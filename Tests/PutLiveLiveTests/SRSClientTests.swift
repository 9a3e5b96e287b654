import Synchronization
import Testing

@testable import PutLiveLive

/// Answers by path; what it doesn't know, doesn't answer.
final class TestHTTP: HTTPFetching {
    struct Silence: Error {}

    private let answers: Mutex<[String: FetchedResponse]>
    private let asked = Mutex<[String]>([])

    init(_ answers: [String: FetchedResponse] = [:]) {
        self.answers = Mutex(answers)
    }

    var requests: [String] { asked.withLock { $0 } }
    func set(_ path: String, _ answer: FetchedResponse?) { answers.withLock { $0[path] = answer } }

    func fetch(
        _ method: String, _ url: String, headers: [(String, String)], timeout: Duration, limit: Int
    ) async throws -> FetchedResponse {
        asked.withLock { $0.append("\(method) \(url)") }
        let path = url.split(separator: "/api/v1/").last.map(String.init) ?? ""
        guard let answer = answers.withLock({ $0[path] }) else { throw Silence() }
        return answer
    }

    /// SRS as it was captured.
    static func captured() throws -> TestHTTP {
        TestHTTP([
            "streams/?start=0&count=2000": .init(status: 200, body: try fixture("streams.json")),
            "clients/?start=0&count=2000": .init(status: 200, body: try fixture("clients.json")),
            "summaries": .init(status: 200, body: try fixture("summaries.json")),
            "versions": .init(status: 200, body: try fixture("versions.json")),
        ])
    }
}

@Suite struct SRSClientTests {
    @Test func answersOfSRS() async throws {
        let http = try TestHTTP.captured()
        let client = SRSClient(.init(), http: http)
        let poll = try await client.poll()
        #expect(poll.streams.map(\.url) == ["ladder.local/live/stream_144p", "/live/stream"])
        #expect(poll.streams.map(\.published) == [nil, name("stream")])
        #expect(poll.streams[1].publish == .init(active: true, cid: "33e5ff84"))
        #expect(poll.streams[1].facts == StreamFacts(videoCodec: .h264, audioCodec: .aac, width: 854, height: 480))
        #expect(poll.clients.count == 3)
        #expect(poll.summary == SRSSummary(version: "6.0.157", pid: 9226, mem_kbyte: 19152, srs_uptime: 40))
        #expect(try await client.version() == "6.0.157")
        #expect(try await client.activeStreams() == [name("stream")])
        #expect(http.requests[0] == "GET http://127.0.0.1:1985/api/v1/streams/?start=0&count=2000")
    }

    @Test func kicks() async throws {
        let http = TestHTTP()
        let client = SRSClient(.init(host: "127.0.0.1", port: 1), http: http)
        for (body, isRefused) in [("{\"code\":0}", false), ("{\"code\":2049}", false), ("{\"code\":9}", true)] {
            http.set("clients/c1", .init(status: 200, body: Array(body.utf8)))
            if isRefused {
                await #expect(throws: SRSFailure.self) { try await client.kick("c1") }
            } else {
                try await client.kick("c1")
            }
        }
        #expect(http.requests[0] == "DELETE http://127.0.0.1:1/api/v1/clients/c1")
    }

    @Test func failuresSayWhere() async throws {
        let http = TestHTTP()
        let client = SRSClient(.init(), http: http)
        await #expect(throws: SRSFailure.self) { try await client.version() }
        http.set("versions", .init(status: 500, body: []))
        let failure = await #expect(throws: SRSFailure.self) { try await client.version() }
        #expect(failure?.description == "http://127.0.0.1:1985/api/v1/versions answers 500")
        for body in ["", "{}", "[]", "{\"data\":{\"version\":6}}"] {
            http.set("versions", .init(status: 200, body: Array(body.utf8)))
            let failure = await #expect(throws: SRSFailure.self) { try await client.version() }
            #expect(failure?.description.contains("something else than SRS 6") == true)
        }
    }

    @Test func codecsAndSizes() {
        func facts(_ video: SRSStream.Video?, _ audio: String?) -> StreamFacts {
            SRSStream(
                url: "/live/a", publish: .init(active: true, cid: "c"), video: video,
                audio: audio.map { .init(codec: $0) }, frames: nil, recv_bytes: nil
            ).facts
        }
        #expect(facts(nil, nil) == StreamFacts())
        #expect(facts(.init(codec: "HEVC", width: 1 << 40, height: -5), "MP3").videoCodec == .other)
        #expect(facts(.init(codec: "HEVC", width: 1 << 40, height: -5), "MP3").width == 16_384)
        #expect(facts(.init(codec: "HEVC", width: 1 << 40, height: -5), "MP3").height == 0)
        #expect(facts(nil, "MP3").audioCodec == .other)
        #expect(facts(nil, "Opus").audioCodec == .opus)
    }
}

@Suite struct RateMeterTests {
    @Test func meanOfTheLastTenSeconds() {
        var meter = RateMeter()
        #expect(meter.rate(at: 0) == 0)
        for second in 0...60 { _ = meter.record(Int64(second) * 1000, at: Int64(second) * 1000) }
        #expect(meter.rate(at: 60_000) == 1000)
        // Twice as fast from now on: the mean follows within 10 s.
        for second in 61...70 { _ = meter.record(60_000 + Int64(second - 60) * 2000, at: Int64(second) * 1000) }
        #expect(meter.rate(at: 70_000) == 2000)
    }

    @Test func leapsOfFiveSeconds() {
        var meter = RateMeter()
        for second in 0...60 { _ = meter.record(Int64(second / 5 * 5) * 30, at: Int64(second) * 1000) }
        #expect(meter.rate(at: 60_000) == 30)
    }

    @Test func deltasAndBreaks() {
        var meter = RateMeter()
        #expect(meter.record(500, at: 0) == 0)
        #expect(meter.record(700, at: 5000) == 200)
        // The first reading was anywhere between two leaps.
        #expect(meter.rate(at: 5000) == 0)
        #expect(meter.record(700, at: 8000) == 0)
        #expect(meter.record(1200, at: 10_000) == 500)
        #expect(meter.rate(at: 10_000) == 100)
        // It began anew.
        #expect(meter.record(40, at: 11_000) == 40)
        #expect(meter.rate(at: 11_000) == 0)
        #expect(meter.record(140, at: 12_000) == 100)
        #expect(meter.record(240, at: 13_000) == 100)
        // Too short to say.
        #expect(meter.rate(at: 13_000) == 0)
        #expect(meter.record(640, at: 17_000) == 400)
        #expect(meter.rate(at: 17_000) == 100)
        // The clock was put back.
        #expect(meter.record(700, at: 1000) == 60)
        #expect(meter.rate(at: 1000) == 0)
        #expect(meter.record(800, at: 1000) == 100)
        #expect(meter.record(900, at: 1000) == 100)
        #expect(meter.rate(at: 1000) == 0)
    }

    @Test func nothingComesAnyMore() {
        var meter = RateMeter()
        _ = meter.record(0, at: 0)
        _ = meter.record(5000, at: 5000)
        #expect(meter.rate(at: 19_999) == 1000)
        #expect(meter.rate(at: 20_000) == 0)
    }
}
