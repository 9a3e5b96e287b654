import PutLiveStore
import Synchronization
import Testing

@testable import PutLiveLive

private final class TestSink: AnalyticsSink {
    struct DiskFull: Error {}

    struct Content {
        var minutes: [ViewerMinute] = []
        var countries: [CountryDay] = []
        var events: [Event] = []
        /// Fails from the call of this number on; nil for never.
        var callsLeft: Int?
    }
    let content = Mutex(Content())

    private func check(_ content: inout Content) throws {
        guard let left = content.callsLeft else { return }
        if left == 0 { throw DiskFull() }
        content.callsLeft = left - 1
    }

    func add(minutes: [ViewerMinute]) async throws {
        try content.withLock {
            try check(&$0)
            $0.minutes += minutes
        }
    }

    func add(countries: [CountryDay]) async throws {
        try content.withLock {
            try check(&$0)
            $0.countries += countries
        }
    }

    func add(event: Event) async throws {
        try content.withLock {
            try check(&$0)
            $0.events.append(event)
        }
    }
}

@Suite struct MinuteWriterTests {
    private func watch(_ house: TestHouse, seconds: Int64) {
        for _ in stride(from: 0, to: seconds, by: 2) {
            house.viewers.record(
                ViewerHit(
                    time: house.clock.now, address: "192.0.2.1", userAgent: "p", path: "/live/stream_src.m3u8",
                    status: 200, bytes: 10, seconds: 0, country: "DE"))
            house.clock.advance(2000)
        }
    }

    @Test func writesWhatIsFinished() async {
        let house = TestHouse()
        let sink = TestSink()
        let writer = MinuteWriter(viewers: house.viewers, live: house.live, sink: sink, logger: house.log.logger)
        house.begin("stream")
        watch(house, seconds: 90)
        await writer.write()
        let first = sink.content.withLock { $0 }
        #expect(first.minutes.count == 1 && first.events.count == 1)
        #expect(first.countries.map(\.watchSeconds).reduce(0, +) == 88)
        await writer.write(all: true)
        let all = sink.content.withLock { $0 }
        #expect(all.minutes.map(\.watchSeconds).reduce(0, +) == 88)
        #expect(all.minutes.map(\.bytesSent).reduce(0, +) == 450)
    }

    @Test(arguments: 0..<4)
    func aFullDiskLosesNothing(_ calls: Int) async {
        let house = TestHouse()
        let sink = TestSink()
        let writer = MinuteWriter(viewers: house.viewers, live: house.live, sink: sink, logger: house.log.logger)
        house.begin("stream")
        house.live.note("second", detail: "")
        watch(house, seconds: 90)
        sink.content.withLock { $0.callsLeft = calls }
        await writer.write()
        await writer.write()
        #expect(house.log.lines.count { $0.hasPrefix("error analytics_not_written") } == 1)
        watch(house, seconds: 90)
        sink.content.withLock { $0.callsLeft = nil }
        await writer.write(all: true)
        let all = sink.content.withLock { $0 }
        #expect(all.minutes.map(\.watchSeconds).reduce(0, +) == 178)
        #expect(all.countries.map(\.watchSeconds).reduce(0, +) == 178)
        #expect(all.events.map(\.kind) == ["stream_started", "second"])
        #expect(house.log.lines.last == "info analytics_written_again")
    }

    @Test func whatWaitsIsBounded() {
        var pending = PendingAnalytics()
        let minute = ViewerMinute(stream: "a", minute: 0, peakViewers: 1, watchSeconds: 1, bytesSent: 1, sessions: 1)
        for number in 0..<4 {
            pending.add(
                minutes: Array(repeating: minute, count: 10_000),
                countries: [CountryDay(country: "DE", day: 0, watchSeconds: number)])
        }
        #expect(pending.minutes.count == 30_240)
        #expect(pending.countries == [CountryDay(country: "DE", day: 0, watchSeconds: 6)])
    }
}
