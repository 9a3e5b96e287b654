import AsyncHTTPClient
import Logging
import NIOCore
import PutLiveAPI
import PutLiveLive
import PutLiveStore
import PutLiveWebRTC
import ServiceLifecycle

/// The live side, put together.
struct LiveParts {
    let viewers: Viewers
    let state: LiveState
    let gate: PublishGate
    /// What the agent's own publishes show.
    let secret = InternalSecret()
    let hooks: HookHandler
    let poller: SRSPoller?
    let services: [any Service]
    /// Nil where browsers don't broadcast.
    let bridge: Bridge?
    private let peers: WebRTCServer?
    private let http: HTTPClient?

    init(
        settings: LiveSettings, rtmpPort: Int, bridge settingsOfBridge: BridgeSettings, peers: WebRTCServer?,
        store: Store, signer: StreamKeySigner, accessSocket: Int32?, group: any EventLoopGroup, logger: Logger
    ) {
        let metrics = LiveMetrics(settings: settings)
        viewers = Viewers(settings: settings, metrics: metrics)
        state = LiveState(settings: settings, viewers: viewers, metrics: metrics, logger: logger)
        let keys = KeyCheck(store: store, signer: signer, logger: logger)
        gate = PublishGate(
            state: state, secret: secret, metrics: metrics, logger: logger, verify: keys.verdict)
        var services: [any Service] = [
            MinuteWriter(viewers: viewers, live: state, sink: StoreSink(store: store), logger: logger),
            DeliveryLoop(live: state, settings: settings, metrics: metrics, logger: logger),
        ]
        // Redirects would lead away from this host.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // The poller asks again by itself.
        configuration.connectionPool.retryConnectionEstablishment = false
        let needsHTTP = settings.srsAPI != nil || (peers != nil && settingsOfBridge.asksEC2)
        let http = needsHTTP ? HTTPClient(eventLoopGroup: group, configuration: configuration) : nil
        self.http = http
        if let address = settings.srsAPI, let http {
            let poller = SRSPoller(
                client: SRSClient(address, http: http), live: state, settings: settings, metrics: metrics,
                logger: logger)
            self.poller = poller
            services +=
                [poller, TranscoderWatch(settings: settings, rtmpPort: rtmpPort, metrics: metrics)] as [any Service]
        } else {
            poller = nil
        }
        let kick: @Sendable (Broadcast) -> Void = { [poller] broadcast in
            if let id = broadcast.clientID { poller?.kick(id) }
        }
        self.peers = peers
        if let peers {
            let bridge = Bridge(
                peers: peers, live: state, gate: gate, secret: secret, settings: settingsOfBridge, http: http,
                logger: logger, displace: kick)
            services.append(bridge)
            self.bridge = bridge
        } else {
            bridge = nil
        }
        hooks = HookHandler(
            state: state, gate: gate, settings: settings, metrics: metrics, logger: logger,
            displace: { [bridge] broadcast in
                if broadcast.source == .webrtc { bridge?.displaced(broadcast) } else { kick(broadcast) }
            })
        if let accessSocket {
            services.append(
                AccessLogSocket(descriptor: accessSocket, viewers: viewers, metrics: metrics, logger: logger))
        }
        self.services = services
    }

    /// After the services have ended.
    func shutDown() async throws {
        try await peers?.shutDown()
        try await http?.shutdown()
    }
}

/// Is a signed key good for a stream? Asks the store; what can't be asked is no.
struct KeyCheck: Sendable {
    let store: Store
    let signer: StreamKeySigner
    let logger: Logger

    func verdict(_ text: String, _ stream: StreamName) async -> KeyVerdict {
        guard let signed = StreamKeySigner.Signed(text) else { return .unknown }
        do {
            guard let owned = try await store.keys.find(signed.id) else { return .unknown }
            guard signer.verify(signed, owned.key) else { return .signature }
            guard owned.key.stream == stream.text else { return .wrongStream }
            let now = Agent.now()
            switch owned.status(at: now) {
            case .revoked: return owned.key.revokedAt == nil ? .disabledUser : .revoked
            case .expired: return .expired
            case .active: break
            }
            // For people to see when it was used last; a publish doesn't fail for that.
            let store = store
            Task { try? await store.keys.touch(owned.key.id, now: now) }
            return .valid(keyID: owned.key.id, userID: owned.key.userID)
        } catch {
            // That is no fault of whoever shows it.
            logger.error("stream_key_check_failed", metadata: ["error": "\(error)"])
            return .unavailable
        }
    }
}

/// Viewers' numbers and events go to the store.
struct StoreSink: AnalyticsSink {
    let store: Store

    func add(minutes: [ViewerMinute]) async throws { try await store.analytics.add(minutes) }
    func add(countries: [CountryDay]) async throws { try await store.analytics.add(countries) }
    func add(event: Event) async throws { try await store.events.add(event) }
}
