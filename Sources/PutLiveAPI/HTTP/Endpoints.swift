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
        Endpoint(.get, "/api/webrtc/config", .publisher),
        Endpoint(.get, "/api/webrtc/probe", .publisher),
        Endpoint(.post, "/api/webrtc/offer", .publisher),
        Endpoint(.post, "/api/webrtc/stop", .publisher),
        Endpoint(.options, "/whip/{id}", .anyone),
        Endpoint(.post, "/whip/{id}", .broadcaster),
        Endpoint(.patch, "/whip/session/{id}", .broadcaster),
        Endpoint(.delete, "/whip/session/{id}", .broadcaster),

        Endpoint(.get, "/api/analytics", .account),
        Endpoint(.get, "/api/analytics/events", .account),

        Endpoint(.get, "/api/health", .anyone),
        Endpoint(.get, "/health", .anyone),
        Endpoint(.get, "/api/health/detailed", .account),
        Endpoint(.get, "/api/system", .account),
        Endpoint(.get, "/api/drift", .administrator),
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

    /// Which endpoint a request is for.
    struct Match: Sendable, Equatable {
        /// In the table.
        let index: Int
        /// What stands in the place of the path's parameter, if it has one.
        var parameter = ""
    }

    /// Of each path without parameter, the methods and their places in the table.
    private static let exact: [String: [(method: HTTPRequest.Method, index: Int)]] = {
        var exact: [String: [(method: HTTPRequest.Method, index: Int)]] = [:]
        for (index, endpoint) in all.enumerated() { exact[endpoint.path, default: []].append((endpoint.method, index)) }
        return exact
    }()

    /// The endpoint for a method and a path; HEAD finds that of GET.
    static func match(_ method: HTTPRequest.Method, _ path: String) -> Match? {
        let method = method == .head ? .get : method
        if let methods = exact[path] { return methods.first { $0.method == method }.map { Match(index: $0.index) } }
        // `/api/users/{id}`: the last part is a parameter.
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let parameter = path[path.index(after: slash)...]
        guard !parameter.isEmpty, let methods = exact[path[...slash] + "{id}"] else { return nil }
        return methods.first { $0.method == method }.map { Match(index: $0.index, parameter: String(parameter)) }
    }

    /// Methods that `path` has; HEAD with GET.
    static func methods(of path: String) -> [HTTPRequest.Method] {
        let candidates: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return candidates.filter { match($0, path) != nil }
    }
}
