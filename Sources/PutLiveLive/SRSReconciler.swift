/// Hooks are hints: they come late, twice or never. This compares what SRS says is there with what we think is on air.
/// A state machine: no clock, no I/O.
struct SRSReconciler: Sendable {
    enum Action: Sendable, Equatable {
        /// SRS has a publisher that we don't know of.
        case adopt(StreamName, clientID: String, address: String?, startedAt: UnixMilliseconds)
        /// SRS still has a publisher who was displaced here.
        case kick(clientID: String)
        /// It isn't in SRS any more.
        case end(StreamName, clientID: String?, EndReason)
        /// What is known of it now, and the bytes that came since the last time.
        case update(StreamName, clientID: String, StreamFacts, receivedBytes: Int64)
    }

    private struct Meters: Sendable {
        var clientID: String
        var bytes = RateMeter()
        var frames = RateMeter()
    }

    private var meters: [StreamName: Meters] = [:]
    /// In how many polls in a row a broadcast was missing.
    private var missed: [StreamName: Int] = [:]
    private var failures = 0
    private var process: Int?
    /// Of polls: a publisher that a hook has just let in isn't in the lists yet.
    private static let patience = 3

    /// SRS has answered. Of its publishers, those in `left` have ended here.
    mutating func reconcile(
        _ poll: SRSPoll, with broadcasts: [StreamName: Broadcast], left: [String: EndReason] = [:],
        now: UnixMilliseconds
    ) -> [Action] {
        failures = 0
        let restarted = process != nil && poll.summary.pid != nil && process != poll.summary.pid
        if let pid = poll.summary.pid { process = pid }
        let clients = Dictionary(poll.clients.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var actions: [Action] = []
        var seen: Set<StreamName> = []
        for found in poll.streams {
            guard let stream = found.published, found.publish.active, let clientID = found.publish.cid,
                seen.insert(stream).inserted
            else { continue }
            let known = broadcasts[stream]
            // The bridge's may wait for this publisher to leave.
            let isOurs = known.map { $0.source != .rtmp } ?? false
            if isOurs ? left[clientID] != nil : known == nil && left[clientID] == .replaced {
                // It was asked to once, but that may have failed.
                actions.append(.kick(clientID: clientID))
            } else if known?.clientID != clientID && !isOurs {
                let client = clients[clientID]
                let age = UnixMilliseconds(min(max(0, client?.alive ?? 0), 1e8) * 1000)
                actions.append(.adopt(stream, clientID: clientID, address: client?.ip, startedAt: now - age))
            }
            actions.append(update(stream, clientID: clientID, found, now: now))
        }
        for (stream, broadcast) in broadcasts where broadcast.source == .rtmp && !seen.contains(stream) {
            missed[stream, default: 0] += 1
            if restarted {
                actions.append(.end(stream, clientID: broadcast.clientID, .error))
            } else if missed[stream, default: 0] >= Self.patience {
                actions.append(.end(stream, clientID: broadcast.clientID, .vanished))
            }
        }
        meters = meters.filter { seen.contains($0.key) }
        missed = missed.filter { !seen.contains($0.key) && broadcasts[$0.key] != nil }
        return actions
    }

    /// SRS has not answered. It may only be slow, so the first times say nothing.
    mutating func unanswered(_ broadcasts: [StreamName: Broadcast]) -> [Action] {
        failures += 1
        guard failures >= Self.patience else { return [] }
        meters = [:]
        missed = [:]
        return broadcasts.values.filter { $0.source == .rtmp }
            .map { .end($0.stream, clientID: $0.clientID, .error) }
    }

    private mutating func update(
        _ stream: StreamName, clientID: String, _ found: SRSStream, now: UnixMilliseconds
    ) -> Action {
        var meter = meters[stream] ?? Meters(clientID: clientID)
        if meter.clientID != clientID { meter = Meters(clientID: clientID) }
        let received = meter.bytes.record(found.recv_bytes ?? 0, at: now)
        _ = meter.frames.record(found.frames ?? 0, at: now)
        meters[stream] = meter
        var facts = found.facts
        facts.bytesPerSecond = meter.bytes.rate(at: now)
        facts.framesPerSecond = meter.frames.rate(at: now)
        return .update(stream, clientID: clientID, facts, receivedBytes: received)
    }
}
