import HTTPTypes
import Hummingbird
import Logging
import PutLiveStore

/// Every request passes here, and every answer leaves here: limits and CORS before the router, one form of error, the
/// security fields and the metrics after it.
struct Gate: Sendable {
    /// How far a request came without waiting for anything.
    enum Progress: Sendable {
        case answered(Response)
        /// It passed the limits; ``finish(_:)`` has to be called for the rest.
        case waiting(Visit)
    }

    /// A request on its way through the gate.
    struct Visit: Sendable {
        let request: Request
        var context: APIContext
        let path: String
        let match: Endpoints.Match?
        let started: ContinuousClock.Instant
    }

    let routes: Routes
    let files: FileRoutes
    let policy: PolicyStore
    let metrics: HTTPMetrics
    /// Whether nginx shows a certificate that browsers trust.
    let showsTrustedCertificate: @Sendable () -> Bool

    /// Does all that needs no waiting, which for many requests is all there is to do: a task costs more than they do.
    func begin(_ request: Request, _ context: APIContext) -> Progress {
        metrics.began()
        let path = request.uri.path
        var visit = Visit(
            request: request, context: context, path: path, match: Endpoints.match(request.method, path),
            started: .now)
        visit.context.client = ClientAddress(peer: context.peer, headers: request.headers)
        do {
            guard let response = try answerAtOnce(visit) else { return .waiting(visit) }
            return .answered(leave(response, visit))
        } catch {
            return .answered(leave(answer(to: error, visit), visit))
        }
    }

    /// The answer to a request that has to wait for something.
    func finish(_ visit: Visit) async -> Response {
        do {
            return leave(try await answer(visit), visit)
        } catch {
            return leave(answer(to: error, visit), visit)
        }
    }

    /// The limits, and what can be said without waiting; else nil.
    private func answerAtOnce(_ visit: Visit) throws -> Response? {
        let request = visit.request
        let path = visit.path
        let isAPI = path.hasPrefix("/api/") || path.hasPrefix("/whip/")
        if isAPI, !Self.isUnlimited(path), let wait = policy.take(visit.context.client, at: visit.started) {
            metrics.rateLimited()
            throw Problem.tooManyRequests(retryAfter: wait, "Wait \(wait) s; the limit counts requests by address.")
        }
        if request.method == .options, isAPI, request.headers[.accessControlRequestMethod] != nil,
            let origin = request.headers[.origin]
        {
            guard policy.cors.verdict(origin: origin, host: request.head.authority) == .allowed else {
                throw Problem.forbidden("This origin isn't in security.cors.allowed_origins.")
            }
            return CORS.preflight(acceptPost: visit.match == nil ? nil : WHIPRoutes.sdp)
        }
        guard let match = visit.match else {
            try refuseUnrouted(visit)
            return nil
        }
        return try routes.respondAtOnce(match, to: request, visit.context)
    }

    private func answer(_ visit: Visit) async throws -> Response {
        guard let match = visit.match else {
            return try await files.respond(to: visit.request, context: visit.context)
        }
        return try await routes.respond(match, to: visit.request, visit.context)
    }

    private func answer(to error: any Error, _ visit: Visit) -> Response {
        let id = visit.context.requestID
        switch error {
        case let problem as Problem:
            return problem.response(requestID: id)
        case let error as StoreError:
            let problem = Problem(of: error)
            if problem.status.code >= 500 { log(error, visit) }
            return problem.response(requestID: id)
        case is CancellationError:
            return Problem.unavailable("The agent is stopping.").response(requestID: id)
        default:
            log(error, visit)
            return Problem.internal.response(requestID: id)
        }
    }

    /// What every answer gets on its way out.
    private func leave(_ response: Response, _ visit: Visit) -> Response {
        var response = response
        if let origin = visit.request.headers[.origin] { share(&response, with: origin, visit.request) }
        addFields(to: &response, visit)
        return metrics.ended(
            response, request: visit.request, route: Self.label(of: visit.path, visit.match), started: visit.started)
    }

    /// Lets the page at `origin` read the answer, errors included, if its site is one of those that may.
    private func share(_ response: inout Response, with origin: String, _ request: Request) {
        switch policy.cors.verdict(origin: origin, host: request.head.authority) {
        case .allowed: CORS.allow(origin, in: &response.headers)
        case .refused: metrics.corsRefused()
        case .sameOrigin: break
        }
    }

    /// No endpoint has this path and method: it may be a file; else it is another method's path, or nothing.
    private func refuseUnrouted(_ visit: Visit) throws {
        let methods = Endpoints.methods(of: visit.path)
        guard methods.isEmpty else { throw Problem.methodNotAllowed(methods) }
        guard !visit.path.hasPrefix("/api/"), visit.path != "/metrics" else { throw Problem.notFound() }
        guard visit.request.method == .get || visit.request.method == .head else {
            throw Problem.methodNotAllowed([.get, .head])
        }
    }

    private func addFields(to response: inout Response, _ visit: Visit) {
        let path = visit.path
        let isData = path.hasPrefix("/api/") || path.hasPrefix("/live/") || path.hasPrefix("/whip/")
        // Appended, not set: setting looks for each among those that are there, and none of these is.
        for field in isData ? SecurityHeaders.forData : SecurityHeaders.forPages { response.headers.append(field) }
        if visit.context.client.isHTTPS, policy.strictTransportSecurity, showsTrustedCertificate() {
            response.headers.append(SecurityHeaders.strictTransportSecurity)
        }
        response.headers.append(HTTPField(name: .xRequestID, value: visit.context.requestID))
        // What is left of a body that wasn't read would be read as the next request's head.
        if response.status == .contentTooLarge || response.status == .requestTimeout {
            response.headers[.connection] = "close"
        }
    }

    /// Health tells load balancers and watchdogs, hooks gate broadcasters: neither may be turned away for being asked.
    private static func isUnlimited(_ path: String) -> Bool {
        path == "/api/health" || path == "/api/health/detailed" || path.hasPrefix("/api/srs/")
    }

    private static func label(of path: String, _ match: Endpoints.Match?) -> RouteLabel {
        if let match { return .endpoint(match.index) }
        if path.hasPrefix("/live/") { return .live }
        return path.hasPrefix("/api/") || path.hasPrefix("/metrics") ? .other : .pages
    }

    private func log(_ error: any Error, _ visit: Visit) {
        visit.context.logger.error(
            "request_failed",
            metadata: [
                "ip": "\(visit.context.client.ip)", "method": "\(visit.request.method.rawValue)",
                "path": "\(visit.path)", "error": "\(error)",
            ])
    }
}
