import Logging
import PutLiveStore

/// What the store says of publishers' rights: of those who come, and of those who are on air. Who can't be looked up has
/// none.
public struct PublisherRights: Sendable {
    private let store: Store
    private let signer: StreamKeySigner
    private let logger: Logger
    private let clock: @Sendable () -> UnixMilliseconds

    /// By the accounts and stream keys of `store`; keys were signed by `signer`.
    public init(
        store: Store, signer: StreamKeySigner, logger: Logger,
        clock: @escaping @Sendable () -> UnixMilliseconds = WallClock.now
    ) {
        self.store = store
        self.signer = signer
        self.logger = logger
        self.clock = clock
    }

    /// Whether a signed key is good for a stream.
    public func verdict(_ text: String, _ stream: StreamName) async -> KeyVerdict {
        guard let signed = StreamKeySigner.Signed(text) else { return .unknown }
        do {
            let owned = try await store.keys.find(signed.id)
            if let owned, !signer.verify(signed, owned.key) { return .signature }
            let verdict = verdict(of: owned, stream)
            if case .valid(let keyID, _) = verdict {
                // For people to see when it was used last; a publish doesn't fail for that.
                Task { try? await store.keys.touch(keyID, now: clock() / 1000) }
            }
            return verdict
        } catch {
            // That is no fault of whoever shows it.
            logger.error("stream_key_check_failed", metadata: ["error": "\(error)"])
            return .unavailable
        }
    }

    /// Why a publisher who is on air would be refused if it came now; nil if it wouldn't be.
    public func refusal(of publisher: Publisher, _ stream: StreamName) async -> PublishRefusal? {
        do {
            switch publisher {
            case .key(let id, _):
                return PublishRule.refusal(of: verdict(of: try await store.keys.find(id), stream))
            case .login(let id):
                guard let user = try await store.users.find(id: id) else { return .unknown }
                return user.mayPublish ? nil : .revoked
            case .agent:
                return nil
            case .unknown:
                // Let in by an agent before this one, and SRS doesn't tell by which key.
                return try await store.keys.isHeld(stream: stream.text) ? nil : .revoked
            }
        } catch {
            logger.error("publisher_check_failed", metadata: ["error": "\(error)"])
            return .unavailable
        }
    }

    private func verdict(of owned: OwnedKey?, _ stream: StreamName) -> KeyVerdict {
        guard let owned else { return .unknown }
        guard owned.key.stream == stream.text else { return .wrongStream }
        switch owned.status(at: clock() / 1000) {
        case .revoked: return owned.key.revokedAt == nil ? .disabledUser : .revoked
        case .expired: return .expired(keyID: owned.key.id)
        case .active: return .valid(keyID: owned.key.id, userID: owned.key.userID)
        }
    }
}
