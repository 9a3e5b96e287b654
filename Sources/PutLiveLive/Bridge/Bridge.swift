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
            // Before admission takes the name from whoever has it.
            try checkRoom(request.stream, id: id, needsEncoder: answer.tracks.videoCodec == .vp8)
            let (publisher, old) = try await admit(request, id: id)
            let stream = BridgedStream(
                id: id, stream: request.stream, publisher: publisher, method: request.method, tracks: answer.tracks,
                answeredAt: clock())
            try await begin(stream, inPlaceOf: old)
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

    /// Who publishes, and whose place it takes.
    private func admit(
        _ request: OfferRequest, id: String
    ) async throws(BridgeRefusal) -> (publisher: Publisher, old: Broadcast?) {
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
        case .begin(let publisher): return (publisher, nil)
        case .takeOver(let old, let publisher): return (publisher, old)
        case .refuse(let refusal): throw .publisher(refusal)
        // Nobody else has this session's id.
        case .attach: throw .publisher(.busy)
        }
    }

    /// Before the new one writes where the old one wrote, the old one is done: what it displaced, and what was displaced
    /// by those that came between and never began. Whoever has the name now is left alone.
    private func endDisplaced(_ old: Broadcast?, of name: StreamName) async {
        if let old, old.clientID.flatMap(find) == nil { displace(old) }
        let all = state.withLock { $0.streams.values.filter { $0.stream == name } }
        let current = live.broadcasts()[name]?.clientID
        for stream in all where stream.id != current { await end(stream, .replaced).value }
    }

    /// A picture is encoded anew only where there is room. What the stream replaces has no claim any more, though its
    /// load is still felt.
    private func checkRoom(_ name: StreamName, id: String, needsEncoder: Bool) throws(BridgeRefusal) {
        guard needsEncoder else { return }
        let encoding = state.withLock { $0.streams.values.filter { $0.needsEncoder && $0.id != id } }
        let others = encoding.count { $0.stream != name }
        let felt = load() - Double(encoding.count - others) * EncoderAdmission.cost
        let admission = EncoderAdmission(cores: settings.cores, load: max(0, felt), running: others)
        if let words = admission.refusal { throw .full(words) }
    }

    private func isOnAir(_ stream: BridgedStream) -> Bool {
        live.broadcasts()[stream.stream]?.clientID == stream.id
    }

    private func begin(_ stream: BridgedStream, inPlaceOf old: Broadcast?) async throws(BridgeRefusal) {
        let isStopping = state.withLock { state in
            state.streams[stream.id] = stream
            return state.isStopping
        }
        do throws(BridgeRefusal) {
            // From here on its end and its displacement find it; what came before that is asked for.
            let isThere = await ((try? peers.entityTag(of: stream.id)) ?? nil) != nil
            guard !isStopping, isThere, isOnAir(stream) else { throw .publisher(.busy) }
            // Others may have come since it was checked first.
            try checkRoom(stream.stream, id: stream.id, needsEncoder: stream.needsEncoder)
            await endDisplaced(old, of: stream.stream)
            guard isOnAir(stream) else { throw .publisher(.busy) }
            try join(stream)
        } catch {
            await finish(stream, .error)
            // Its name was taken from it: it must not go on unseen.
            await endDisplaced(old, of: stream.stream)
            throw error
        }
    }

    /// Gives it its pipeline.
    private func join(_ stream: BridgedStream) throws(BridgeRefusal) {
        let pipeline: any MediaTaking
        do {
            pipeline = try makePipeline(pipelineSettings(stream)) { [weak self] event in
                self?.take(event, of: stream)
            }
        } catch {
            logger.error("pipeline_failed", metadata: ["stream": "\(stream.stream)", "error": "\(error)"])
            throw .failed
        }
        guard stream.set(pipeline) else {
            Task { await pipeline.finish(mayResume: true) }
            throw .publisher(.busy)
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
            outputs.append(.recording(path: folder + "/" + RecordingName.text(stream.stream, at: clock())))
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

    /// Ends a session and what comes of it; the task is done when it is off air.
    @discardableResult
    func end(_ stream: BridgedStream, _ reason: EndReason, mayResume: Bool? = nil) -> Task<Void, Never> {
        stream.ending(reason, mayResume: mayResume)
        peers.close(id: stream.id)
        return Task { await finish(stream, reason) }
    }

    private func finish(_ stream: BridgedStream, _ reason: EndReason) async {
        let ending = stream.ending(reason)
        await stream.pipeline?.finish(mayResume: ending.mayResume)
        _ = state.withLock { $0.streams.removeValue(forKey: stream.id) }
        live.end(stream.stream, clientID: stream.id, reason: ending.reason)
    }

    private func take(_ event: PipelineEvent, of stream: BridgedStream) {
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

    private func about(_ stream: BridgedStream, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["stream"] = "\(stream.stream)"
        metadata["session"] = "\(stream.id.prefix(8))"
        return metadata
    }
}
