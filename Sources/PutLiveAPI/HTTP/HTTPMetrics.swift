import HTTPTypes
import Hummingbird
import Synchronization

/// Which row of the route label a request counts under.
enum RouteLabel: Sendable {
    case endpoint(Int)
    case live
    case pages
    case other
}

/// Counts requests and answers by route, method and status; the series are made when first used and then kept.
final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let route: Int
        let method: Int
        let status: Int
    }

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]

    private static let names = Endpoints.all.map(\.path) + ["/live", "/pages", "other"]

    private let registry: MetricsRegistry
    private let counters = Mutex<[Key: MetricCounter]>([:])
    private let durations: [MetricHistogram]
    private let inFlight: MetricGauge
    private let received: MetricCounter
    private let sent: MetricCounter
    private let limited: MetricCounter
    private let refusedOrigins: MetricCounter

    init(registry: MetricsRegistry) {
        self.registry = registry
        durations = Self.names.map { registry.histogram("putlive_http_request_duration_seconds", ["route": $0]) }
        inFlight = registry.gauge("putlive_http_requests_in_flight")
        received = registry.counter("putlive_http_received_bytes_total")
        sent = registry.counter("putlive_http_sent_bytes_total")
        limited = registry.counter("putlive_rate_limited_requests_total")
        refusedOrigins = registry.counter("putlive_cors_rejections_total")
    }

    /// Every route and method there is, so that the counters of each start at 0.
    static var routes: [MetricRoute] {
        Endpoints.all.map { MetricRoute(method: $0.method.rawValue, pattern: $0.path) }
            + ["/live", "/pages"].map { MetricRoute(method: "GET", pattern: $0) }
    }

    func began() {
        inFlight.increment()
    }

    func rateLimited() {
        limited.increment()
    }

    func corsRefused() {
        refusedOrigins.increment()
    }

    /// Counts the answer, and when it has been sent its bytes and its time. The answer's bytes are those of its body.
    func ended(
        _ response: Response, request: Request, route: RouteLabel, started: ContinuousClock.Instant
    ) -> Response {
        let index = index(of: route)
        counter(Key(route: index, method: Self.index(of: request.method), status: response.status.code / 100))
            .increment()
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > 0 {
            received.increment(by: length)
        }
        let histogram = durations[index]
        let bytes = request.method == .head ? 0 : response.body.contentLength
        return response.whenSent { [self] in
            sent.increment(by: bytes)
            histogram.observe(ContinuousClock.now - started)
            inFlight.decrement()
        }
    }

    private func index(of route: RouteLabel) -> Int {
        switch route {
        case .endpoint(let index): index
        case .live: Self.names.count - 3
        case .pages: Self.names.count - 2
        case .other: Self.names.count - 1
        }
    }

    private static func index(of method: HTTPRequest.Method) -> Int {
        switch method {
        case .get: 0
        case .head: 1
        case .post: 2
        case .put: 3
        case .patch: 4
        case .delete: 5
        case .options: 6
        default: 7
        }
    }

    private func counter(_ key: Key) -> MetricCounter {
        counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = registry.counter(
                "putlive_http_requests_total",
                [
                    "method": Self.methods[key.method], "route": Self.names[key.route],
                    "status": "\(key.status)xx",
                ])
            counters[key] = counter
            return counter
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
