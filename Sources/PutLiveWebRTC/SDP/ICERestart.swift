/// What may change in a session that is live: the peer's ICE credentials and candidates (RFC 8839 section 4.4.1.1.1),
/// when its network has changed. Tracks stay as they are; a page swaps its camera without a new offer.
extension OfferAnswer {
    /// The answer to an offer that restarts ICE.
    ///
    /// - Throws: `SDPError.unacceptable` if the offer changes anything else.
    public static func restart(
        _ session: NegotiatedSession, with offer: String, _ parameters: AnswerParameters
    ) throws(SDPError) -> NegotiatedSession {
        let next = try answer(to: offer, parameters, after: session)
        try check(session, ufrag: next.remoteUfrag, password: next.remotePassword)
        guard Set(next.remoteFingerprints) == Set(session.remoteFingerprints) else {
            throw .unacceptable("The offer has another certificate (a=fingerprint), which an ICE restart can't change.")
        }
        guard next.tracks.map(withoutSources) == session.tracks.map(withoutSources),
            next.extensions == session.extensions
        else {
            throw .unacceptable(
                "The offer changes tracks, codecs or header extensions; stop, and go live anew with it.")
        }
        return next
    }

    /// The fragment that answers one that restarts ICE (RFC 9725 section 4.3.3), and the session as it is from then on.
    ///
    /// - Throws: `SDPError.unacceptable` if its credentials aren't new, or it is of sections that aren't received.
    public static func restart(
        _ session: NegotiatedSession, with fragment: SDPFragment, _ parameters: AnswerParameters
    ) throws(SDPError) -> (session: NegotiatedSession, fragment: SDPFragment) {
        try check(session, ufrag: fragment.ufrag, password: fragment.password)
        try check(session, sectionsOf: fragment)
        var next = session
        next.remoteUfrag = fragment.ufrag
        next.remotePassword = fragment.password
        next.remoteCandidates = fragment.candidates.map(\.candidate)
        next.version += 1
        next.description.replaceTransport(parameters, origin: (session.sessionID, next.version))
        let answer = SDPFragment(
            ufrag: parameters.ufrag, password: parameters.password, mids: session.mids,
            candidates: parameters.candidates)
        return (next, answer)
    }

    /// The candidates of a fragment that only adds some.
    ///
    /// - Throws: `SDPError.unacceptable` for those of another ICE session or of sections that aren't received.
    public static func trickle(
        _ session: NegotiatedSession, _ fragment: SDPFragment
    ) throws(SDPError) -> [RemoteCandidate] {
        guard fragment.ufrag == session.remoteUfrag, fragment.password == session.remotePassword else {
            throw .unacceptable("The candidates are of another ICE session than the one that is live.")
        }
        try check(session, sectionsOf: fragment)
        return fragment.candidates.map(\.candidate)
    }

    // MARK: What stays

    private static func check(
        _ session: NegotiatedSession, ufrag: String, password: String
    ) throws(SDPError) {
        guard ufrag != session.remoteUfrag, password != session.remotePassword else {
            throw .unacceptable("The ICE user fragment and password must both be new; else it is no ICE restart.")
        }
    }

    /// By the answer, since a fragment may name refused sections of the offer too.
    private static func check(_ session: NegotiatedSession, sectionsOf fragment: SDPFragment) throws(SDPError) {
        let known = Set(session.description.media.compactMap(\.mid))
        // A session of one section may do without names.
        guard known.isEmpty || fragment.sections.allSatisfy({ known.contains($0.mid) }) else {
            throw .unacceptable("The fragment names a media section (a=mid) that the session hasn't.")
        }
    }

    /// An SSRC may change at any time, announced or not, and parameter sets change with the picture.
    private static func withoutSources(_ track: NegotiatedTrack) -> NegotiatedTrack {
        var track = track
        track.ssrc = nil
        track.rtxSSRC = nil
        for index in track.payloads.indices { track.payloads[index].parameterSets = [] }
        return track
    }
}

extension SessionDescription {
    /// Gives an answer of ours new credentials and candidates.
    fileprivate mutating func replaceTransport(
        _ parameters: AnswerParameters, origin: (sessionID: UInt64, version: Int)
    ) {
        self.origin = "- \(origin.sessionID) \(origin.version) IN IP4 127.0.0.1"
        let credentials = ICEAttributes.credentials(ufrag: parameters.ufrag, password: parameters.password)
        for index in media.indices where media[index].port != 0 {
            let old = media[index].attributes
            let kept = old.filter {
                !["ice-ufrag", "ice-pwd", "candidate", ICEAttributes.end.name].contains($0.name)
            }
            let isTagged = old.contains(ICEAttributes.end)
            media[index].attributes =
                credentials + kept + (isTagged ? ICEAttributes.candidates(parameters.candidates) : [])
        }
    }
}
