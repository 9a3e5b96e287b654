/// The body of type `application/trickle-ice-sdpfrag` (RFC 8840 section 9): candidates that come after the offer, or
/// the credentials of an ICE restart (RFC 9725 section 4.3).
public struct SDPFragment: Sendable, Equatable {
    /// What it says of one media section.
    public struct Section: Sendable, Equatable {
        /// `audio`, `video`…; it is there for the form's sake, for the mid tells which section is meant.
        public var media: String
        /// The section's name.
        public var mid: String
        /// The values of `a=candidate`.
        public var candidates: [String]
        /// There will be no more of them.
        public var isEndOfCandidates: Bool

        /// All fields.
        public init(media: String = "audio", mid: String, candidates: [String], isEndOfCandidates: Bool) {
            self.media = media
            self.mid = mid
            self.candidates = candidates
            self.isEndOfCandidates = isEndOfCandidates
        }
    }

    /// Which ICE session the candidates belong to.
    public var ufrag: String
    /// Of the ICE session.
    public var password: String
    /// The mids of `a=group:BUNDLE`; empty for none.
    public var bundle: [String]
    /// The sender is an ICE-lite agent, as we are.
    public var isLite: Bool
    /// The words of `a=ice-options`.
    public var options: [String]
    /// In their order.
    public var sections: [Section]
    /// There will be no more candidates of any section.
    public var isEndOfCandidates: Bool

    /// All fields.
    public init(
        ufrag: String, password: String, bundle: [String] = [], isLite: Bool = false, options: [String] = [],
        sections: [Section], isEndOfCandidates: Bool = false
    ) {
        self.ufrag = ufrag
        self.password = password
        self.bundle = bundle
        self.isLite = isLite
        self.options = options
        self.sections = sections
        self.isEndOfCandidates = isEndOfCandidates
    }

    /// Ours: all our candidates in the first section, whose transport the others share.
    public init(ufrag: String, password: String, mids: [String], candidates: [String]) {
        self.init(
            ufrag: ufrag, password: password, bundle: mids, isLite: true, options: ["trickle", "ice2"],
            sections: mids.prefix(1).map { Section(mid: $0, candidates: candidates, isEndOfCandidates: true) })
    }

    /// Those of the candidates that are understood, with their sections' mids; at most 64.
    public var candidates: [(mid: String, candidate: RemoteCandidate)] {
        sections.lazy.flatMap { section in section.candidates.map { (section.mid, $0) } }
            .prefix(SDPLimits.candidates)
            .compactMap { mid, text in RemoteCandidate(text).map { (mid, $0) } }
    }

    /// As it is sent.
    public var text: String {
        var lines = ICEAttributes.credentials(ufrag: ufrag, password: password).map(\.line)
        if isLite { lines.insert(ICEAttributes.lite.line, at: 0) }
        if !options.isEmpty { lines.append(SDPAttribute("ice-options", options.joined(separator: " ")).line) }
        if !bundle.isEmpty { lines.append(SDPAttribute("group", "BUNDLE " + bundle.joined(separator: " ")).line) }
        if isEndOfCandidates { lines.append(ICEAttributes.end.line) }
        for section in sections {
            lines.append("m=\(section.media) 9 RTP/AVP 0")
            lines.append(SDPAttribute("mid", section.mid).line)
            lines += section.candidates.map { SDPAttribute("candidate", $0).line }
            if section.isEndOfCandidates { lines.append(ICEAttributes.end.line) }
        }
        return lines.map { $0 + "\r\n" }.joined()
    }
}
