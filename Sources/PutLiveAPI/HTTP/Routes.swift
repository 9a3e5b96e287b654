import HTTPTypes
import Hummingbird

/// Gives every endpoint its handler, with the check of who calls before it.
struct Routes {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    private let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
    private let authorizer: Authorizer
    private var isHandled = Array(repeating: false, count: Endpoints.all.count)

    init(authorizer: Authorizer) {
        self.authorizer = authorizer
    }

    /// Handles an endpoint of the table.
    mutating func on(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) {
        guard let index = Endpoints.all.firstIndex(where: { $0.method == method && $0.path == path }) else {
            preconditionFailure("\(method) \(path) isn't in the table of endpoints")
        }
        isHandled[index] = true
        let access = Endpoints.all[index].access
        let authorizer = authorizer
        router.on(RouterPath(path), method: method) { request, context in
            context.route.index = index
            var context = context
            try await authorizer.authorize(request, access, &context)
            return try await handler(request, context)
        }
    }

    func makeResponder() -> RouterResponder<APIContext> {
        precondition(isHandled.allSatisfy(\.self), "an endpoint of the table has no handler")
        return router.buildResponder()
    }
}
