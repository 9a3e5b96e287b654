import HTTPTypes
import Hummingbird

/// Which other sites' pages may call the API (the Fetch standard's CORS protocol): those on the list, and no wildcard.
struct CORS: Sendable {
    /// What is done with a request's origin.
    enum Verdict: Equatable {
        /// No other site is involved.
        case sameOrigin
        /// On the list.
        case allowed
        /// Not on the list: browsers won't show the answer to the page.
        case refused
    }

    var allowedOrigins: Set<String>

    /// - Parameters:
    ///   - origin: The field `Origin`.
    ///   - host: The request's authority; a page of the same host is no other site.
    func verdict(origin: String, host: String?) -> Verdict {
        if allowedOrigins.contains(origin) { return .allowed }
        if let host, origin == "https://\(host)" || origin == "http://\(host)" { return .sameOrigin }
        return .refused
    }

    static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    static let headers = "Authorization, Content-Type, If-Match"
    static let exposed = "Location, ETag, Link, Retry-After, X-Request-Id"

    /// Adds what lets the page at `origin` read the answer.
    static func allow(_ origin: String, in headers: inout HTTPFields) {
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] = exposed
        headers[.vary] = headers[.vary].map { "\($0), Origin" } ?? "Origin"
    }

    /// The answer to a preflight from an allowed origin, beside what ``allow(_:in:)`` adds to each.
    ///
    /// - Parameter acceptPost: What the path takes by POST, where answers to OPTIONS say so: WHIP's do.
    static func preflight(acceptPost: String?) -> Response {
        var response = Response(status: .noContent)
        response.headers[.accessControlAllowMethods] = methods
        response.headers[.accessControlAllowHeaders] = headers
        response.headers[.accessControlMaxAge] = "600"
        response.headers[.acceptPost] = acceptPost
        return response
    }
}
