import HTTPTypes
import Hummingbird
import Logging
import PutLiveStore

/// Every request passes here, and every answer leaves here: limits and CORS before the router, one form of error, the
/// security fields and the metrics after it.
struct Gate: HTTPResponder {
    typealias Context = APIContext

    let routes: Routes
    let files: FileRoutes
    let policy: PolicyStore
    let metrics: HTTPMetrics
    /// Whether nginx shows a certificate that browsers trust.
    let showsTrustedCertificate: @Sendable () -> Bool

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let started = ContinuousClock.now
        metrics.began()
        var context = context
        context.client = ClientAddress(peer: context.peer, headers: request.headers)
        let path = request.uri.path
        let match = Endpoints.match(request.method, path)
        var response = await answer(request, path, match, context, at: started)
        if let origin = request.headers[.origin] { share(&response, with: origin, request) }
        finish(&response, path, context)
        return metrics.ended(response, request: request, route: Self.label(of: path, match), started: started)
    }

    private func answer(
        _ request: Request, _ path: String, _ match: Endpoints.Match?, _ context: APIContext,
        at now: ContinuousClock.Instant
    ) async -> Response {
        do {
            return try await answerOrThrow(request, path, match, context, at: now)
        } catch let problem as Problem {
            return problem.response(requestID: context.requestID)
        } catch let error as StoreError {
            let problem = Problem(of: error)
            if problem.status.code >= 500 { log(error, request, context) }
            return problem.response(requestID: context.requestID)
        } catch is CancellationError {
            return Problem.unavailable("The agent is stopping.").response(requestID: context.requestID)
        } catch {
            log(error, request, context)
            return Problem.internal.response(requestID: context.requestID)
        }
    }

    private func answerOrThrow(
        _ request: Request, _ path: String, _ match: Endpoints.Match?, _ context: APIContext,
        at now: ContinuousClock.Instant
    ) async throws -> Response {
        let isAPI = path.hasPrefix("/api/") || path.hasPrefix("/whip/")
        if isAPI, !Self.isUnlimited(path), let wait = policy.take(context.client, at: now) {
            metrics.rateLimited()
            throw Problem.tooManyRequests(retryAfter: wait, "Wait \(wait) s; the limit counts requests by address.")
        }
        if request.method == .options, isAPI, request.headers[.accessControlRequestMethod] != nil,
            let origin = request.headers[.origin]
        {
            guard policy.cors.verdict(origin: origin, host: request.head.authority) == .allowed else {
                throw Problem.forbidden("This origin isn't in security.cors.allowed_origins.")
            }
            return CORS.preflight()
        }
        return try await routed(request, path, match, context)
    }

    /// Lets the page at `origin` read the answer, errors included, if its site is one of those that may.
    private func share(_ response: inout Response, with origin: String, _ request: Request) {
        switch policy.cors.verdict(origin: origin, host: request.head.authority) {
        case .allowed: CORS.allow(origin, in: &response.headers)
        case .refused: metrics.corsRefused()
        case .sameOrigin: break
        }
    }

    private func routed(
        _ request: Request, _ path: String, _ match: Endpoints.Match?, _ context: APIContext
    ) async throws -> Response {
        guard let match else { return try await unrouted(request, path, context) }
        return try await routes.respond(match, to: request, context)
    }

    /// No endpoint has this path and method: a file, another method's path, or nothing.
    private func unrouted(_ request: Request, _ path: String, _ context: APIContext) async throws -> Response {
        let methods = Endpoints.methods(of: path)
        guard methods.isEmpty else { throw Problem.methodNotAllowed(methods) }
        guard !path.hasPrefix("/api/"), path != "/metrics" else { throw Problem.notFound() }
        guard request.method == .get || request.method == .head else { throw Problem.methodNotAllowed([.get, .head]) }
        return try await files.respond(to: request, context: context)
    }

    private func finish(_ response: inout Response, _ path: String, _ context: APIContext) {
        let isData = path.hasPrefix("/api/") || path.hasPrefix("/live/") || path.hasPrefix("/whip/")
        // Appended, not set: setting looks for each among those that are there, and none of these is.
        for field in isData ? SecurityHeaders.forData : SecurityHeaders.forPages { response.headers.append(field) }
        if context.client.isHTTPS, policy.strictTransportSecurity, showsTrustedCertificate() {
            response.headers.append(SecurityHeaders.strictTransportSecurity)
        }
        response.headers.append(HTTPField(name: .xRequestID, value: context.requestID))
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

    private func log(_ error: any Error, _ request: Request, _ context: APIContext) {
        context.logger.error(
            "request_failed",
            metadata: [
                "ip": "\(context.client.ip)", "method": "\(request.method.rawValue)", "path": "\(request.uri.path)",
                "error": "\(error)",
            ])
    }
}
