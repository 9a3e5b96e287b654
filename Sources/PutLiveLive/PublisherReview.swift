import Logging
import Synchronization

/// Ends what is on air by a right that was taken away since: a key revoked, an account disabled, demoted or removed. Other
/// processes change the database too, so somebody calls it again and again.
public final class PublisherReview: Sendable {
    /// Why a publisher who is on air would be refused if it came now; nil if it wouldn't be.
    public typealias Refusal = @Sendable (Publisher, StreamName) async -> PublishRefusal?

    private let live: LiveState
    private let refusal: Refusal
    private let logger: Logger
    private let end: @Sendable (Broadcast) -> Void
    /// Said already of these; a media server may take a while to end one.
    private let told = Mutex<[StreamName: Broadcast]>([:])

    /// `end` sees that a broadcast ends, and waits for nothing. It may be told of one again.
    public init(
        live: LiveState, logger: Logger, refusal: @escaping Refusal, end: @escaping @Sendable (Broadcast) -> Void
    ) {
        self.live = live
        self.logger = logger
        self.refusal = refusal
        self.end = end
    }

    /// Looks at everything on air once.
    public func run() async {
        var ending: [StreamName: Broadcast] = [:]
        for (stream, broadcast) in live.broadcasts() {
            guard let refusal = await refusal(broadcast.publisher, stream), PublishRule.ends(refusal) else { continue }
            ending[stream] = broadcast
            end(broadcast)
            let isNews = told.withLock { $0.updateValue(broadcast, forKey: stream)?.clientID != broadcast.clientID }
            guard isNews else { continue }
            logger.notice(
                "publisher_ended",
                metadata: [
                    "ip": "\(broadcast.address ?? "")", "stream": "\(stream)", "reason": "\(refusal.rawValue)",
                    "source": "\(broadcast.source.rawValue)",
                ])
        }
        told.withLock { $0 = $0.filter { ending[$0.key] != nil } }
    }
}
