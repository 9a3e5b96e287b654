import Hummingbird
import PutLiveLive
import PutLiveStore

/// /api/analytics: viewers, watch time and bandwidth by the time, and what happened.
enum AnalyticsRoutes {
    private struct Point: Encodable {
        let time: String
        let viewers: Double
        let peak_viewers: Int
        let watch_seconds: Int
        let bytes_sent: Int64
    }

    private struct Totals: Encodable {
        let peak_viewers: Int
        let watch_seconds: Int
        let bytes_sent: Int64
        let sessions: Int
    }

    private struct Country: Encodable {
        let country: String
        let watch_seconds: Int
    }

    private struct Report: Encodable {
        let from: String
        let to: String
        let step_seconds: Int64
        let points: [Point]
        let totals: Totals
        let countries: [Country]
    }

    private struct Item: Encodable {
        let id: Int64
        let time: String
        let kind: String
        @ExplicitNull var stream: String?
        let detail: String
    }

    private struct Items: Encodable {
        let events: [Item]
        let total: Int
    }

    private static let day: UnixTime = 86400
    /// The longest time that one report covers.
    private static let longest = 400 * day

    /// Events whose details name accounts.
    private static let accountKinds = [
        "login", "password_changed", "user_created", "user_changed", "user_deleted", "key_created", "key_revoked",
    ]

    static func add(to routes: inout Routes, _ services: APIServices) {
        let line = ReportLine()
        routes.on(.get, "/api/analytics") { request, _ in
            let now = services.clock()
            let to = try request.time("to", default: now)
            let from = try request.time("from", default: to - day)
            let stream = request.uri.queryParameters["stream"].map(String.init)
            var fields = Fields()
            fields.require(from < to, "from", "before to")
            fields.require(to - from <= longest, "from", "at most \(longest / day) days before to")
            fields.require(stream.map { StreamName($0) != nil } ?? true, "stream", "a stream's name")
            try fields.check()
            return .json(try await line.run { try await report(from, to, stream, services) })
        }
        routes.on(.get, "/api/analytics/events") { request, context in
            let limit = try request.integer("limit", default: 50, in: 1...500)
            // Who has an account is for those who run the host.
            let hidden = context.signedIn?.user.role == .admin ? [] : accountKinds
            let events = try await services.store.events.list(limit: limit, without: hidden)
            let items = events.map {
                Item(
                    id: $0.id, time: RFC3339.string($0.time), kind: $0.kind,
                    stream: ExplicitNull(wrappedValue: $0.stream), detail: $0.detail)
            }
            return .json(Items(events: items, total: try await services.store.events.count(without: hidden)))
        }
    }

    private static func report(
        _ from: UnixTime, _ to: UnixTime, _ stream: String?, _ services: APIServices
    ) async throws -> Report {
        let analytics = services.store.analytics
        let step = Analytics.step(from: from, to: to)
        let points = try await analytics.points(from: from, to: to, step: step, stream: stream)
        let totals = try await analytics.totals(from: from, to: to, stream: stream)
        let countries = try await analytics.countries(from: from, to: to)
        return Report(
            from: RFC3339.string(from), to: RFC3339.string(to), step_seconds: step,
            points: points.map {
                // Of a step that isn't over, the mean of what there is of it.
                let seconds = min(step, max(60, services.clock() - $0.time))
                return Point(
                    time: RFC3339.string($0.time),
                    viewers: (Double($0.watchSeconds) / Double(seconds)).rounded(places: 2),
                    peak_viewers: $0.peakViewers, watch_seconds: $0.watchSeconds, bytes_sent: $0.bytesSent)
            },
            totals: Totals(
                peak_viewers: totals.peakViewers, watch_seconds: totals.watchSeconds, bytes_sent: totals.bytesSent,
                sessions: totals.sessions),
            countries: countries.map { Country(country: $0.country, watch_seconds: $0.watchSeconds) })
    }
}

extension Double {
    func rounded(places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
