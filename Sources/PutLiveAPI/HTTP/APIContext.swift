import Hummingbird
import Logging
import NIOCore

/// What is known of one request beside the request itself.
struct APIContext: InitializableFromSource, Sendable {
    /// For lines about the request: each carries its id.
    let logger: Logger
    /// The connection's other end; nil where there is none.
    let peer: SocketAddress?
    /// Whom it comes from. The gate fills it in.
    var client = ClientAddress.unknown
    /// Whose token it bears, where the endpoint asks for one.
    var signedIn: SignedIn?
    /// The stream key that it bears instead; not checked yet.
    var streamKey: String?
    /// What stands in the place of the path's parameter.
    var parameter = ""

    /// Made by Hummingbird for each request.
    init(source: ApplicationRequestContextSource) {
        self.init(peer: source.channel.remoteAddress, logger: source.logger)
    }

    init(peer: SocketAddress?, logger: Logger) {
        self.peer = peer
        self.logger = logger
    }

    /// What the request's log lines, its answer's `X-Request-Id` and its problem details carry.
    var requestID: String {
        logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? ""
    }

    /// The account; only for endpoints whose access asks for one.
    func account() throws -> SignedIn {
        guard let signedIn else { throw Problem.unauthorized("Send Authorization: Bearer <token>.") }
        return signedIn
    }
}
