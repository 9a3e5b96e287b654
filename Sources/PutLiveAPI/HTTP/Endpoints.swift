import HTTPTypes

/// One endpoint, and who may call it.
struct Endpoint: Sendable, Equatable {
    let method: HTTPRequest.Method
    /// With parameters in braces, as OpenAPI writes them.
    let path: String
    let access: Access

    init(_ method: HTTPRequest.Method, _ path: String, _ access: Access) {
        self.method = method
        self.path = path
        self.access = access
    }
}

/// Every endpoint of the API. What isn't here doesn't exist; openapi.json describes the same ones.
enum Endpoints {
    static let all: [Endpoint] = [
        Endpoint(.post, "/api/auth/login", .anyone),
        Endpoint(.post, "/api/auth/refresh", .account),
        Endpoint(.post, "/api/auth/logout", .account),
        Endpoint(.get, "/api/auth/me", .account),
        Endpoint(.post, "/api/auth/password", .account),

        Endpoint(.get, "/api/users", .administrator),
        Endpoint(.post, "/api/users", .administrator),
        Endpoint(.get, "/api/users/{id}", .administrator),
        Endpoint(.patch, "/api/users/{id}", .administrator),
        Endpoint(.delete, "/api/users/{id}", .administrator),

        Endpoint(.get, "/api/keys", .publisher),
        Endpoint(.post, "/api/keys", .publisher),
        Endpoint(.get, "/api/keys/{id}", .publisher),
        Endpoint(.delete, "/api/keys/{id}", .publisher),

        Endpoint(.get, "/api/stream/status", .account),
        Endpoint(.get, "/api/streams", .account),
        Endpoint(.get, "/api/analytics", .account),
        Endpoint(.get, "/api/analytics/events", .account),

        Endpoint(.get, "/api/health", .anyone),
        Endpoint(.get, "/health", .anyone),
        Endpoint(.get, "/api/health/detailed", .account),
        Endpoint(.get, "/api/system", .account),
        Endpoint(.get, "/metrics", .monitoring),
        Endpoint(.get, "/api/openapi.json", .anyone),

        Endpoint(.post, "/api/srs/on_connect", .mediaServer),
        Endpoint(.post, "/api/srs/on_publish", .mediaServer),
        Endpoint(.post, "/api/srs/on_unpublish", .mediaServer),
        Endpoint(.post, "/api/srs/on_play", .mediaServer),
        Endpoint(.post, "/api/srs/on_stop", .mediaServer),
        Endpoint(.post, "/api/srs/on_dvr", .mediaServer),
        Endpoint(.post, "/api/srs/on_hls", .mediaServer),
    ]

    /// Methods that `path` has; HEAD with each GET.
    static func methods(of path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let found = all.filter { endpoint in
            let pattern = endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
            return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }.map(\.method)
        return found.contains(.get) ? found + [.head] : found
    }
}
