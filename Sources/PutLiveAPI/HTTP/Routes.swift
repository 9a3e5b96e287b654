import HTTPTypes
import Hummingbird

/// Gives every endpoint of the table its handler, with the check of who calls before it.
///
/// The table is the router as well: a path is looked up whole, and in the few patterns after that, which takes a tenth
/// of the time of a trie over its parts.
struct Routes: Sendable {
    /// For what has to wait: for a body, the database, a file.
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response
    /// For what is known at once: it is answered without a task. It mustn't take long, for other requests wait for it.
    typealias ImmediateHandler = @Sendable (Request, APIContext) throws -> Response

    private enum Way {
        case none
        case atOnce(ImmediateHandler)
        case waiting(Handler)
    }

    private let authorizer: Authorizer
    private var ways: [Way] = Array(repeating: .none, count: Endpoints.all.count)

    init(authorizer: Authorizer) {
        self.authorizer = authorizer
    }

    /// Handles an endpoint of the table.
    mutating func on(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) {
        ways[Self.index(method, path)] = .waiting(handler)
    }

    /// Handles an endpoint of the table that needs no body and waits for nothing.
    mutating func onAtOnce(_ method: HTTPRequest.Method, _ path: String, handler: @escaping ImmediateHandler) {
        ways[Self.index(method, path)] = .atOnce(handler)
    }

    private static func index(_ method: HTTPRequest.Method, _ path: String) -> Int {
        guard let index = Endpoints.all.firstIndex(where: { $0.method == method && $0.path == path }) else {
            preconditionFailure("\(method) \(path) isn't in the table of endpoints")
        }
        return index
    }

    /// Stops the program if an endpoint of the table has no handler.
    func requireAll() {
        for way in ways {
            if case .none = way { preconditionFailure("an endpoint of the table has no handler") }
        }
    }

    /// Answers a request to an endpoint if nothing has to be waited for; else nil, and nothing happened yet.
    func respondAtOnce(_ match: Endpoints.Match, to request: Request, _ context: APIContext) throws -> Response? {
        guard case .atOnce(let handler) = ways[match.index] else { return nil }
        var context = context
        context.parameter = match.parameter
        guard try authorizer.authorizeAtOnce(request, Endpoints.all[match.index].access, &context) else { return nil }
        return withoutBody(try handler(request, context), request)
    }

    /// Answers a request to an endpoint.
    func respond(_ match: Endpoints.Match, to request: Request, _ context: APIContext) async throws -> Response {
        var context = context
        context.parameter = match.parameter
        let access = Endpoints.all[match.index].access
        if try !authorizer.authorizeAtOnce(request, access, &context) {
            try await authorizer.authorize(request, access, &context)
        }
        switch ways[match.index] {
        case .none: throw Problem.notFound()
        case .atOnce(let handler): return withoutBody(try handler(request, context), request)
        case .waiting(let handler): return withoutBody(try await handler(request, context), request)
        }
    }

    private func withoutBody(_ response: Response, _ request: Request) -> Response {
        guard request.method == .head else { return response }
        var response = response
        // Of the body that GET would get.
        if response.headers[.contentLength] == nil {
            response.headers[.contentLength] = String(response.body.contentLength)
        }
        response.body = ResponseBody()
        return response
    }
}
