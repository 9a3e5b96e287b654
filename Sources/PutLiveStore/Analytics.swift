import GRDB

extension Store {
    /// Who watched what, and when.
    public var analytics: Analytics { Analytics(store: self) }
}

/// Viewers by the minute, and countries by the day.
public struct Analytics: Sendable {
    let store: Store

    /// Adds to what is stored of the same minutes: peaks by the larger, everything else by the sum.
    public func add(_ minutes: [ViewerMinute]) async throws(StoreError) {
        if minutes.isEmpty { return }
        try await store.write { db in
            let statement = try db.makeStatement(
                sql: """
                    INSERT INTO viewer_minutes (stream, minute, peak_viewers, watch_seconds, bytes_sent, sessions)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (minute, stream) DO UPDATE SET
                        peak_viewers = max(peak_viewers, excluded.peak_viewers),
                        watch_seconds = watch_seconds + excluded.watch_seconds,
                        bytes_sent = bytes_sent + excluded.bytes_sent,
                        sessions = sessions + excluded.sessions
                    """)
            for minute in minutes {
                try statement.execute(arguments: [
                    minute.stream, minute.minute, minute.peakViewers, minute.watchSeconds, minute.bytesSent,
                    minute.sessions,
                ])
            }
        }
    }

    /// Adds to what is stored of the same days.
    public func add(_ days: [CountryDay]) async throws(StoreError) {
        if days.isEmpty { return }
        try await store.write { db in
            let statement = try db.makeStatement(
                sql: """
                    INSERT INTO country_days (day, country, watch_seconds) VALUES (?, ?, ?)
                    ON CONFLICT (day, country) DO UPDATE SET watch_seconds = watch_seconds + excluded.watch_seconds
                    """)
            for day in days { try statement.execute(arguments: [day.day, day.country, day.watchSeconds]) }
        }
    }

    /// The smallest usual step, at least `shortest`, that makes of a span at most `points` points.
    public static func step(from: UnixTime, to: UnixTime, points: Int = 300, shortest: Int64 = 300) -> Int64 {
        // One more than the span holds, since a span may begin and end amid a step.
        let fits = { (step: Int64) in (to - from) / step + 1 <= points }
        let usual: [Int64] = [60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200]
        if let step = usual.first(where: { $0 >= shortest && fits($0) }) { return step }
        var days = max(1, shortest / 86_400)
        while !fits(days * 86_400) { days *= 2 }
        return days * 86_400
    }

    /// The most points that one call gives.
    public static let points = 10_000

    /// A point for every step of `step` seconds (whole minutes) that touches `from..<to`, empty ones too; steps begin
    /// at multiples of their length. Of one stream, or of all together.
    public func points(
        from: UnixTime, to: UnixTime, step: Int64, stream: String? = nil
    ) async throws(StoreError) -> [ViewerPoint] {
        guard step >= 60, step % 60 == 0 else { throw .invalid(field: "step", message: "must be whole minutes") }
        guard from >= 0, to > from, to <= Self.latest else {
            throw .invalid(field: "from and to", message: "must be a span of time, in this order")
        }
        let first = from / step
        let end = (to - 1) / step + 1
        guard end - first <= Self.points else {
            throw .invalid(field: "step", message: "is too short for this span: at most \(Self.points) points")
        }
        return try await store.read { db in
            var points = (first..<end).map {
                ViewerPoint(time: $0 * step, viewers: 0, peakViewers: 0, watchSeconds: 0, bytesSent: 0)
            }
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT minute / ? AS step, max(peak), sum(watched), sum(sent)
                    FROM (\(Self.byMinute(stream))) GROUP BY step
                    """, arguments: StatementArguments([step] + Self.span(first * step, end * step, stream)))
            while let row = try rows.next() {
                let index = Int((row[0] as Int64) - first)
                points[index].peakViewers = row[1]
                points[index].watchSeconds = row[2]
                points[index].viewers = Double(points[index].watchSeconds) / Double(step)
                points[index].bytesSent = row[3]
            }
            return points
        }
    }

    /// The sum of `from..<to`, to the minute; of one stream, or of all.
    public func totals(from: UnixTime, to: UnixTime, stream: String? = nil) async throws(StoreError) -> ViewerTotals {
        try await store.read { db in
            // An aggregate without groups always has its row.
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT ifnull(max(peak), 0), ifnull(sum(watched), 0), ifnull(sum(sent), 0), ifnull(sum(began), 0)
                    FROM (\(Self.byMinute(stream)))
                    """, arguments: StatementArguments(Self.span(from, to, stream)))
            return ViewerTotals(
                peakViewers: row?[0] ?? 0, watchSeconds: row?[1] ?? 0, bytesSent: row?[2] ?? 0, sessions: row?[3] ?? 0)
        }
    }

    /// Time watched by country on the days that touch `from..<to`, the most first.
    public func countries(from: UnixTime, to: UnixTime, limit: Int = 300) async throws(StoreError) -> [CountryTotal] {
        try await store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT country, sum(watch_seconds) AS watched FROM country_days WHERE day > ? AND day < ?
                    GROUP BY country ORDER BY watched DESC, country LIMIT ?
                    """, arguments: [from - 86_400, to, limit]
            ).map { CountryTotal(country: $0[0], watchSeconds: $0[1]) }
        }
    }

    /// Forgets the minutes and days that ended before `time`; gives their number.
    @discardableResult
    public func prune(before time: UnixTime) async throws(StoreError) -> Int {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM viewer_minutes WHERE minute <= ?", arguments: [time - 60])
            let minutes = db.changesCount
            try db.execute(sql: "DELETE FROM country_days WHERE day <= ?", arguments: [time - 86_400])
            return minutes + db.changesCount
        }
    }

    /// Beyond it lies no date of four digits; it keeps the sums above from overflowing.
    private static let latest: UnixTime = 253_402_300_800

    /// The streams of one minute are watched at once, so their peaks add up.
    private static func byMinute(_ stream: String?) -> String {
        """
        SELECT minute, sum(peak_viewers) AS peak, sum(watch_seconds) AS watched, sum(bytes_sent) AS sent,
            sum(sessions) AS began
        FROM viewer_minutes WHERE minute >= ? AND minute < ? \(stream == nil ? "" : "AND stream = ?") GROUP BY minute
        """
    }

    private static func span(
        _ from: UnixTime, _ to: UnixTime, _ stream: String?
    ) -> [any DatabaseValueConvertible] {
        [from, to] + (stream.map { [$0] } ?? [])
    }
}
