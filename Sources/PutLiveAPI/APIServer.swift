import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import PutLiveLive
import PutLiveStore
import ServiceLifecycle
import Synchronization

/// The HTTP side of the agent: the API, the pages, and with the embedded engine the streams.
public struct APIServer: Sendable {
    /// What the server is made of; the executable builds each.
    public struct Parts: Sendable {
        /// Accounts, keys, analytics.
        public var store: Store
        /// What is on air.
        public var live: LiveState
        /// Answers SRS.
        public var hooks: HookHandler
        /// Takes browsers' broadcasts; nil for none.
        public var bridge: Bridge?
        /// Ends what is on air by a right that the API takes away.
        public var review: PublisherReview
        /// Signs stream keys.
        public var signer: StreamKeySigner
        /// What /metrics shows.
        public var metrics: MetricsRegistry
        /// What the health answers are made of.
        public var health: HealthService
        /// The last reconcile; nil where the host isn't reconciled.
        public var reconcile: ReconcileStatus?
        /// Is told of each request under /live that the agent itself answers.
        public var viewers: @Sendable (ViewerHit) -> Void
        /// For every log line.
        public var logger: Logger
        /// Seconds of the host's clock.
        public var clock: @Sendable () -> UnixTime

        /// All of them.
        public init(
            store: Store, live: LiveState, hooks: HookHandler, bridge: Bridge? = nil, review: PublisherReview,
            signer: StreamKeySigner, metrics: MetricsRegistry, health: HealthService, reconcile: ReconcileStatus? = nil,
            viewers: @escaping @Sendable (ViewerHit) -> Void, logger: Logger,
            clock: @escaping @Sendable () -> UnixTime
        ) {
            self.store = store
            self.live = live
            self.hooks = hooks
            self.bridge = bridge
            self.review = review
            self.signer = signer
            self.metrics = metrics
            self.health = health
            self.reconcile = reconcile
            self.viewers = viewers
            self.logger = logger
            self.clock = clock
        }
    }

    let services: APIServices
    let gate: Gate
    private let logger: Logger

    /// Builds the routes. Reads the accounts of the store.
    public init(settings: APISettings, policy: APIPolicy, parts: Parts) async throws {
        let accounts = Accounts()
        let policy = PolicyStore(policy)
        let tokens = await Tokens(key: settings.tokenKey)
        let passwords = PasswordChecker()
        let files = FileServer(pool: .singleton)
        services = APIServices(
            settings: settings, policy: policy, store: parts.store, live: parts.live, hooks: parts.hooks,
            bridge: parts.bridge, review: parts.review, accounts: accounts, passwords: passwords,
            logins: LoginService(
                store: parts.store, accounts: accounts, tokens: tokens, passwords: passwords, policy: policy,
                clock: parts.clock),
            keys: KeyService(store: parts.store, signer: parts.signer), health: parts.health,
            reconcile: parts.reconcile, metrics: parts.metrics, files: files, clock: parts.clock)
        logger = parts.logger
        var routes = Routes(
            authorizer: Authorizer(
                tokens: tokens, accounts: accounts, hookSecret: settings.hookSecret,
                requiresLogin: settings.requiresLogin, clock: parts.clock))
        AuthRoutes.add(to: &routes, services)
        UserRoutes.add(to: &routes, services)
        KeyRoutes.add(to: &routes, services)
        StreamRoutes.add(to: &routes, services)
        AnalyticsRoutes.add(to: &routes, services)
        HealthRoutes.add(to: &routes, services)
        DriftRoutes.add(to: &routes, services)
        WebRTCRoutes.add(to: &routes, services)
        WHIPRoutes.add(to: &routes, services)
        HookRoutes.add(to: &routes, services)
        routes.requireAll()
        gate = Gate(
            routes: routes,
            files: FileRoutes(
                webFolder: settings.webFolder, files: files,
                live: settings.hlsFolder.map {
                    LiveFiles(hlsFolder: $0, files: files, viewers: parts.viewers, clock: WallClock.now)
                }),
            policy: policy, metrics: HTTPMetrics(registry: parts.metrics),
            showsTrustedCertificate: { parts.reconcile?.showsTrustedCertificate(at: parts.clock()) ?? false })
        try await refreshAccounts()
    }

    /// Every route and method there is, for the metrics that start at 0.
    public static var metricRoutes: [MetricRoute] { HTTPMetrics.routes }

    /// Takes over what another process may have changed of the accounts.
    public func refreshAccounts() async throws {
        let now = services.clock()
        let users = try await services.store.users.list(limit: AccountRules.users)
        let revocations = try await services.store.sessions.revocations(now: now)
        services.accounts.replace(users: users, revocations: revocations, now: now)
    }

    /// Takes over a config that was read anew.
    public func reload(_ policy: APIPolicy) {
        services.policy.replace(policy)
    }

    /// The server as a service: it stops taking connections on graceful shutdown, and ends when the last is closed.
    ///
    /// - Parameter onServing: Called with the port once connections are taken.
    public func service(
        group: any EventLoopGroup, onServing: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let settings = services.settings
        let connections = services.metrics.gauge("putlive_http_connections")
        return Server(
            childChannelSetup: Connections(
                gate: gate, dates: HTTPDateCache(clock: services.clock),
                idleTimeout: .seconds(Int64(settings.idleTimeout))),
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024,
                availableConnectionsDelegate: ConnectionCount(limit: settings.maxConnections, gauge: connections)),
            onServerRunning: { channel in await onServing(channel.localAddress?.port ?? settings.port) },
            eventLoopGroup: group, logger: logger)
    }

    /// Ends the threads of the password checks.
    public func shutDown() async throws {
        try await services.passwords.shutDown()
    }
}

/// Bounds the connections, and shows how many there are.
struct ConnectionCount: AvailableConnectionsDelegate {
    let limit: Int
    let gauge: MetricGauge
    private var count = 0

    init(limit: Int, gauge: MetricGauge) {
        self.limit = limit
        self.gauge = gauge
    }

    mutating func connectionOpened() {
        count += 1
        gauge.set(count)
    }

    mutating func connectionClosed() {
        count -= 1
        gauge.set(count)
    }

    func isAcceptingNewConnections() -> Bool { count < limit }
}
