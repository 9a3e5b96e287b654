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
    private let secret: InternalSecret
    private let settings: BridgeSettings
    let address: PublicAddress
    let metrics: BridgeMetrics
    let logger: Logger
    let clock: @Sendable () -> UnixMilliseconds
    private let load: @Sendable () -> Double
    private let makePipeline: MakePipeline
    private let displace: @Sendable (Broadcast) -> Void
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

    // MARK: Going on air

    /// Lets a browser go on air, if it may.
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
        let id = RandomText.base32(26)
        let answer = try await answering {
            try await self.peers.accept(
                id: id, offer: request.sdp, publicAddress: await self.address.find(), handlers: self.handlers(id))
        }
        do throws(BridgeRefusal) {
            try checkRoom(answer.tracks)
            let publisher = try await admit(request, id: id)
            let stream = BridgedStream(
                id: id, stream: request.stream, publisher: publisher, method: request.method, tracks: answer.tracks,
                answeredAt: clock())
            state.withLock { $0.streams[id] = stream }
            try begin(stream)
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

    private func admit(_ request: OfferRequest, id: String) async throws(BridgeRefusal) -> Publisher {
        let decision: PublishDecision
        switch request.right {
        case .key(let key):
            decision = await gate.admit(
                request.stream, token: PublishToken(key: key), by: request.method, address: request.address,
                clientID: id, requestID: request.requestID)
        case .login(let userID):
            decision = gate.admit(
                request.stream, userID: userID, by: request.method, address: request.address, clientID: id,
                requestID: request.requestID)
        }
        switch decision {
        case .begin(let publisher): return publisher
        case .takeOver(let old, let publisher):
            await end(displaced: old)
            return publisher
        case .refuse(let refusal): throw .publisher(refusal)
        // Nobody else has this session's id.
        case .attach: throw .publisher(.busy)
        }
    }

    /// Before the new one writes where the old one wrote, the old one is done.
    private func end(displaced old: Broadcast) async {
        guard let id = old.clientID, let stream = state.withLock({ $0.streams[id] }) else {
            displace(old)
            return
        }
        _ = stream.ending(.replaced)
        peers.close(id: id)
        await finish(stream, .replaced)
    }

    private func checkRoom(_ tracks: [NegotiatedTrack]) throws(BridgeRefusal) {
        let codecs = tracks.compactMap { $0.payloads.first?.codec }
        guard codecs.contains(.vp8) else { return }
        let running = state.withLock { state in state.streams.values.count { $0.needsEncoder } }
        let admission = EncoderAdmission(cores: settings.cores, load: load(), running: running)
        if let words = admission.refusal { throw .full(words) }
    }

    private func begin(_ stream: BridgedStream) throws(BridgeRefusal) {
        do {
            let pipeline = try makePipeline(pipelineSettings(stream)) { [weak self] event in
                self?.take(event, of: stream)
            }
            stream.set(pipeline)
        } catch {
            logger.error("pipeline_failed", metadata: ["stream": "\(stream.stream)", "error": "\(error)"])
            _ = state.withLock { $0.streams.removeValue(forKey: stream.id) }
            live.end(stream.stream, clientID: stream.id, reason: .error)
            throw .failed
        }
    }

    private func pipelineSettings(_ stream: BridgedStream) -> PipelineSettings {
        var outputs: [OutputSettings] = []
        switch settings.destination {
        case .rtmp(let host, let port):
            outputs.append(.rtmp(url: "rtmp://\(host):\(port)/live/\(stream.stream)?secret=\(secret.text)"))
        case .hls(let folder):
            outputs.append(
                .hls(
                    HLSSettings(
                        liveFolder: folder + "/live", stream: stream.stream.text,
                        segmentSeconds: settings.segmentSeconds,
                        playlistWindowSeconds: settings.playlistWindowSeconds)))
        }
        if let folder = settings.recordingFolder {
            outputs.append(.recording(path: "\(folder)/\(stream.stream)-\(clock()).mp4"))
        }
        return PipelineSettings(
            name: stream.stream.text, outputs: outputs,
            expectsVideo: stream.tracks.contains { $0.kind == .video },
            expectsAudio: stream.tracks.contains { $0.kind == .audio },
            audioBitRate: settings.audioKilobits * 1000,
            // A second channel that says the same costs a third of the stream's processor time.
            audioChannels: stream.tracks.contains(where: \.isStereo) ? 2 : 1,
            transcoding: TranscodeSettings(
                videoKilobits: settings.encoderKilobits, keyframeSeconds: settings.segmentSeconds))
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
        case .firstMedia:
            metrics.firstMedia(after: clock() - stream.answeredAt)
        case .ended(let end):
            guard let wasConnected = stream.over() else { return }
            metrics.ended(end, wasConnected: wasConnected)
            logger.info("webrtc_ended", metadata: about(stream, ["reason": "\(end.name)"]))
            Task { await self.finish(stream, end.reason) }
        }
    }

    func finish(_ stream: BridgedStream, _ reason: EndReason) async {
        let reason = stream.ending(reason)
        await stream.pipeline?.finish(mayResume: reason != .stopped)
        _ = state.withLock { $0.streams.removeValue(forKey: stream.id) }
        live.end(stream.stream, clientID: stream.id, reason: reason)
    }

    private func take(_ event: PipelineEvent, of stream: BridgedStream) {
        switch event {
        case .needsKeyframe:
            peers.requestKeyframe(id: stream.id)
        case .format(let width, let height, _, _):
            stream.set(width: width, height: height)
        case .outputConnected(let kind):
            logger.info("output_connected", metadata: about(stream, ["output": "\(kind.rawValue)"]))
        case .outputLost(let kind, let reason, let willRetry):
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

    private func about(_ stream: BridgedStream, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["stream"] = "\(stream.stream)"
        metadata["session"] = "\(stream.id.prefix(8))"
        return metadata
    }
}
