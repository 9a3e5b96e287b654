import HTTPTypes
import PutLiveLive

extension Problem {
    static func badRequest(_ detail: String) -> Problem {
        Problem("bad-request", .badRequest, "The request isn't understood", detail)
    }

    static func notAcceptable(_ detail: String) -> Problem {
        Problem("not-acceptable", .notAcceptable, "Nothing in the offer can be taken", detail)
    }

    /// RFC 9725, section 4.3.2.
    static var preconditionFailed: Problem {
        Problem(
            "precondition-failed", .preconditionFailed, "This is of an ICE session that is over",
            "Its ETag has changed since; ask with If-Match: * to restart ICE.")
    }

    static var preconditionRequired: Problem {
        Problem(
            "precondition-required", .preconditionRequired, "If-Match is missing",
            "Send If-Match with the session's ETag, or * to restart ICE (RFC 9725, section 4.3).")
    }

    static let noWebRTC = Problem.notFound("Browsers don't broadcast to this host: streaming.webrtc.enabled is off.")

    static let noSession = Problem.notFound("There is no such broadcast; it may have ended.")

    /// - Parameter badKey: Makes the problem of a stream key that isn't good: 401 where it is what the request is authorized by, 403
    ///   where a login is.
    init(_ refusal: BridgeRefusal, badKey: (String) -> Problem) {
        switch refusal {
        case .malformed(let words): self = .badRequest(words)
        case .unacceptable(let words): self = .notAcceptable(words)
        case .unknown: self = .noSession
        case .foreign: self = .forbidden("This broadcast is another's.")
        case .full(let words): self = .unavailable(words, retryAfter: 30)
        case .failed: self = .internal
        case .publisher(.busy):
            self = .conflict("Another publisher is on air under this name. Choose another name, or end that one first.")
        case .publisher(.limit):
            self = .unavailable(
                "As many streams as streaming.max_concurrent_streams allows are on air. End one first.",
                retryAfter: 30)
        case .publisher(.unavailable): self = .unavailable("Stream keys can't be checked now.")
        case .publisher(let refusal): self = badKey(refusal.words)
        }
    }
}

extension PublishRefusal {
    /// For those who showed the key.
    fileprivate var words: String {
        switch self {
        case .wrongStream: "The stream key is for another stream."
        case .expired: "The stream key has expired. Make a new one."
        case .revoked: "The stream key was revoked."
        default: "This isn't a stream key of this host."
        }
    }
}
