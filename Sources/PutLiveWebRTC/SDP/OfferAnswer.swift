/// Answers offers (RFC 3264, RFC 9429 section 5.3): takes one track of sound and one of pictures on one transport, and
/// refuses every other section by itself.
public enum OfferAnswer {
    /// The answer to a first offer.
    ///
    /// - Throws: `SDPError.malformed` for what isn't SDP, `.unacceptable` if nothing of it can be received, or if it
    ///   asks for what would quietly be lost, such as simulcast.
    public static func answer(
        to offer: String, _ parameters: AnswerParameters
    ) throws(SDPError) -> NegotiatedSession {
        try answer(to: offer, parameters, after: nil)
    }

    /// - Parameter earlier: The session that the offer is for, if it is live already.
    static func answer(
        to text: String, _ parameters: AnswerParameters, after earlier: NegotiatedSession?
    ) throws(SDPError) -> NegotiatedSession {
        let offer = try SessionDescription(parsing: text)
        guard !offer.attributes.has("ice-lite") else {
            throw .unacceptable("The offer is of an ICE-lite agent, as PutLive is itself: one side must do full ICE.")
        }
        let verdicts = try SectionVerdict.all(of: offer)
        let accepted = verdicts.bundledMedia
        guard let tagged = accepted.first else {
            throw .unacceptable(refusal(verdicts.refusals))
        }
        let transport = try TransportDescription(
            of: tagged.section, others: verdicts.bundle, session: offer, keeping: earlier?.dtlsRole)
        // A later offer has only the extensions that are agreed on, so it doesn't tell any more.
        let isOfLibwebrtc = earlier?.isOfLibwebrtc ?? accepted.contains { $0.isOfLibwebrtc }
        let sessionID = earlier?.sessionID ?? parameters.sessionID
        let version = (earlier?.version ?? 0) + 1
        let writer = AnswerWriter(
            parameters: parameters, role: transport.role, isBundled: verdicts.isBundled, isOfLibwebrtc: isOfLibwebrtc)
        let attributes = [offer.attributes] + accepted.map(\.section.attributes)
        return NegotiatedSession(
            tracks: accepted.map(\.track), extensions: verdicts.extensions, remoteUfrag: transport.ufrag,
            remotePassword: transport.password, remoteFingerprints: transport.fingerprints, dtlsRole: transport.role,
            remoteCandidates: candidates(attributes),
            remoteICEOptions: attributes.flatMap(ICEAttributes.options).uniqued(),
            refusals: verdicts.refusals,
            description: writer.answer(to: offer, verdicts, origin: "- \(sessionID) \(version) IN IP4 127.0.0.1"),
            sessionID: sessionID, version: version, isOfLibwebrtc: isOfLibwebrtc)
    }

    private static func refusal(_ refusals: [String]) -> String {
        refusals.isEmpty
            ? "The offer has no media section."
            : "Nothing in the offer can be received here. " + refusals.joined(separator: " ")
    }

    private static func candidates(_ attributes: [[SDPAttribute]]) -> [RemoteCandidate] {
        let values = attributes.lazy.flatMap { $0.values("candidate") }.prefix(SDPLimits.candidates)
        return values.compactMap { RemoteCandidate($0) }
    }
}

extension [String] {
    /// In order, each once.
    fileprivate func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
