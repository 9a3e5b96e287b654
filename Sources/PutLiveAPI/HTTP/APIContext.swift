import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What is known of one request beside the request itself.
public struct APIContext: RequestContext {
    /// What Hummingbird keeps.
    public var coreContext: CoreRequestContextStorage
    /// The connection's other end; nil where there is none, as in tests.
    let peer: String?
    /// Whom it comes from. The gate fills it in.
    var client = ClientAddress(ip: "0.0.0.0", isLoopback: false, isHTTPS: false)
    /// Whose token it bears, where the route asks for one.
    var signedIn: SignedIn?
    /// Which route answers it.
    let route = RouteMark()

    /// Made by Hummingbird for each request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }

    init(peer: String, logger: Logger) {
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
        self.peer = peer
    }

    /// What the request's log lines, its answer's `X-Request-Id` and its problem details carry.
    var requestID: String {
        logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? ""
    }

    /// The account; only for routes whose access asks for one.
    func account() throws -> SignedIn {
        guard let signedIn else { throw Problem.unauthorized("Send Authorization: Bearer <token>.") }
        return signedIn
    }

    private struct LoggerSource: RequestContextSource {
        let logger: Logger
    }
}

/// The route that took a request, told to the gate outside of it.
final class RouteMark: Sendable {
    private let value = Atomic<Int>(-1)

    /// Its index in the table of routes; -1 while none took it.
    var index: Int {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
