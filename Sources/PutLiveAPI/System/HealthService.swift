import Hummingbird
import NIOCore
import PutLiveStore
import Synchronization

/// How a part of the host does.
public struct ComponentHealth: Sendable, Equatable {
    /// From good to bad.
    public enum Status: String, Sendable {
        case ok
        /// It works, with less than it should.
        case degraded
        /// It doesn't work.
        case error
    }

    /// How it does.
    public var status: Status
    /// What is wrong and what to do; nil while it is ok.
    public var detail: String?
    /// Of its process, if it has one of its own.
    public var pid: Int?
    /// Resident memory of its process.
    public var memoryBytes: Int64?
    /// What it stores.
    public var sizeBytes: Int64?
    /// How full it is, in percent.
    public var usagePercent: Double?

    /// The rest is for those that have it.
    public init(_ status: Status, detail: String? = nil) {
        self.status = status
        self.detail = detail
    }
}

/// What health answers are made of. The parts are looked at in the background, so that an answer costs nothing and a
/// stuck part can't hold it up.
public final class HealthService: Sendable {
    /// A look at every part, by name: `srs`, `api`, `database`, `disk`, `tmpfs`, `webrtc`.
    public typealias Probe = @Sendable () async -> [String: ComponentHealth]

    private struct State {
        var components: [String: ComponentHealth] = [:]
        /// The answer of one second, which many ask for.
        var second: Int64 = -1
        var body = ByteBuffer()
        var status = ComponentHealth.Status.ok
    }

    private let version: String
    private let started: ContinuousClock.Instant
    private let probe: Probe
    private let sampler: @Sendable () -> SystemSnapshot
    private let clock: @Sendable () -> UnixTime
    private let state = Mutex(State())

    /// - Parameters:
    ///   - started: When the agent started.
    ///   - probe: Called every few seconds, never twice at once.
    ///   - sampler: The machine's gauges.
    public init(
        version: String, started: ContinuousClock.Instant, probe: @escaping Probe,
        sampler: @escaping @Sendable () -> SystemSnapshot, clock: @escaping @Sendable () -> UnixTime
    ) {
        self.version = version
        self.started = started
        self.probe = probe
        self.sampler = sampler
        self.clock = clock
    }

    /// Looks at every part anew.
    public func check() async {
        let components = await probe()
        state.withLock {
            $0.components = components
            $0.second = -1
        }
    }

    /// The parts as they were seen last.
    public var components: [String: ComponentHealth] { state.withLock { $0.components } }

    /// Only without its database can the agent do nothing; any other fault leaves it less to do.
    private static func overall(_ components: [String: ComponentHealth]) -> ComponentHealth.Status {
        if components["database"]?.status == .error { return .error }
        return components.values.allSatisfy { $0.status == .ok } ? .ok : .degraded
    }

    private struct Brief: Encodable {
        let status: String
        let version: String
        let uptime_seconds: Int64
    }

    /// 200 while the agent can do its work, 503 when the database can't be used.
    func brief() -> Response {
        let uptime = (ContinuousClock.now - started).components.seconds
        let (body, status) = state.withLock { state in
            if state.second != uptime {
                state.status = Self.overall(state.components)
                state.second = uptime
                state.body = JSON.bytes(
                    Brief(status: state.status.rawValue, version: version, uptime_seconds: uptime))
            }
            return (state.body, state.status)
        }
        return .json(bytes: body, status: status == .error ? .serviceUnavailable : .ok)
    }

    struct Component: Encodable {
        let status: String
        var detail: String?
        var pid: Int?
        var memory_mb: Double?
        var size_mb: Double?
        var usage_percent: Double?

        init(_ health: ComponentHealth) {
            status = health.status.rawValue
            detail = health.detail
            pid = health.pid
            memory_mb = health.memoryBytes.map { (Double($0) / 1_048_576).rounded(places: 1) }
            size_mb = health.sizeBytes.map { (Double($0) / 1_048_576).rounded(places: 2) }
            usage_percent = health.usagePercent?.rounded(places: 1)
        }
    }

    struct Detailed: Encodable {
        let status: String
        let timestamp: String
        let components: [String: Component]
    }

    func detailed() -> Detailed {
        let components = components
        return Detailed(
            status: Self.overall(components).rawValue, timestamp: RFC3339.string(clock()),
            components: components.mapValues(Component.init))
    }

    struct ServiceState: Encodable {
        let name: String
        let status: String
        @ExplicitNull var detail: String?
    }

    struct System: Encodable {
        let snapshot: SystemSnapshot
        let services: [ServiceState]

        private enum Key: String, CodingKey {
            case services
        }

        func encode(to encoder: any Encoder) throws {
            try snapshot.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(services, forKey: .services)
        }
    }

    func system() -> System {
        let services = components.filter { ["srs", "api", "database"].contains($0.key) }
            .sorted { $0.key < $1.key }
            .map { name, health in
                ServiceState(
                    // Without SRS the agent is degraded, but SRS itself is down.
                    name: name,
                    status: health.status == .error || name == "srs" && health.status != .ok
                        ? "down" : health.status.rawValue,
                    detail: ExplicitNull(wrappedValue: health.detail))
            }
        return System(snapshot: sampler(), services: services)
    }
}
