/// All sessions, and which packet is for which: without I/O. It owns what isn't Sendable, so one event loop owns it.
final class PeerHub {
    private let settings: PeerSettings
    private var certificate: Certificate
    private var context: DTLSContext
    private var sessions: [String: PeerSession] = [:]
    /// By our username fragment, of the ICE generation before the last restart as well.
    private var fragments: [String: PeerSession] = [:]
    /// By where authentic STUN came from.
    private var routes: [TransportAddress: PeerSession] = [:]
    /// A browser has a handful of addresses at a time; of more, the new ones count.
    private static let mostRoutes = 16
    private let reachability = ReachabilityProbe(secret: (0..<32).map { _ in .random(in: 0...255) })

    /// Sends a packet.
    var send: (_ bytes: [UInt8], _ destination: TransportAddress) -> Void = { _, _ in }

    init(settings: PeerSettings, certificate: Certificate) throws {
        self.settings = settings
        self.certificate = certificate
        context = try DTLSContext(certificate: certificate)
    }

    /// Takes another certificate for the sessions to come; those that are there keep theirs.
    func use(_ certificate: Certificate) throws {
        context = try DTLSContext(certificate: certificate)
        self.certificate = certificate
    }

    var isEmpty: Bool { sessions.isEmpty }

    // MARK: Sessions

    /// Answers an offer and expects its sender from now on.
    ///
    /// - Parameters:
    ///   - candidates: Of our addresses, as the values of `a=candidate`.
    func accept(
        id: String, offer: String, candidates: [String], handlers: PeerHandlers, now: MonotonicTime
    ) throws(PeerRefusal) -> PeerAnswer {
        guard sessions.count < settings.mostSessions else { throw .full }
        let credentials = ICECredentials.random()
        let negotiated: NegotiatedSession
        do throws(SDPError) {
            negotiated = try OfferAnswer.answer(to: offer, parameters(credentials, candidates, certificate.fingerprint))
        } catch {
            throw .offer(error)
        }
        let dtls: DTLSTransport
        do {
            dtls = try DTLSTransport(
                context: context, role: negotiated.dtlsRole, fingerprints: negotiated.remoteFingerprints, now: now)
        } catch {
            throw .failed("\(error)")
        }
        let session = PeerSession(
            id: id, negotiated: negotiated, credentials: credentials, fingerprint: certificate.fingerprint, dtls: dtls,
            settings: ReceiverSettings(
                localSSRC: .random(in: 1...UInt32.max), cname: "putlive", maxBitrate: settings.maxBitrate,
                keyframeInterval: settings.keyframeInterval),
            handlers: handlers, now: now)
        sessions[id] = session
        fragments[credentials.usernameFragment] = session
        return answer(of: session)
    }

    /// Takes an offer for a session that is there: an ICE restart, and nothing else of it may differ.
    func restart(id: String, offer: String, candidates: [String]) throws(PeerRefusal) -> PeerAnswer {
        guard let session = sessions[id] else { throw .unknownSession }
        let credentials = ICECredentials.random()
        do throws(SDPError) {
            let negotiated = try OfferAnswer.restart(
                session.negotiated, with: offer, parameters(credentials, candidates, session.fingerprint))
            begin(session, negotiated, credentials)
        } catch {
            throw .offer(error)
        }
        return answer(of: session)
    }

    /// Takes the new credentials of an ICE restart by fragment (RFC 9725, section 4.3.3), and answers with ours.
    func restart(
        id: String, fragment: SDPFragment, candidates: [String]
    ) throws(PeerRefusal) -> (fragment: SDPFragment, entityTag: String) {
        guard let session = sessions[id] else { throw .unknownSession }
        let credentials = ICECredentials.random()
        do throws(SDPError) {
            let (negotiated, answer) = try OfferAnswer.restart(
                session.negotiated, with: fragment,
                parameters(credentials, candidates, session.fingerprint))
            begin(session, negotiated, credentials)
            return (answer, credentials.usernameFragment)
        } catch {
            throw .offer(error)
        }
    }

    private func begin(_ session: PeerSession, _ negotiated: NegotiatedSession, _ credentials: ICECredentials) {
        session.restart(negotiated, credentials: credentials)
        fragments = fragments.filter { $0.value !== session || session.accepts($0.key) }
        fragments[credentials.usernameFragment] = session
    }

    /// Credentials to find out by whether UDP leads here; nothing is kept of them.
    func probe(at now: MonotonicTime) throws(PeerRefusal) -> ICECredentials {
        var generator = SystemRandomNumberGenerator()
        guard let credentials = reachability.credentials(at: now, using: &generator) else { throw .failed("HMAC") }
        return credentials
    }

    /// Names the ICE generation of a session; nil if there is none.
    func entityTag(of id: String) -> String? { sessions[id]?.localCredentials.usernameFragment }

    /// Ends a session and tells its peer.
    func close(id: String) {
        guard let session = sessions[id] else { return }
        session.close()
        flush(session)
    }

    /// Ends all.
    func closeAll() {
        for id in Array(sessions.keys) { close(id: id) }
    }

    /// Asks a peer for a keyframe.
    func requestKeyframe(id: String, at now: MonotonicTime) {
        guard let session = sessions[id] else { return }
        session.requestKeyframe(at: now)
        flush(session)
    }

    /// What is measured of each session.
    var statistics: [String: PeerStatistics] { sessions.mapValues(\.statistics) }

    // MARK: Packets

    /// Takes a packet; SRTP is decrypted in place.
    func receive(_ packet: UnsafeMutableRawBufferPointer, from source: TransportAddress, at now: MonotonicTime) {
        let kind = PacketKind(UnsafeRawBufferPointer(packet))
        if kind == .stun {
            receiveSTUN(UnsafeRawBufferPointer(packet), from: source, at: now)
        } else if let session = routes[source] {
            session.receive(packet, kind, from: source, at: now)
            flush(session)
        }
    }

    private func receiveSTUN(_ packet: UnsafeRawBufferPointer, from source: TransportAddress, at now: MonotonicTime) {
        // The name in it decides, for an address may be used by another session than before.
        guard let fragment = ICELite.usernameFragment(of: packet) else { return }
        guard let session = fragments[fragment] else {
            if let answer = reachability.answer(packet, named: fragment, from: source, at: now) { send(answer, source) }
            return
        }
        if session.receiveSTUN(packet, from: source, at: now), routes[source] !== session {
            let theirs = routes.filter { $0.value === session }.keys
            if theirs.count >= Self.mostRoutes, let old = theirs.first(where: { $0 != session.selected }) {
                routes[old] = nil
            }
            routes[source] = session
        }
        flush(session)
    }

    /// Does what is due. To be called every 10 ms or so.
    func tick(at now: MonotonicTime) {
        for session in Array(sessions.values) {
            session.tick(at: now)
            flush(session)
        }
    }

    /// Authentic STUN came from there.
    func knows(_ address: TransportAddress) -> Bool { routes[address] != nil }

    /// A TCP connection is gone.
    func forget(_ address: TransportAddress) {
        routes.removeValue(forKey: address)?.forget(address)
    }

    private func flush(_ session: PeerSession) {
        for (bytes, destination) in session.takeOutbox() { send(bytes, destination) }
        guard session.isEnded else { return }
        sessions[session.id] = nil
        fragments = fragments.filter { $0.value !== session }
        routes = routes.filter { $0.value !== session }
    }

    private func answer(of session: PeerSession) -> PeerAnswer {
        PeerAnswer(
            sdp: session.negotiated.answer, entityTag: session.localCredentials.usernameFragment,
            tracks: session.negotiated.tracks)
    }

    private func parameters(
        _ credentials: ICECredentials, _ candidates: [String], _ fingerprint: String
    ) -> AnswerParameters {
        AnswerParameters(
            sessionID: .random(in: 1...UInt64(Int64.max)), ufrag: credentials.usernameFragment,
            password: credentials.password, fingerprint: fingerprint, candidates: candidates,
            maxVideoKilobits: settings.maxBitrate / 1000, startVideoKilobits: settings.startBitrate.map { $0 / 1000 })
    }
}
