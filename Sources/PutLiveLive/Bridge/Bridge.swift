import Logging
import Metrics
import PutLiveMedia
import PutLiveStore
import PutLiveWebRTC
import ServiceLifecycle
import Synchronization

/// Takes browsers' broadcasts: lets them in by the same rule as everybody, and joins each session to a pipeline that
/// publishes it.
public final class Bridge: Service {
    /// Makes a pipeline; tests make theirs.
    public typealias MakePipeline =
        @Sendable (PipelineSettings, @escaping @Sendable (PipelineEvent) -> Void) throws -> any MediaTaking

    struct State {
        var streams: [String: BridgedStream] = [:]
        var isStopping = false
    }

    let peers: any PeerServing
    let live: LiveState
    let gate: PublishGate
    let secret: InternalSecret
    let settings: BridgeSettings
    let address: PublicAddress
    let metrics: BridgeMetrics
    let logger: Logger
    let clock: @Sendable () -> UnixMilliseconds
    let load: @Sendable () -> Double
    let makePipeline: MakePipeline
    let displace: @Sendable (Broadcast) -> Void
    let state = Mutex(State())

    /// - Parameters:
    ///   - http: Asks EC2 for the public address.
    ///   - displace: Is told of a broadcast of another source whose publisher has come here, and sees that it ends.
    public init(
        peers: any PeerServing, live: LiveState, gate: PublishGate, secret: InternalSecret, settings: BridgeSettings,
        http: (any HTTPFetching)?, logger: Logger, clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now,
        load: @escaping @Sendable () -> Double = LoadAverage.ofTheLastMinute,
        factory: any MetricsFactory = MetricsSystem.factory,
        makePipeline: @escaping MakePipeline = { try MediaPipeline($0, onEvent: $1) },
        displace: @escaping @Sendable (Broadcast) -> Void
    ) {
        self.peers = peers
        self.live = live
        self.gate = gate
        self.secret = secret
        self.settings = settings
        address = PublicAddress(configured: settings.publicAddress, http: settings.asksEC2 ? http : nil)
        metrics = BridgeMetrics(factory: factory)
        self.logger = logger
        self.clock = clock
        self.load = load
        self.makePipeline = makePipeline
        self.displace = displace
    }

    /// Lets a browser go on air, if it may. One that comes in place of a broadcast is on air when it has connected.
    public func offer(_ request: OfferRequest) async throws(BridgeRefusal) -> BridgeAnswer {
        do throws(BridgeRefusal) {
            let answer = try await accept(request)
            metrics.offer(request.method, accepted: true)
            return answer
        } catch {
            metrics.offer(request.method, accepted: false)
            throw error
        }
    }

    private func accept(_ request: OfferRequest) async throws(BridgeRefusal) -> BridgeAnswer {
        guard !state.withLock({ $0.isStopping }) else { throw .full("The agent is stopping.") }
        // Before anything is done for whoever asks; the gate checks again, for it may be revoked meanwhile.
        if case .key(let key) = request.right,
            let refusal = await gate.refusal(
                of: key, request.stream, by: request.method, address: request.address, requestID: request.requestID)
        {
            throw .publisher(refusal)
        }
        let id = RandomText.base32(26)
        let answer = try await answering {
            try await self.peers.accept(
                id: id, offer: request.sdp, publicAddress: await self.address.find(), handlers: self.handlers(id))
        }
        do throws(BridgeRefusal) {
            // Before the name is given away.
            try checkRoom(request.stream, id: id, needsEncoder: answer.tracks.videoCodec == .vp8)
            let (publisher, old) = try await admit(request, id: id, isConnected: false)
            let stream = BridgedStream(
                id: id, stream: request.stream, publisher: publisher, method: request.method, tracks: answer.tracks,
                answeredAt: clock(), waiting: old == nil ? nil : request)
            if old == nil {
                try await begin(stream, inPlaceOf: nil)
            } else {
                try await wait(stream)
            }
        } catch {
            peers.close(id: id)
            throw error
        }
        logger.info(
            "webrtc_offer_accepted",
            metadata: [
                "ip": "\(request.address)", "stream": "\(request.stream)", "session": "\(id.prefix(8))",
                "protocol": "\(request.method.rawValue)", "request_id": "\(request.requestID)",
            ])
        return BridgeAnswer(id: id, sdp: answer.sdp, entityTag: answer.entityTag)
    }

    // MARK: Events

    private func handlers(_ id: String) -> PeerHandlers {
        PeerHandlers(
            frame: { [weak self] frame in self?.find(id)?.pipeline?.send(MediaFrame(frame)) },
            event: { [weak self] event in self?.take(event, of: id) })
    }

    func find(_ id: String) -> BridgedStream? { state.withLock { $0.streams[id] } }

    private func take(_ event: PeerEvent, of id: String) {
        guard let stream = find(id) else { return }
        switch event {
        case .connected(_, let isTCP):
            guard stream.connected() else { return }
            metrics.connected()
            logger.info("webrtc_connected", metadata: about(stream, ["transport": isTCP ? "tcp" : "udp"]))
            if let request = stream.waiting { Task { await self.takeOver(stream, request) } }
        case .firstMedia:
            metrics.firstMedia(after: clock() - stream.answeredAt)
        case .ended(let end):
            if tell(end, of: stream) { Task { await self.finish(stream, end.reason) } }
        }
    }

    /// Counts and logs the end of a session, once.
    @discardableResult
    private func tell(_ end: PeerEnd, of stream: BridgedStream) -> Bool {
        guard let wasConnected = stream.over() else { return false }
        metrics.ended(end, wasConnected: wasConnected)
        logger.info("webrtc_ended", metadata: about(stream, ["reason": "\(end.name)"]))
        return true
    }

    /// Ends a session and what comes of it; the task is done when it is off air.
    @discardableResult
    func end(_ stream: BridgedStream, _ reason: EndReason, mayResume: Bool? = nil) -> Task<Void, Never> {
        stream.ending(reason, mayResume: mayResume)
        peers.close(id: stream.id)
        // The server's own word of it may come when the stream isn't known any more.
        tell(.closed, of: stream)
        return Task { await finish(stream, reason) }
    }

    func finish(_ stream: BridgedStream, _ reason: EndReason) async {
        let ending = stream.ending(reason)
        await stream.pipeline?.finish(mayResume: ending.mayResume)
        _ = state.withLock { $0.streams.removeValue(forKey: stream.id) }
        live.end(stream.stream, clientID: stream.id, reason: ending.reason)
    }

    func take(_ event: PipelineEvent, of stream: BridgedStream) {
        switch event {
        case .needsKeyframe:
            peers.requestKeyframe(id: stream.id)
        case .format(let width, let height, _, _):
            stream.set(width: width, height: height)
        case .outputConnected(let kind):
            stream.set(kind, isLost: false)
            logger.info("output_connected", metadata: about(stream, ["output": "\(kind.rawValue)"]))
        case .outputLost(let kind, let reason, let willRetry):
            stream.set(kind, isLost: true)
            logger.warning(
                "output_lost",
                metadata: about(
                    stream,
                    ["output": "\(kind.rawValue)", "reason": "\(reason)", "will_retry": "\(willRetry)"]))
        case .firstPacketWritten(let kind):
            logger.info(
                "output_began",
                metadata: about(
                    stream, ["output": "\(kind.rawValue)", "milliseconds": "\(clock() - stream.answeredAt)"]))
        case .dropped(let count):
            logger.warning(
                "frames_dropped", metadata: about(stream, ["video": "\(count.video)", "audio": "\(count.audio)"]))
        case .trackFailed(let track, let reason):
            logger.error(
                "track_failed", metadata: about(stream, ["track": "\(track.rawValue)", "reason": "\(reason)"]))
        }
    }

    func about(_ stream: BridgedStream, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["stream"] = "\(stream.stream)"
        metadata["session"] = "\(stream.id.prefix(8))"
        return metadata
    }
}
