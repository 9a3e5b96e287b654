import NIOCore
import NIOPosix

/// Where browsers send their media: one UDP and one TCP port on each address of the host, and all sessions behind them.
///
/// Everything runs on one event loop; the methods hop onto it.
public final class WebRTCServer: Sendable {
    let eventLoop: any EventLoop
    let core: NIOLoopBound<ServerCore>

    /// Nothing is bound before `start`.
    ///
    /// - Parameter group: One of its event loops is taken.
    public static func make(
        settings: PeerSettings, sockets: SocketSettings, certificate: Certificate, group: any EventLoopGroup
    ) async throws -> WebRTCServer {
        let eventLoop = group.next()
        return try await eventLoop.submit {
            let hub = try PeerHub(settings: settings, certificate: certificate)
            let core = ServerCore(hub: hub, settings: sockets, eventLoop: eventLoop)
            return WebRTCServer(eventLoop: eventLoop, core: NIOLoopBound(core, eventLoop: eventLoop))
        }.get()
    }

    private init(eventLoop: any EventLoop, core: NIOLoopBound<ServerCore>) {
        self.eventLoop = eventLoop
        self.core = core
    }

    /// Binds the ports on the host's addresses. What can't be bound, as when another program has a port, is tried again
    /// every now and then; `portFailures` tells of it.
    ///
    /// - Throws: `IOError` if the interfaces can't be listed, which each offer tries again.
    public func start() async throws {
        try await run { core in core.bind() }.get()
    }

    /// The ports that can't be had now; empty while all is well.
    public func portFailures() async throws -> [PortFailure] {
        try await run { core in core.completing { core.portFailures } }.get()
    }

    /// Takes another certificate for the sessions to come.
    public func use(_ certificate: Certificate) async throws {
        try await run { core in core.completing { try core.hub.use(certificate) } }.get()
    }

    /// Answers an offer and expects its sender from now on.
    ///
    /// - Parameters:
    ///   - id: Names the session from now on.
    ///   - publicAddress: What the host's private IPv4 address is known as outside; nil if it is as it is.
    public func accept(
        id: String, offer: String, publicAddress: String?, handlers: PeerHandlers
    ) async throws -> PeerAnswer {
        try await run { core in core.refresh() }.get()
        return try await run { core in
            core.completing {
                if let refusal = core.refusal { throw refusal }
                return try core.hub.accept(
                    id: id, offer: offer, candidates: core.candidates(publicAddress: publicAddress),
                    handlers: handlers, now: core.now)
            }
        }.get()
    }

    /// Takes an offer for a session that is there: an ICE restart.
    public func restart(id: String, offer: String, publicAddress: String?) async throws -> PeerAnswer {
        try await run { core in core.refresh() }.get()
        return try await run { core in
            core.completing {
                try core.hub.restart(
                    id: id, offer: offer, candidates: core.candidates(publicAddress: publicAddress))
            }
        }.get()
    }

    /// Takes the new credentials of an ICE restart (RFC 9725, section 4.3.3), and answers with ours.
    public func restart(
        id: String, fragment: SDPFragment, publicAddress: String?
    ) async throws -> (fragment: SDPFragment, entityTag: String) {
        try await run { core in core.refresh() }.get()
        return try await run { core in
            core.completing {
                try core.hub.restart(
                    id: id, fragment: fragment, candidates: core.candidates(publicAddress: publicAddress))
            }
        }.get()
    }

    /// With what a browser finds out whether UDP leads here, before it goes on air.
    public func probe(publicAddress: String?) async throws -> PeerProbe {
        try await run { core in core.refresh() }.get()
        return try await run { core in
            core.completing { try core.probe(publicAddress: publicAddress) }
        }.get()
    }

    /// Names the ICE generation of a session; nil if there is none.
    public func entityTag(of id: String) async throws -> String? {
        try await run { core in core.completing { core.hub.entityTag(of: id) } }.get()
    }

    /// Ends a session and tells its peer; nothing if there is none.
    public func close(id: String) {
        eventLoop.execute { self.core.value.hub.close(id: id) }
    }

    /// Asks a peer for a keyframe.
    public func requestKeyframe(id: String) {
        eventLoop.execute {
            let core = self.core.value
            core.hub.requestKeyframe(id: id, at: core.now)
        }
    }

    /// What is measured of each session, by id.
    public func statistics() async throws -> [String: PeerStatistics] {
        try await run { core in core.completing { core.hub.statistics } }.get()
    }

    /// Ends all sessions and closes the ports.
    public func shutDown() async throws {
        try await run { core in core.shutDown() }.get()
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (ServerCore) -> EventLoopFuture<Value>
    ) -> EventLoopFuture<Value> {
        eventLoop.flatSubmit { body(self.core.value) }
    }
}
