/// What a change of the table came to: for logs, metrics and the list of events.
enum LiveEffect: Sendable, Equatable {
    case started(Broadcast)
    case ended(Broadcast, EndReason, at: UnixMilliseconds)
}

/// What is on air, as a state machine: no clock, no I/O.
struct LiveTable: Sendable {
    /// On air, by name.
    private(set) var broadcasts: [StreamName: Broadcast] = [:]
    /// Who was let in by which connection: a connection may show in the media server's lists before or after its hook
    /// was handled, or come on air only when another has left.
    private var admitted = RecentMap<String, Publisher>(capacity: 128)
    /// Connections that have ended, and why: a list that was asked for before may still have them, and one that was
    /// displaced goes when the media server has ended it.
    private var left = RecentMap<String, EndReason>(capacity: 128)

    /// Decides on a wish to publish, and carries the decision out.
    ///
    /// A publisher that comes again by RTMP isn't on air yet: SRS answers it with StreamBusy until the connection before
    /// it is gone, which is asked to leave. It is on air once its next try, or SRS's list, says so. What comes by a
    /// browser is on air at once, for the agent itself ends the one before; but while it has only offered, the one before
    /// goes on, for the new one may never connect.
    mutating func publish(
        _ request: PublishRequest, limit: Int, now: UnixMilliseconds
    ) -> (PublishDecision, [LiveEffect]) {
        let decision = PublishRule.decide(
            request, current: broadcasts[request.stream], count: broadcasts.count, limit: limit)
        switch decision {
        case .refuse:
            return (decision, [])
        case .begin(let publisher):
            return (decision, begin(request, by: publisher, now: now))
        case .attach:
            // The broadcast stays that of the browser or the video: the agent may publish it anew at any time.
            if let clientID = request.clientID, clientID != broadcasts[request.stream]?.clientID {
                admitted.insert(.agent, for: clientID)
            }
            return (decision, [])
        case .takeOver(let old, let publisher):
            guard request.isConnected else { return (decision, []) }
            guard request.source == .rtmp else {
                return (
                    decision,
                    end(old.stream, clientID: old.clientID, reason: .replaced, now: now)
                        + begin(request, by: publisher, now: now)
                )
            }
            broadcasts[old.stream]?.isBeingReplaced = true
            if let clientID = request.clientID { admitted.insert(publisher, for: clientID) }
            return (decision, [])
        }
    }

    private mutating func begin(
        _ request: PublishRequest, by publisher: Publisher, now: UnixMilliseconds
    ) -> [LiveEffect] {
        if let clientID = request.clientID { admitted.insert(publisher, for: clientID) }
        let broadcast = Broadcast(
            stream: request.stream, source: request.source, publisher: publisher, clientID: request.clientID,
            address: request.address, startedAt: now)
        broadcasts[request.stream] = broadcast
        return [.started(broadcast)]
    }

    /// Ends a broadcast, if it is still the one of this connection; with nil, whatever its connection is.
    mutating func end(
        _ stream: StreamName, clientID: String?, reason: EndReason, now: UnixMilliseconds
    ) -> [LiveEffect] {
        if let clientID { hasLeft(clientID, reason) }
        guard let broadcast = broadcasts[stream], clientID == nil || clientID == broadcast.clientID else { return [] }
        broadcasts[stream] = nil
        if let clientID = broadcast.clientID { hasLeft(clientID, reason) }
        let isReplaced = broadcast.isBeingReplaced && reason == .stopped
        return [.ended(broadcast, isReplaced ? .replaced : reason, at: now)]
    }

    /// What was said of an end stays beside a guess.
    private mutating func hasLeft(_ clientID: String, _ reason: EndReason) {
        if reason.isGuess, left[clientID] != nil { return }
        left.insert(reason, for: clientID)
    }

    /// Those of `clientIDs` that have ended, and why. The agent's own publish isn't among them: its end is the bridge's
    /// and the playout's.
    func left(among clientIDs: [String]) -> [String: EndReason] {
        var found: [String: EndReason] = [:]
        for clientID in clientIDs where admitted[clientID] != .agent { found[clientID] = left[clientID] }
        return found
    }

    /// Takes in a publisher that the media server has and this table doesn't: SRS lets in nobody whom a hook of this
    /// agent, or of one before it, hasn't allowed. One whose end was only guessed, as when SRS's API was silent for a
    /// while, is on air again.
    mutating func adopt(
        _ stream: StreamName, clientID: String, address: String?, startedAt: UnixMilliseconds, now: UnixMilliseconds
    ) -> [LiveEffect] {
        guard left[clientID]?.isGuess ?? true, broadcasts[stream]?.clientID != clientID else { return [] }
        // The bridge's and the playout's own are theirs to begin and to end, also one that SRS still lists when it ends.
        guard admitted[clientID] != .agent else { return [] }
        if let current = broadcasts[stream], current.source != .rtmp { return [] }
        let effects = end(stream, clientID: nil, reason: .replaced, now: now)
        let request = PublishRequest(
            stream: stream, source: .rtmp, credential: .agent, clientID: clientID, address: address)
        return effects + begin(request, by: admitted[clientID] ?? .unknown, now: startedAt)
    }

    /// Takes in what is known of a broadcast now, and tells its source. One that has ended since is left alone.
    mutating func update(_ stream: StreamName, clientID: String?, facts: StreamFacts) -> StreamSource? {
        guard let current = broadcasts[stream], clientID == nil || clientID == current.clientID else { return nil }
        broadcasts[stream]?.facts = facts
        return current.source
    }

    /// Takes in what is delivered; a stream that isn't named has nothing.
    mutating func setDelivered(_ streams: [StreamName: DeliveredStream]) {
        for stream in broadcasts.keys { broadcasts[stream]?.delivered = streams[stream] ?? DeliveredStream() }
    }
}
