import Hummingbird
import Logging
import NIOCore

/// What is known of one request beside the request itself.
struct APIContext: Sendable {
    /// What the request's log lines, its answer's `X-Request-Id` and its problem details carry.
    let requestID: String
    /// The connection's other end; nil where there is none.
    let peer: SocketAddress?
    /// Whom it comes from. The gate fills it in.
    var client = ClientAddress.unknown
    /// Whose token it bears, where the endpoint asks for one.
    var signedIn: SignedIn?
    /// The stream key that it bears instead; not checked yet.
    var streamKey: BearerKey?
    /// What stands in the place of the path's parameter.
    var parameter = ""

    private let baseLogger: Logger

    init(peer: SocketAddress?, logger: Logger, requestID: String = RequestID().description) {
        self.peer = peer
        baseLogger = logger
        self.requestID = requestID
    }

    /// For lines about the request: each carries its id. It is made when it is needed, which for most requests is never.
    var logger: Logger {
        var logger = baseLogger
        logger[metadataKey: "request_id"] = "\(requestID)"
        return logger
    }

    /// The account; only for endpoints whose access asks for one.
    func account() throws -> SignedIn {
        guard let signedIn else { throw Problem.unauthorized("Send Authorization: Bearer <token>.") }
        return signedIn
    }
}
