import Testing

@testable import PutLiveStore

@Suite struct AnalyticsTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.store()
    }

    private func minute(
        _ index: Int64, _ stream: String = "one", peak: Int = 1, watched: Int = 60, sent: Int64 = 1_000,
        sessions: Int = 1
    ) -> ViewerMinute {
        ViewerMinute(
            stream: stream, minute: start + index * 60, peakViewers: peak, watchSeconds: watched, bytesSent: sent,
            sessions: sessions)
    }

    @Test func addsUp() async throws {
        try await store.analytics.add([ViewerMinute]())
        try await store.analytics.add([minute(0, peak: 3), minute(0, peak: 2), minute(1)])
        try await store.analytics.add([minute(0, peak: 1, sent: 5_000_000_000)])
        #expect(
            try await store.analytics.totals(from: start, to: start + day)
                == ViewerTotals(peakViewers: 3, watchSeconds: 240, bytesSent: 5_000_003_000, sessions: 4))
        #expect(
            try await store.analytics.totals(from: start + 60, to: start + 61)
                == ViewerTotals(peakViewers: 1, watchSeconds: 60, bytesSent: 1_000, sessions: 1))
        #expect(
            try await store.analytics.totals(from: start - day, to: start)
                == ViewerTotals(peakViewers: 0, watchSeconds: 0, bytesSent: 0, sessions: 0))
    }

    @Test func pointsHaveEveryStep() async throws {
        try await store.analytics.add([
            minute(0, peak: 2, watched: 120), minute(4, peak: 5, watched: 180), minute(11, peak: 1, watched: 30),
            minute(0, "two", peak: 4, watched: 60), minute(20, peak: 9),
        ])
        let points = try await store.analytics.points(from: start, to: start + 900, step: 300)
        #expect(
            points == [
                ViewerPoint(time: start, viewers: 1.2, peakViewers: 6, watchSeconds: 360, bytesSent: 3_000),
                ViewerPoint(time: start + 300, viewers: 0, peakViewers: 0, watchSeconds: 0, bytesSent: 0),
                ViewerPoint(time: start + 600, viewers: 0.1, peakViewers: 1, watchSeconds: 30, bytesSent: 1_000),
            ])
        let two = try await store.analytics.points(from: start, to: start + 300, step: 300, stream: "two")
        #expect(two == [ViewerPoint(time: start, viewers: 0.2, peakViewers: 4, watchSeconds: 60, bytesSent: 1_000)])
        #expect(
            try await store.analytics.totals(from: start, to: start + hour, stream: "two")
                == ViewerTotals(peakViewers: 4, watchSeconds: 60, bytesSent: 1_000, sessions: 1))
    }

    @Test func aSpanMayBeginAmidAStep() async throws {
        try await store.analytics.add([minute(0), minute(5)])
        let points = try await store.analytics.points(from: start + 100, to: start + 301, step: 300)
        #expect(points.map(\.time) == [start, start + 300])
        #expect(points.map(\.watchSeconds) == [60, 60])
    }

    @Test func refusesBadSpans() async throws {
        let analytics = store.analytics
        for step: Int64 in [0, 30, 90, -60] {
            await expect(.invalid(field: "step", message: "must be whole minutes")) {
                _ = try await analytics.points(from: 0, to: 60, step: step)
            }
        }
        for (from, to): (Int64, Int64) in [(60, 60), (60, 0), (-60, 60), (0, .max)] {
            await expect(.invalid(field: "from and to", message: "must be a span of time, in this order")) {
                _ = try await analytics.points(from: from, to: to, step: 60)
            }
        }
        await expect(.invalid(field: "step", message: "is too short for this span: at most 10000 points")) {
            _ = try await analytics.points(from: 0, to: 60 * 10_001, step: 60)
        }
        #expect(try await analytics.points(from: 0, to: 60 * 10_000, step: 60).count == 10_000)
    }

    static let spans: [(Int64, Int64)] = [
        (hour, 300), (day, 300), (25 * hour, 600), (7 * day, 3_600), (30 * day, 14_400), (400 * day, 2 * day),
        (36_500 * day, 128 * day),
    ]

    @Test(arguments: spans) func steps(span: Int64, step: Int64) async throws {
        #expect(Analytics.step(from: start, to: start + span) == step)
        #expect(try await store.analytics.points(from: start + 7, to: start + 7 + span, step: step).count <= 300)
    }

    @Test func shortSteps() {
        #expect(Analytics.step(from: start, to: start + hour, points: 60, shortest: 60) == 300)
        #expect(Analytics.step(from: start, to: start + hour, points: 61, shortest: 60) == 60)
    }

    @Test func countries() async throws {
        try await store.analytics.add([CountryDay]())
        try await store.analytics.add([
            CountryDay(country: "DE", day: start, watchSeconds: 10),
            CountryDay(country: "FR", day: start, watchSeconds: 25),
            CountryDay(country: "DE", day: start + day, watchSeconds: 20),
            CountryDay(country: "-", day: start - day, watchSeconds: 1),
        ])
        try await store.analytics.add([CountryDay(country: "DE", day: start, watchSeconds: 5)])
        let both = try await store.analytics.countries(from: start + hour, to: start + day + 1)
        #expect(both == [CountryTotal(country: "DE", watchSeconds: 35), CountryTotal(country: "FR", watchSeconds: 25)])
        let first = try await store.analytics.countries(from: start, to: start + day, limit: 1)
        #expect(first == [CountryTotal(country: "FR", watchSeconds: 25)])
    }

    @Test func forgets() async throws {
        try await store.analytics.add([minute(0), minute(1), minute(2)])
        try await store.analytics.add([CountryDay(country: "DE", day: start - day, watchSeconds: 1)])
        try await store.analytics.add([CountryDay(country: "DE", day: start, watchSeconds: 1)])
        #expect(try await store.analytics.prune(before: start + 120) == 3)
        #expect(try await store.analytics.totals(from: 0, to: start + day).watchSeconds == 60)
        #expect(try await store.analytics.countries(from: 0, to: start + day).map(\.watchSeconds) == [1])
    }

    @Test func eventsAreReadNewestFirst() async throws {
        let first = try await store.events.add(Event(time: start, kind: "agent_started", detail: "version 3.1"))
        let second = try await store.events.add(
            Event(time: start + 1, kind: "stream_started", stream: "one", detail: String(repeating: "ä", count: 600)))
        #expect(second > first)
        let events = try await store.events.list()
        #expect(events.map(\.id) == [second, first])
        #expect(events[1] == Event(id: first, time: start, kind: "agent_started", detail: "version 3.1"))
        #expect(events[0].stream == "one")
        #expect(events[0].detail.count == 500)
        #expect(try await store.events.list(limit: 1, offset: 1).map(\.id) == [first])
        #expect(try await store.events.count() == 2)
        #expect(try await store.events.prune(before: start + 1) == 1)
        #expect(try await store.events.count() == 1)
        // Ids aren't given twice.
        #expect(try await store.events.prune(before: start + 2) == 1)
        #expect(try await store.events.add(Event(time: start, kind: "login", detail: "")) > second)
        await #expect(throws: StoreError.self) {
            try await store.events.add(Event(time: start, kind: "Bad kind", detail: ""))
        }
    }

    @Test func eventsAreBounded() async throws {
        try await store.execute(
            """
            INSERT INTO events (time, kind, detail)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            SELECT i, 'login', '' FROM n
            """)
        try await store.events.add(Event(time: start, kind: "login", detail: ""))
        #expect(try await store.events.count() == Events.limit)
    }
}
