import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PutLiveLive
import Synchronization

@testable import PutLiveAPI
@testable import PutLiveStore

/// 2026-01-01T00:00:00Z.
let start: UnixTime = 1_767_225_600

/// Stands still until it is told.
final class TestClock: Sendable {
    private let time = Mutex<UnixTime>(start)

    var now: UnixTime { time.withLock { $0 } }

    func advance(by seconds: UnixTime) { time.withLock { $0 += seconds } }
}

/// A server without sockets, on a database of its own: requests go straight into the gate.
final class APIFixture: Sendable {
    static let hookSecret = "hook-secret-of-the-tests"
    static let password = "correct horse battery"
    static let web =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/web"

    let store: Store
    let server: APIServer
    let clock = TestClock()
    let folder: String
    let live: LiveState
    let peers = TestPeers()
    /// In seconds, from the start.
    static let lifetimeOfStreamKey: UnixTime = 3600
    /// The one stream key that counts, for every stream, as `usr_1`'s.
    static let streamKey = String(repeating: "a", count: 16) + "-" + String(repeating: "b", count: 32)

    init(
        policy: APIPolicy = APIPolicy(rateLimit: nil), requiresLogin: Bool = true, webRTC: WebRTCSettings? = nil,
        reconcile: ReconcileStatus? = nil
    ) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/putlive-api-" + RandomText.base32(16)
        try FileManager.default.createDirectory(atPath: folder + "/hls/live", withIntermediateDirectories: true)
        let store = try Store.open(path: folder + "/putlive.db", now: start)
        self.store = store
        for role in Role.allCases {
            try await store.users.add(
                username: role.rawValue, role: role, passwordHash: Self.cheapHash(), now: start)
        }
        var settings = APISettings(
            tokenKey: Array("a key of the tests, long enough for HS256".utf8), hookSecret: Self.hookSecret,
            rtmpServer: "rtmp://localhost/live", webFolder: Self.web, version: "3.1")
        settings.hlsFolder = folder + "/hls"
        settings.requiresLogin = requiresLogin
        settings.webRTC = webRTC
        var parts = Self.parts(
            store: store, hls: folder + "/hls", peers: webRTC == nil ? nil : peers, clock: { [clock] in clock.now })
        parts.reconcile = reconcile
        live = parts.live
        server = try await APIServer(settings: settings, policy: policy, parts: parts)
    }

    private static func parts(
        store: Store, hls: String, peers: TestPeers?, clock: @escaping @Sendable () -> UnixTime
    ) -> APIServer.Parts {
        let settings = LiveSettings(engine: .embedded, hlsFolder: hls)
        let metrics = LiveMetrics(settings: settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let viewers = Viewers(settings: settings, metrics: metrics)
        let live = LiveState(settings: settings, viewers: viewers, metrics: metrics, logger: logger)
        let secret = InternalSecret()
        let gate = PublishGate(
            state: live, secret: secret, metrics: metrics, logger: logger,
            verify: { key, _ in
                guard key == "good" || key == streamKey else { return .unknown }
                let isExpired = clock() >= start + lifetimeOfStreamKey
                return isExpired ? .expired(keyID: "key_1") : .valid(keyID: "key_1", userID: "usr_1")
            })
        let bridge = peers.map { peers in
            Bridge(
                peers: peers, live: live, gate: gate, secret: secret,
                settings: BridgeSettings(destination: .hls(folder: hls)), http: nil, logger: logger,
                makePipeline: { _, _ in NoPipeline() }, displace: { _ in })
        }
        let signer = StreamKeySigner(secret: "a secret of the tests")
        let rights = PublisherRights(store: store, signer: signer, logger: logger, clock: { clock() * 1000 })
        return APIServer.Parts(
            store: store, live: live,
            hooks: HookHandler(
                state: live, gate: gate, settings: settings, metrics: metrics, logger: logger, displace: { _ in }),
            bridge: bridge,
            review: PublisherReview(
                live: live, logger: logger, refusal: rights.refusal, end: { bridge?.end($0, .stopped) }),
            signer: signer,
            metrics: MetricsRegistry(
                settings: MetricSettings(
                    maximumStreams: 3, qualities: [], routes: APIServer.metricRoutes, features: .all)),
            health: HealthService(
                version: "3.1", started: .now, probe: { ["database": ComponentHealth(.ok)] },
                sampler: { SystemSnapshot() }, clock: clock),
            viewers: viewers.record, logger: logger, clock: clock)
    }

    /// Of ``password``, at a cost that tests can bear.
    private static func cheapHash() throws -> String {
        let cost = PasswordHash.Cost(logN: 10, blockSize: 1, parallelism: 1)
        let salt = Array(repeating: UInt8(7), count: 16)
        return PasswordHash(
            cost: cost, salt: salt, key: try PasswordHash.derive(password, salt: salt, cost: cost, count: 32)
        ).text
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// An answer, read whole.
    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
        }
        /// The last part of a problem's type.
        var problem: String? { (json["type"] as? String).map { String($0.split(separator: ":").last ?? "") } }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, json: String? = nil, text: String? = nil,
        headers: HTTPFields = [:], peer: String = "127.0.0.1"
    ) async throws -> Answer {
        var head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        if json != nil, head.headerFields[.contentType] == nil { head.headerFields[.contentType] = "application/json" }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: json ?? text ?? "")))
        let context = APIContext(
            peer: try? SocketAddress(ipAddress: peer, port: 1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let response =
            switch server.gate.begin(request, context) {
            case .answered(let response): response
            case .waiting(let visit): await server.gate.finish(visit)
            }
        let collected = Collected()
        try await response.body.write(Writer(collected: collected))
        return Answer(status: response.status.code, headers: response.headers, body: collected.bytes.withLock { $0 })
    }

    /// A token of the account that is called as its role.
    func token(_ role: Role) async throws -> String {
        let answer = try await send(
            .post, "/api/auth/login", json: #"{"username":"\#(role.rawValue)","password":"\#(Self.password)"}"#)
        return answer.json["token"] as? String ?? ""
    }

    private final class Collected: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private struct Writer: ResponseBodyWriter {
        let collected: Collected
        func write(_ buffer: ByteBuffer) async throws {
            collected.bytes.withLock { $0 += Array(buffer.readableBytesView) }
        }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
