import Logging

/// The one door for publishers: checks the credential, decides, counts and logs. RTMP's hook goes through it, and so does
/// every browser.
public struct PublishGate: Sendable {
    /// Checks a signed key for a stream, with the store.
    public typealias Verify = @Sendable (_ key: String, _ stream: StreamName) async -> KeyVerdict

    private let state: LiveState
    private let secret: InternalSecret
    private let verify: Verify
    private let metrics: LiveMetrics
    private let logger: Logger

    /// `verify` answers in milliseconds, for a media server waits.
    public init(
        state: LiveState, secret: InternalSecret, metrics: LiveMetrics, logger: Logger, verify: @escaping Verify
    ) {
        self.state = state
        self.secret = secret
        self.verify = verify
        self.metrics = metrics
        self.logger = logger
    }

    /// A publisher that shows a token. `.takeOver` names the broadcast that the caller must end, unless the publisher isn't
    /// connected yet: then nothing is changed, and it has to ask again.
    public func admit(
        _ stream: StreamName, token: PublishToken, by method: PublishProtocol, address: String, clientID: String?,
        requestID: String, isConnected: Bool = true
    ) async -> PublishDecision {
        var request = PublishRequest(
            stream: stream, source: method.source, credential: .key(.unknown), clientID: clientID, address: address)
        request.isConnected = isConnected
        if let shown = token.secret {
            // Both, for neither alone says that it is this process: a secret may have leaked, and all of this host comes
            // by the loopback.
            if secret.matches(shown), address == "127.0.0.1" || address == "::1" {
                request.credential = .agent
                request.source = .playout
            }
        } else if let key = token.key {
            request.credential = .key(await verify(key, stream))
        }
        return decide(request, by: method, requestID: requestID)
    }

    /// As the other one, for a publisher who shows a login token of a user who may publish; the API has checked both.
    public func admit(
        _ stream: StreamName, userID: String, by method: PublishProtocol, address: String, clientID: String?,
        requestID: String, isConnected: Bool = true
    ) -> PublishDecision {
        var request = PublishRequest(
            stream: stream, source: method.source, credential: .login(userID: userID), clientID: clientID,
            address: address)
        request.isConnected = isConnected
        return decide(request, by: method, requestID: requestID)
    }

    /// What a signed key is worth, without any wish to publish.
    func verdict(_ key: String, _ stream: StreamName) async -> KeyVerdict { await verify(key, stream) }

    /// Why a signed key is good for nothing, whoever is on air; nil if it is good. A refusal is counted and logged.
    func refusal(
        of key: String, _ stream: StreamName, by method: PublishProtocol, address: String, requestID: String
    ) async -> PublishRefusal? {
        let request = PublishRequest(
            stream: stream, source: method.source, credential: .key(await verify(key, stream)), address: address)
        guard case .refuse(let refusal) = PublishRule.decide(request, current: nil, count: 0, limit: 1) else {
            return nil
        }
        report(refusal, stream: stream.text, by: method, address: address, requestID: requestID)
        return refusal
    }

    /// A publisher whose words make no sense: nothing of them is a key.
    public func reject(
        streamText: String, by method: PublishProtocol, address: String, requestID: String
    ) -> PublishDecision {
        report(.unknown, stream: String(streamText.prefix(64)), by: method, address: address, requestID: requestID)
        return .refuse(.unknown)
    }

    private func decide(_ request: PublishRequest, by method: PublishProtocol, requestID: String) -> PublishDecision {
        let decision = state.publish(request)
        if case .refuse(let refusal) = decision {
            report(
                refusal, stream: request.stream.text, by: method, address: request.address ?? "", requestID: requestID)
        }
        return decision
    }

    /// The line of a rejected key is a contract with fail2ban (docs/logs.md): its event, its level, and `ip` first.
    private func report(
        _ refusal: PublishRefusal, stream: String, by method: PublishProtocol, address: String, requestID: String
    ) {
        metrics.keyRejected(method, refusal)
        let metadata: Logger.Metadata = [
            "ip": "\(address)", "stream": "\(stream)", "reason": "\(refusal.rawValue)",
            "protocol": "\(method.rawValue)", "request_id": "\(requestID)",
        ]
        if refusal.isRejectedKey {
            logger.warning("stream_key_rejected", metadata: metadata)
        } else {
            logger.notice("publisher_refused", metadata: metadata)
        }
    }
}
