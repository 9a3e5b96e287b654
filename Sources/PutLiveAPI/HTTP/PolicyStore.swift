import Synchronization

/// The policy in force, and what is counted by it; replaced when the config is read anew.
final class PolicyStore: Sendable {
    private struct State {
        var policy: APIPolicy
        var cors: CORS
        var limiter: RateLimiter?
    }

    private let state: Mutex<State>
    private let origin = ContinuousClock.now

    init(_ policy: APIPolicy) {
        state = Mutex(Self.state(policy))
    }

    private static func state(_ policy: APIPolicy) -> State {
        State(
            policy: policy, cors: CORS(allowedOrigins: policy.allowedOrigins),
            limiter: policy.rateLimit.map { RateLimiter(requestsPerMinute: $0.requestsPerMinute, burst: $0.burst) })
    }

    /// Takes `policy` over; a limit that stays keeps its counts.
    func replace(_ policy: APIPolicy) {
        state.withLock { state in
            let limiter = state.policy.rateLimit == policy.rateLimit ? state.limiter : Self.state(policy).limiter
            state = State(policy: policy, cors: CORS(allowedOrigins: policy.allowedOrigins), limiter: limiter)
        }
    }

    var cors: CORS { state.withLock { $0.cors } }
    var tokenLifetime: Int64 { state.withLock { $0.policy.tokenLifetime } }
    var strictTransportSecurity: Bool { state.withLock { $0.policy.strictTransportSecurity } }

    /// nil, or the seconds to wait.
    func take(_ client: ClientAddress, at now: ContinuousClock.Instant) -> Int? {
        state.withLock { $0.limiter?.take(client.network, now: now - origin) }
    }
}
