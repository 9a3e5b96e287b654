import PutLiveStore
import PutLiveWebRTC
import Synchronization

/// Before anything is on air.
extension Bridge {
    /// With what a browser finds out whether UDP leads here.
    public func probe() async throws(BridgeRefusal) -> PeerProbe {
        try await answering { try await self.peers.probe(publicAddress: await self.address.find()) }
    }
}

/// Changing and ending what is on air.
extension Bridge {
    /// Says whether a publisher's session may be changed by the one who asks.
    public typealias Owns = @Sendable (Publisher, StreamName) async -> Bool

    /// Takes an offer for a session that is there: the browser's network has changed (ICE restart).
    public func restart(id: String, offer: String, ifOwned owns: Owns) async throws(BridgeRefusal) -> BridgeAnswer {
        try await check(id, owns)
        let answer = try await answering {
            try await self.peers.restart(id: id, offer: offer, publicAddress: await self.address.find())
        }
        return BridgeAnswer(id: id, sdp: answer.sdp, entityTag: answer.entityTag)
    }

    /// Takes new credentials (RFC 9725, section 4.3.3); the answer is a fragment with ours.
    public func restart(
        id: String, fragment: SDPFragment, ifOwned owns: Owns
    ) async throws(BridgeRefusal) -> (fragment: SDPFragment, entityTag: String) {
        try await check(id, owns)
        return try await answering {
            try await self.peers.restart(id: id, fragment: fragment, publicAddress: await self.address.find())
        }
    }

    /// The entity tag of the session's present ICE generation.
    public func entityTag(of id: String, ifOwned owns: Owns) async throws(BridgeRefusal) -> String {
        try await check(id, owns)
        let tag = try await answering { try await self.peers.entityTag(of: id) }
        guard let tag else { throw .unknown }
        return tag
    }

    /// Ends a broadcast; when this returns it is off air.
    public func stop(id: String, ifOwned owns: Owns) async throws(BridgeRefusal) {
        await end(try await check(id, owns), .stopped).value
    }

    /// Whether a signed stream key is the one that `publisher` showed. It may have expired since: a show isn't cut off
    /// then, so it still has to be moved and ended.
    public func isKey(_ key: String, of publisher: Publisher, _ stream: StreamName) async -> Bool {
        guard case .key(let id, _) = publisher else { return false }
        switch await gate.verdict(key, stream) {
        case .valid(let shown, _), .expired(let shown): return shown == id
        case .unknown, .signature, .wrongStream, .revoked, .disabledUser, .unavailable: return false
        }
    }

    /// Ends a broadcast, and waits for nothing.
    public func end(_ broadcast: Broadcast, _ reason: EndReason) {
        guard let id = broadcast.clientID, let stream = find(id) else { return }
        end(stream, reason)
    }

    @discardableResult
    private func check(_ id: String, _ owns: Owns) async throws(BridgeRefusal) -> BridgedStream {
        guard let stream = find(id), !stream.isOver else { throw .unknown }
        guard await owns(stream.publisher, stream.stream) else { throw .foreign }
        return stream
    }

    /// What the WebRTC server says, in the bridge's words.
    func answering<Value>(_ body: () async throws -> Value) async throws(BridgeRefusal) -> Value {
        do {
            return try await body()
        } catch let refusal as PeerRefusal {
            switch refusal {
            case .offer(.unacceptable(let words)): throw .unacceptable(words)
            case .offer(let error): throw .malformed("\(error)")
            case .unknownSession: throw .unknown
            case .full: throw .full("As many browsers as this host takes are here already.")
            case .noAddress: throw .full("This host has no address to send to at the moment.")
            case .noPort(let failure):
                throw .full(
                    "This host can't receive browsers' media at the moment: \(failure). It is tried again by itself; who "
                        + "runs the host can free the port.")
            case .failed(let words):
                logger.error("webrtc_failed", metadata: ["error": "\(words)"])
                throw .failed
            }
        } catch {
            logger.error("webrtc_failed", metadata: ["error": "\(error)"])
            throw .failed
        }
    }
}

/// Measuring, and the end.
extension Bridge {
    /// Measures all sessions each second; ends them when the service is asked to stop.
    public func run() async {
        await Repeating.every(.seconds(1)) { await self.measure() }
        let streams = state.withLock { state in
            state.isStopping = true
            return Array(state.streams.values)
        }
        // Browsers come back when the agent does, so viewers only wait.
        for ending in streams.map({ end($0, .stopped, mayResume: true) }) { await ending.value }
    }

    func measure() async {
        guard let all = try? await peers.statistics() else { return }
        let streams = state.withLock { $0.streams }
        let now = clock()
        var measured: [String: BridgeMetrics.Measured] = [:]
        for (id, stream) in streams {
            guard let peer = all[id] else { continue }
            let (facts, receivedBytes, missing) = stream.take(peer, now: now)
            if let missing {
                logger.warning(
                    "no_picture",
                    metadata: about(stream, ["reason": "\(missing.words)", "remedy": "\(missing.remedy)"]))
            }
            live.update(stream.stream, clientID: id, facts: facts, receivedBytes: receivedBytes)
            measured[id] = .init(stream: stream.stream, peer: peer, pipeline: stream.pipeline?.statistics)
        }
        metrics.set(measured)
    }
}

extension PeerEnd {
    /// For the log.
    var name: String {
        switch self {
        case .closedByPeer: "closed by the browser"
        case .closed: "closed"
        case .neverConnected: "never connected"
        case .consentLost: "connection lost"
        case .handshakeFailed(let failure): "\(failure)"
        }
    }

    /// For those who watch what is on air.
    var reason: EndReason {
        switch self {
        case .closedByPeer, .closed: .stopped
        case .neverConnected, .consentLost: .vanished
        case .handshakeFailed: .error
        }
    }
}
