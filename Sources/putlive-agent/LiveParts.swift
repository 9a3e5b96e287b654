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
    let review: PublisherReview
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
        let rights = PublisherRights(store: store, signer: signer, logger: logger)
        gate = PublishGate(
            state: state, secret: secret, metrics: metrics, logger: logger, verify: rights.verdict)
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
        let end: @Sendable (Broadcast, EndReason) -> Void = { [bridge] broadcast, reason in
            if broadcast.source == .webrtc { bridge?.end(broadcast, reason) } else { kick(broadcast) }
        }
        hooks = HookHandler(
            state: state, gate: gate, settings: settings, metrics: metrics, logger: logger,
            displace: { end($0, .replaced) })
        review = PublisherReview(live: state, logger: logger, refusal: rights.refusal) { end($0, .stopped) }
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

/// Viewers' numbers and events go to the store.
struct StoreSink: AnalyticsSink {
    let store: Store

    func add(minutes: [ViewerMinute]) async throws { try await store.analytics.add(minutes) }
    func add(countries: [CountryDay]) async throws { try await store.analytics.add(countries) }
    func add(event: Event) async throws { try await store.events.add(event) }
}
