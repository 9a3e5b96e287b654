import HTTPTypes
import Hummingbird
import Logging
import PutLiveStore
import Synchronization

/// Every request passes here, and every answer leaves here: limits and CORS before the router, one form of error, the
/// security fields and the metrics after it.
struct Gate: HTTPResponder {
    typealias Context = APIContext

    let router: RouterResponder<APIContext>
    let files: FileRoutes
    let policy: PolicyStore
    let metrics: HTTPMetrics

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let started = ContinuousClock.now
        metrics.began()
        var context = context
        context.client = ClientAddress(peer: context.peer, headers: request.headers)
        var response = await answer(request, context, at: started)
        finish(&response, request, context)
        return metrics.ended(response, request: request, route: routeName(of: request, context), started: started)
    }

    private func answer(_ request: Request, _ context: APIContext, at now: ContinuousClock.Instant) async -> Response {
        do {
            return try await answerOrThrow(request, context, at: now)
        } catch let problem as Problem {
            return problem.response(requestID: context.requestID)
        } catch let error as any HTTPResponseError {
            return Problem(of: error).response(requestID: context.requestID)
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
        _ request: Request, _ context: APIContext, at now: ContinuousClock.Instant
    ) async throws -> Response {
        let path = request.uri.path
        let isAPI = path.hasPrefix("/api/")
        if isAPI, !Self.isUnlimited(path), let wait = policy.take(context.client.network, at: now) {
            metrics.rateLimited()
            throw Problem.tooManyRequests(retryAfter: wait, "Wait \(wait) s; the limit counts requests by address.")
        }
        let verdict = policy.cors.verdict(origin: request.headers[.origin], host: request.head.authority)
        if verdict == .refused { metrics.corsRefused() }
        if request.method == .options, isAPI, request.headers[.accessControlRequestMethod] != nil {
            guard case .allowed(let origin) = verdict else {
                throw Problem.forbidden("This origin isn't in security.cors.allowed_origins.")
            }
            return CORS.preflight(origin)
        }
        var response = try await routed(request, context)
        if case .allowed(let origin) = verdict { CORS.allow(origin, in: &response.headers) }
        return response
    }

    private func routed(_ request: Request, _ context: APIContext) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        guard response.status == .notFound, context.route.index < 0 else { return response }
        return try await unrouted(request, context)
    }

    /// No endpoint has this path and method: a file, another method's path, or nothing.
    private func unrouted(_ request: Request, _ context: APIContext) async throws -> Response {
        let path = request.uri.path
        let methods = Endpoints.methods(of: path)
        guard methods.isEmpty else { throw Problem.methodNotAllowed(methods) }
        guard !path.hasPrefix("/api/"), path != "/metrics" else { throw Problem.notFound() }
        guard request.method == .get || request.method == .head else { throw Problem.methodNotAllowed([.get, .head]) }
        return try await files.respond(to: request, context: context)
    }

    private func finish(_ response: inout Response, _ request: Request, _ context: APIContext) {
        for field in SecurityHeaders.always { response.headers.append(field) }
        if context.client.isHTTPS, policy.strictTransportSecurity {
            response.headers.append(SecurityHeaders.strictTransportSecurity)
        }
        response.headers[.xRequestID] = context.requestID
        if request.uri.path.hasPrefix("/api/"), response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = "no-store"
        }
        if response.headers[.contentLength] == nil, let length = response.body.contentLength,
            response.status != .noContent
        {
            response.headers[.contentLength] = String(length)
        }
        // What is left of a body that wasn't read would be read as the next request's head.
        if response.status.code >= 400,
            request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil,
            response.status == .contentTooLarge || response.status == .requestTimeout
        {
            response.headers[.connection] = "close"
        }
    }

    /// Health tells load balancers and watchdogs, hooks gate broadcasters: neither may be turned away for being asked.
    private static func isUnlimited(_ path: String) -> Bool {
        path == "/api/health" || path == "/api/health/detailed" || path.hasPrefix("/api/srs/")
    }

    private func routeName(of request: Request, _ context: APIContext) -> RouteLabel {
        let index = context.route.index
        if Endpoints.all.indices.contains(index) { return .endpoint(index) }
        let path = request.uri.path
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

extension Problem {
    /// What Hummingbird itself refuses.
    init(of error: any HTTPResponseError) {
        switch error.status {
        case .notFound: self = .notFound()
        case .contentTooLarge: self = .tooLarge(limit: JSON.bodyLimit)
        case .badRequest: self = .badRequest("The address or a header field isn't well formed.")
        case .rangeNotSatisfiable:
            self.init("range", .rangeNotSatisfiable, "Range not satisfiable", "The file is shorter than that.")
        default: self.init("http", error.status, error.status.reasonPhrase, "The request can't be answered.")
        }
    }
}
