import HTTPTypes
import Hummingbird
import NIOCore

/// An error as clients see it: problem details (RFC 9457). Its `detail` says what to do; no secret is in it.
public struct Problem: Error, Sendable, Equatable {
    /// One value that a request gave and that isn't allowed.
    public struct Field: Sendable, Equatable, Encodable {
        /// The key in the request's body or query.
        public var field: String
        /// What is allowed.
        public var message: String
    }

    /// Last part of `type`, `urn:putlive:problem:<code>`.
    public var code: String
    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// The same text for every problem of this code.
    public var title: String
    /// What happened this time, and what to do.
    public var detail: String
    /// The values at fault, with status 422.
    public var errors: [Field] = []
    /// Header fields that belong to the answer, such as `Retry-After`.
    public var headers: HTTPFields = [:]

    init(_ code: String, _ status: HTTPResponse.Status, _ title: String, _ detail: String) {
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail
    }
}

extension Problem {
    static func invalidJSON(_ detail: String) -> Problem {
        Problem("invalid-json", .badRequest, "The body isn't the JSON that this endpoint reads", detail)
    }

    static func unauthorized(_ detail: String) -> Problem {
        var problem = Problem("unauthorized", .unauthorized, "Log in first", detail)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }

    static var invalidCredentials: Problem {
        var problem = Problem(
            "invalid-credentials", .unauthorized, "Wrong name or password", "Check the name and the password.")
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }

    static func forbidden(_ detail: String) -> Problem {
        Problem("forbidden", .forbidden, "Not allowed", detail)
    }

    static func notFound(_ detail: String = "There is nothing at this address.") -> Problem {
        Problem("not-found", .notFound, "Not found", detail)
    }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        var problem = Problem(
            "method-not-allowed", .methodNotAllowed, "Method not allowed", "Allowed here: \(names).")
        problem.headers[.allow] = names
        return problem
    }

    static func conflict(_ detail: String) -> Problem {
        Problem("conflict", .conflict, "In conflict with what is there", detail)
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem("too-large", .contentTooLarge, "Body too large", "At most \(limit) bytes are read here.")
    }

    static func unsupportedMediaType(_ wanted: String) -> Problem {
        Problem(
            "unsupported-media-type", .unsupportedMediaType, "Unsupported media type",
            "Send Content-Type: \(wanted).")
    }

    static func invalid(_ errors: [Field]) -> Problem {
        var problem = Problem(
            "invalid", .unprocessableContent, "Values that aren't allowed",
            errors.map { "\($0.field): \($0.message)" }.joined(separator: "; "))
        problem.errors = errors
        return problem
    }

    static func tooManyRequests(retryAfter seconds: Int, _ detail: String) -> Problem {
        var problem = Problem("too-many-requests", .tooManyRequests, "Too many requests", detail)
        problem.headers[.retryAfter] = String(max(1, seconds))
        return problem
    }

    static func timeout(_ detail: String) -> Problem {
        Problem("timeout", .requestTimeout, "The request came too slowly", detail)
    }

    static var `internal`: Problem {
        Problem(
            "internal", .internalServerError, "Internal error",
            "The agent's log says more, by the request_id: journalctl -u putlive-agent.")
    }

    static func unavailable(_ detail: String, retryAfter seconds: Int = 5) -> Problem {
        var problem = Problem("unavailable", .serviceUnavailable, "Unavailable for now", detail)
        problem.headers[.retryAfter] = String(seconds)
        return problem
    }
}

extension Problem {
    private struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let request_id: String
        let errors: [Field]?
    }

    /// The answer; `requestID` is what the log lines of the request carry.
    func response(requestID: String) -> Response {
        let body = Body(
            type: "urn:putlive:problem:\(code)", title: title, status: status.code, detail: detail,
            request_id: requestID, errors: errors.isEmpty ? nil : errors)
        var response = Response.json(body, status: status)
        response.headers[.contentType] = "application/problem+json"
        for field in headers { response.headers.append(field) }
        return response
    }
}
