import PutLiveStore
import Testing

@testable import PutLiveLive

/// Counts the slow way: remembers every request.
private struct NaiveCounter {
    struct Key: Hashable { var stream: StreamName, address: String, userAgent: String }
    let window: Int64
    var lastSeen: [Key: Int64] = [:]
    var sessions = 0
    var milliseconds: Int64 = 0
    var bytes: [StreamName: Int64] = [:]
    var minutes: [String: (peak: Int, bytes: Int64, sessions: Int)] = [:]

    mutating func record(_ hit: ViewerHit) {
        guard let stream = hit.stream, hit.isThere || bytes[stream] != nil else { return }
        bytes[stream, default: 0] += hit.bytes
        let minute = "\(stream) \(hit.time / 60_000 * 60)"
        minutes[minute, default: (0, 0, 0)].bytes += hit.bytes
        guard hit.isWatching else { return }
        let key = Key(stream: stream, address: hit.address, userAgent: hit.userAgent)
        if let last = lastSeen[key], hit.time / 1000 < last / 1000 + window {
            milliseconds += hit.time - last
        } else {
            sessions += 1
            minutes[minute, default: (0, 0, 0)].sessions += 1
        }
        lastSeen[key] = hit.time
        let peak = max(minutes[minute]?.peak ?? 0, now(stream, hit.time / 1000))
        minutes[minute]?.peak = peak
    }

    func now(_ stream: StreamName, _ second: Int64) -> Int {
        lastSeen.count { $0.key.stream == stream && second < $0.value / 1000 + window }
    }
}

@Suite struct ViewerCounterTests {
    private func hit(
        _ time: Int64, _ viewer: Int = 1, stream: String = "a", path: String = "_src-1-2.ts", status: Int = 200,
        bytes: Int64 = 10, agent: String = "player", country: String? = nil
    ) -> ViewerHit {
        ViewerHit(
            time: time, address: "192.0.2.\(viewer)", userAgent: agent, path: "/live/\(stream)\(path)", status: status,
            bytes: bytes, seconds: 0, country: country)
    }

    @Test(arguments: 0..<24)
    func countsAsTheSlowWay(_ seed: Int) {
        var random = SeededRandom(seed)
        let window = Int64.random(in: 1...40, using: &random)
        var counter = ViewerCounter(windowSeconds: Int(window))
        var naive = NaiveCounter(window: window)
        var time: Int64 = 1_800_000_000_000 + Int64.random(in: 0..<60_000, using: &random)
        var minutes: [ViewerMinute] = []
        var countries: [CountryDay] = []
        var totals = ViewerCounter.Totals()
        for _ in 0..<1200 {
            // Mostly dense, with pauses that everybody leaves in.
            time += Int64.random(in: 0..<100, using: &random) == 0 ? 50_000 : Int64.random(in: 0...900, using: &random)
            let status = [200, 200, 206, 304, 404].randomElement(using: &random)!
            let request = hit(
                time, Int.random(in: 1...12, using: &random), stream: ["a", "b", "c"].randomElement(using: &random)!,
                path: ["_src.m3u8", "_src-1-2.ts", ".m3u8"].randomElement(using: &random)!,
                status: status, bytes: status == 404 ? 0 : Int64.random(in: 0...5000, using: &random),
                agent: ["x", "y", "putlive-edge"].randomElement(using: &random)!,
                country: ["DE", "FR", nil].randomElement(using: &random)!)
            counter.record(request)
            naive.record(request)
            for stream in ["a", "b", "c"] {
                #expect(counter.viewers(of: name(stream)).now == naive.now(name(stream), time / 1000))
            }
            if Int.random(in: 0..<50, using: &random) == 0 {
                let taken = counter.take()
                minutes += taken.minutes
                countries += taken.countries
                let more = counter.takeTotals()
                totals.sessions += more.sessions
                totals.watchSeconds += more.watchSeconds
            }
        }
        // Seconds that are less than whole may stay behind, with the streams that they are of.
        let rest = counter.take(all: true)
        minutes += rest.minutes
        countries += rest.countries
        totals.sessions += counter.takeTotals().sessions
        #expect(totals.sessions == naive.sessions)
        #expect(minutes.map(\.sessions).reduce(0, +) == naive.sessions)
        #expect(minutes.map(\.bytesSent).reduce(0, +) == naive.bytes.values.reduce(0, +))
        let watched = Int(naive.milliseconds / 1000)
        let byMinute = minutes.map(\.watchSeconds).reduce(0, +)
        #expect(byMinute <= watched && byMinute >= watched - 200)
        let byCountry = countries.map(\.watchSeconds).reduce(0, +)
        #expect(byCountry <= watched && byCountry >= watched - 3)
        for (key, expected) in naive.minutes {
            let parts = key.split(separator: " ")
            let found = minutes.filter { $0.stream == parts[0] && $0.minute == Int64(parts[1]) }
            #expect(found.map(\.bytesSent).reduce(0, +) == expected.bytes)
            #expect(found.map(\.sessions).reduce(0, +) == expected.sessions)
            // Those who stay count from the start of a minute, before its first request.
            #expect(found.map(\.peakViewers).max() ?? 0 >= expected.peak)
        }
    }

    @Test func aViewerIsAddressAndAgent() {
        var counter = ViewerCounter(windowSeconds: 30)
        counter.record(hit(1_000_000, 1, agent: "x"))
        counter.record(hit(1_000_000, 1, agent: "y"))
        counter.record(hit(1_000_000, 2, agent: "x"))
        counter.record(hit(1_000_500, 2, agent: "x"))
        counter.record(hit(1_000_500, 2, stream: "b", agent: "x"))
        #expect(counter.viewers(of: name("a")) == StreamViewers(now: 3, peak: 3, bytesSent: 40))
        #expect(counter.viewers(of: name("b")).now == 1)
        #expect(counter.viewers(of: name("none")) == StreamViewers())
        counter.advance(to: 1029)
        #expect(counter.viewers(of: name("a")).now == 3)
        counter.advance(to: 1030)
        #expect(counter.viewers(of: name("a")) == StreamViewers(now: 0, peak: 3, bytesSent: 40))
    }

    @Test func anAddressIsABoundedNumberOfViewers() {
        var counter = ViewerCounter(windowSeconds: 30)
        for agent in 0..<100 { counter.record(hit(1_000_000, 1, agent: "\(agent)")) }
        counter.record(hit(1_000_000, 2))
        #expect(counter.viewers(of: name("a")).now == ViewerCounter.mostAgents + 1)
        // Those who leave make room.
        counter.advance(to: 1030)
        for agent in 100..<103 { counter.record(hit(1_030_000, 1, agent: "\(agent)")) }
        #expect(counter.viewers(of: name("a")).now == 3)
    }

    @Test func whoDoesNotWatch() {
        var counter = ViewerCounter()
        for request in [
            hit(1_000_000, path: ".m3u8"), hit(1_000_000, status: 404), hit(1_000_000, status: 499),
            hit(1_000_000, agent: "putlive-edge"), hit(1_000_000, path: "_src.mp4"),
        ] {
            counter.record(request)
        }
        #expect(counter.viewers(of: name("a")).now == 0)
        // Bytes are sent all the same, if they are of a stream that is there.
        #expect(counter.viewers(of: name("a")).bytesSent == 40)
        counter.record(hit(1_000_000, stream: "invented", status: 404))
        #expect(counter.take(all: true).minutes.map(\.stream) == ["a"])
    }

    @Test func peakAndBytesAreOfTheBroadcast() {
        var counter = ViewerCounter()
        counter.began(name("a"))
        for viewer in 1...5 { counter.record(hit(1_000_000, viewer)) }
        counter.record(hit(1_025_000, 1))
        counter.advance(to: 1040)
        #expect(counter.viewers(of: name("a")) == StreamViewers(now: 1, peak: 5, bytesSent: 60))
        counter.began(name("a"))
        #expect(counter.viewers(of: name("a")) == StreamViewers(now: 1, peak: 1, bytesSent: 0))
    }

    @Test func minutes() {
        var counter = ViewerCounter()
        // 12:00:00 and on, by the minute.
        let start: Int64 = 1_800_000_000_000 / 60_000 * 60_000
        for second in stride(from: Int64(0), through: 90, by: 2) { counter.record(hit(start + second * 1000)) }
        #expect(
            counter.take().minutes == [
                ViewerMinute(
                    stream: "a", minute: start / 1000, peakViewers: 1, watchSeconds: 58, bytesSent: 300, sessions: 1)
            ])
        counter.advance(to: start / 1000 + 600)
        #expect(
            counter.take().minutes == [
                ViewerMinute(
                    stream: "a", minute: start / 1000 + 60, peakViewers: 1, watchSeconds: 32, bytesSent: 160,
                    sessions: 0)
            ])
        #expect(counter.take(all: true).minutes.isEmpty)
    }

    @Test func whoStaysIsInTheNextMinuteFromItsStart() {
        var counter = ViewerCounter()
        counter.record(hit(119_000))
        counter.advance(to: 180)
        #expect(counter.take().minutes.map(\.peakViewers) == [1, 1])
    }

    @Test func countries() {
        var counter = ViewerCounter()
        let midnight: Int64 = 86_400_000 * 20_000
        for (time, country) in [(0, "DE"), (5_000, "DE"), (10_000, "xx"), (12_000, nil), (13_000, "D")] {
            counter.record(hit(midnight + Int64(time), country: country))
        }
        let days = counter.take().countries.sorted { $0.country < $1.country }
        let day = midnight / 1000
        #expect(
            days == [
                CountryDay(country: "-", day: day, watchSeconds: 8),
                CountryDay(country: "DE", day: day, watchSeconds: 5),
            ])
        #expect(counter.take().countries.isEmpty)
        // Half a second stays until it is a whole one.
        counter.record(hit(midnight + 13_500, country: "DE"))
        #expect(counter.take().countries.isEmpty)
        counter.record(hit(midnight + 14_000, country: "DE"))
        #expect(counter.take().countries == [CountryDay(country: "DE", day: day, watchSeconds: 1)])
    }

    @Test func aClockThatIsPutBack() {
        var counter = ViewerCounter()
        counter.record(hit(1_000_000_000))
        // A little: it counts as of the time reached.
        counter.record(hit(999_990_000, 2))
        #expect(counter.viewers(of: name("a")).now == 2)
        // A lot: the present starts anew, and people still leave.
        counter.record(hit(500_000_000, 3))
        #expect(counter.viewers(of: name("a")).now == 1)
        counter.advance(to: 500_031)
        #expect(counter.viewers(of: name("a")).now == 0)
    }

    @Test func tooManyAreSampled() {
        var counter = ViewerCounter(capacity: 2000)
        for wave in 0..<3 {
            for viewer in 0..<20_000 { counter.record(hit(1_000_000 + Int64(wave) * 10_000, viewer)) }
            let now = counter.viewers(of: name("a")).now
            #expect((17_000...23_000).contains(now), "\(now)")
        }
        let sessions = counter.takeTotals().sessions
        #expect((15_000...25_000).contains(sessions), "\(sessions)")
        // All but 100 leave. After a few windows the count is exact again.
        for second in stride(from: Int64(1030), to: 1500, by: 5) {
            for viewer in 0..<100 { counter.record(hit(second * 1000, viewer)) }
            if second > 1060 {
                #expect((20...400).contains(counter.viewers(of: name("a")).now))
            }
        }
        #expect(counter.viewers(of: name("a")).now == 100)
    }

    @Test func aTableOfOne() {
        var counter = ViewerCounter(capacity: 1)
        for viewer in 0..<100 { counter.record(hit(1_000_000, viewer)) }
        counter.advance(to: 2000)
        #expect(counter.viewers(of: name("a")).now == 0)
    }

    @Test func streamsAreForgotten() {
        var counter = ViewerCounter()
        for number in 0..<2000 { counter.record(hit(1_000_000, stream: "s\(number)")) }
        #expect(counter.viewers(of: name("s0")).now == 1)
        // More than 512 at once is no honest host.
        #expect(counter.viewers(of: name("s1999")) == StreamViewers())
        counter.advance(to: 1200)
        counter.advance(to: 1300)
        counter.record(hit(1_300_000, stream: "s1999"))
        #expect(counter.viewers(of: name("s1999")).now == 1)
        // One on air isn't.
        counter.began(name("s1999"))
        counter.record(hit(1_300_000, stream: "s1999"))
        counter.advance(to: 1500)
        #expect(counter.viewers(of: name("s1999")).bytesSent == 10)
        counter.ended(name("s1999"))
        counter.advance(to: 1700)
        #expect(counter.viewers(of: name("s1999")).bytesSent == 0)
    }

    @Test func hitsOfPaths() {
        func kind(_ path: String) -> HitKind {
            ViewerHit(time: 0, address: "a", userAgent: "", path: path, status: 200, bytes: 0, seconds: 0).kind
        }
        #expect(kind("/live/a.m3u8") == .master)
        #expect(kind("/live/a_480p.m3u8") == .playlist)
        #expect(kind("/live/a_480p-1-2.ts") == .segment)
        for path in ["/live/", "/a.m3u8", "/live/a_480p-1-2.ts.tmp", "", "/live//a.m3u8"] {
            #expect(kind(path) == .other)
        }
    }

    @Test func requestsAreCounted() {
        let house = TestHouse()
        let now = house.clock.now
        house.viewers.record(hit(now, status: 206, bytes: 500))
        house.viewers.record(hit(now, path: ".m3u8", status: 404, bytes: 20))
        house.viewers.record(hit(now, path: "x", status: 0, bytes: -5))
        #expect(house.metrics["putlive_hls_requests_total{kind=segment,status=2xx}"] == 1)
        #expect(house.metrics["putlive_hls_requests_total{kind=master,status=4xx}"] == 1)
        #expect(house.metrics["putlive_hls_requests_total{kind=other,status=2xx}"] == 1)
        #expect(house.metrics["putlive_hls_response_bytes_total{kind=segment}"] == 500)
        #expect(house.metrics["putlive_hls_response_bytes_total{kind=other}"] == 0)
        // A time of another world.
        house.viewers.record(hit(now + 1_000_000_000, 9))
        #expect(house.viewers.of(name("a")).now == 2)
    }
}
