import PutLiveMedia
import Synchronization
import Testing

@testable import PutLiveLive
@testable import PutLiveWebRTC

/// Sessions that a test makes connect, send and end.
final class TestPeers: PeerServing {
    struct Session {
        var handlers: PeerHandlers
        var publicAddress: String?
        var keyframesAsked = 0
        var isClosed = false
        var statistics = PeerStatistics(
            media: ReceiverStatistics(), isConnected: false, usesTCP: false, unauthentic: 0, replayed: 0)
        var tag = "tag1"
    }

    let sessions = Mutex<[String: Session]>([:])
    let codec = Mutex(PayloadCodec.h264)
    let refusal = Mutex<PeerRefusal?>(nil)
    let endsAtOnce = Mutex(false)

    private func answer(_ tag: String) -> PeerAnswer {
        let codec = codec.withLock { $0 }
        return PeerAnswer(
            sdp: "answer", entityTag: tag,
            tracks: [
                NegotiatedTrack(mid: "0", kind: .video, payloads: [.init(payloadType: 96, codec: codec)]),
                NegotiatedTrack(mid: "1", kind: .audio, payloads: [.init(payloadType: 111, codec: .opus)]),
            ])
    }

    func accept(id: String, offer: String, publicAddress: String?, handlers: PeerHandlers) async throws -> PeerAnswer {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        if !endsAtOnce.withLock({ $0 }) {
            sessions.withLock { $0[id] = Session(handlers: handlers, publicAddress: publicAddress) }
        }
        return answer("tag1")
    }

    func restart(id: String, offer: String, publicAddress: String?) async throws -> PeerAnswer {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        sessions.withLock { $0[id]?.tag = "tag2" }
        return answer("tag2")
    }

    func restart(
        id: String, fragment: SDPFragment, publicAddress: String?
    ) async throws -> (fragment: SDPFragment, entityTag: String) {
        (fragment, "tag3")
    }

    func probe(publicAddress: String?) async throws -> PeerProbe {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        return PeerProbe(
            credentials: ICECredentials(usernameFragment: "probe", password: "a-password-of-the-probe"),
            candidates: ["1 1 udp 2130706431 \(publicAddress ?? "192.0.2.1") 8000 typ host"], udpPort: 8000)
    }

    func entityTag(of id: String) async throws -> String? { sessions.withLock { $0[id]?.tag } }

    func close(id: String) {
        let handlers = sessions.withLock { sessions in
            defer { sessions[id]?.isClosed = true }
            return sessions[id]?.isClosed == false ? sessions[id]?.handlers : nil
        }
        handlers?.event(.ended(.closed))
    }

    func requestKeyframe(id: String) { sessions.withLock { $0[id]?.keyframesAsked += 1 } }

    func statistics() async throws -> [String: PeerStatistics] {
        sessions.withLock { $0.filter { !$0.value.isClosed }.mapValues(\.statistics) }
    }

    func tell(_ id: String, _ event: PeerEvent) {
        sessions.withLock { $0[id]?.handlers }?.event(event)
    }

    func send(_ id: String, _ frame: ReceivedFrame) {
        sessions.withLock { $0[id]?.handlers }?.frame(frame)
    }

    func isClosed(_ id: String) -> Bool? { sessions.withLock { $0[id]?.isClosed } }
}

/// Keeps what it is given.
final class TestPipeline: MediaTaking {
    struct State {
        var frames: [MediaFrame] = []
        var finishes = 0
        var mayResume: Bool?
        var statistics = PipelineStatistics()
    }

    let settings: PipelineSettings
    let onEvent: @Sendable (PipelineEvent) -> Void
    let state = Mutex(State())

    init(_ settings: PipelineSettings, _ onEvent: @escaping @Sendable (PipelineEvent) -> Void) {
        self.settings = settings
        self.onEvent = onEvent
    }

    func send(_ frame: MediaFrame) { state.withLock { $0.frames.append(frame) } }
    func finish(mayResume: Bool) async {
        state.withLock { state in
            state.finishes += 1
            state.mayResume = state.mayResume ?? mayResume
        }
    }
    var statistics: PipelineStatistics { state.withLock { $0.statistics } }
    var isFinished: Bool { state.withLock { $0.finishes > 0 } }
}

/// A bridge between sessions and pipelines of the test's own.
final class BridgeHouse: Sendable {
    let house = TestHouse()
    let peers = TestPeers()
    let secret = InternalSecret()
    let pipelines = Mutex<[TestPipeline]>([])
    let displaced = Mutex<[Broadcast]>([])
    let load = Mutex(0.0)
    let pipelineFails = Mutex(false)
    private let made = Mutex<Bridge?>(nil)

    init(_ settings: BridgeSettings = BridgeSettings(destination: .rtmp(host: "127.0.0.1", port: 1935), cores: 2)) {
        let house = house
        let gate = PublishGate(
            state: house.live, secret: secret, metrics: house.liveMetrics, logger: house.log.logger
        ) { key, _ in
            switch key {
            case "good": .valid(keyID: "k1", userID: "u1")
            case "other": .valid(keyID: "k2", userID: "u2")
            case "late": .expired(keyID: "k1")
            case "revoked": .revoked
            case "down": .unavailable
            default: .unknown
            }
        }
        let bridge = Bridge(
            peers: peers, live: house.live, gate: gate, secret: secret, settings: settings, http: nil,
            logger: house.log.logger, clock: { house.clock.now },
            load: { [weak self] in self?.load.withLock { $0 } ?? 0 }, factory: house.metrics,
            makePipeline: { [weak self] settings, onEvent in
                if self?.pipelineFails.withLock({ $0 }) == true { throw MediaError(.capacity, "no threads") }
                let pipeline = TestPipeline(settings, onEvent)
                self?.pipelines.withLock { $0.append(pipeline) }
                return pipeline
            },
            displace: { [weak self] broadcast in self?.displaced.withLock { $0.append(broadcast) } })
        made.withLock { $0 = bridge }
    }

    // swift-format-ignore: NeverForceUnwrap
    var bridge: Bridge { made.withLock { $0 }! }
    // swift-format-ignore: NeverForceUnwrap
    var pipeline: TestPipeline { pipelines.withLock { $0.last }! }

    func request(
        _ stream: String = "stream", _ right: OfferRequest.Right = .login(userID: "u1"),
        by method: PublishProtocol = .offer
    ) -> OfferRequest {
        OfferRequest(
            stream: name(stream), sdp: "offer", right: right, method: method, address: "203.0.113.7", requestID: "r1")
    }

    /// Its media can come now.
    func connect(_ id: String) { peers.tell(id, .connected(address: "203.0.113.7", isTCP: false)) }

    func isOnAir(_ stream: String = "stream", by id: String) -> Bool {
        house.live.broadcasts()[name(stream)]?.clientID == id
    }

    /// Waits until one that takes over has its pipeline.
    func isPublishing(_ id: String) async -> Bool {
        await eventually { bridge.find(id)?.pipeline != nil }
    }

    /// Waits for what tasks do, without a clock.
    func eventually(_ isTrue: () -> Bool) async -> Bool {
        for _ in 0..<100_000 {
            if isTrue() { return true }
            await Task.yield()
        }
        return false
    }
}
