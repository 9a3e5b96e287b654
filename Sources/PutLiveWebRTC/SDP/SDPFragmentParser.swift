extension SDPFragment {
    /// Reads a body, of the same limits as an offer. The user fragment and the password may stand above the sections
    /// or in any of them, but must be one pair: the sections share a transport.
    public init(parsing text: String) throws(SDPError) {
        var common: [SDPAttribute] = []
        var sections: [MediaDescription] = []
        for line in try SDPLine.lines(of: text) {
            switch line.type {
            case "m":
                guard sections.count < SDPLimits.sections else {
                    throw .malformed(line, "is the beginning of one media section too many")
                }
                sections.append(try MediaDescription(line))
            case "a":
                let attribute = try SDPAttribute(line)
                if let last = sections.indices.last {
                    sections[last].attributes.append(attribute)
                } else {
                    common.append(attribute)
                }
            default: break  // Whatever else there is, isn't of a fragment (RFC 8840 section 9.2).
            }
        }
        let credentials = try Self.credentials([common] + sections.map(\.attributes))
        let group = common.values("group").lazy.map(SDPText.words).first { $0.first == "BUNDLE" } ?? []
        self.init(
            ufrag: credentials.ufrag, password: credentials.password, bundle: Array(group.dropFirst()),
            isLite: common.has("ice-lite"), options: ICEAttributes.options(common), sections: [],
            isEndOfCandidates: common.has("end-of-candidates"))
        for section in sections { self.sections.append(try Self.section(section)) }
    }

    private static func credentials(
        _ places: [[SDPAttribute]]
    ) throws(SDPError) -> (ufrag: String, password: String) {
        let ufrags = Set(places.flatMap { $0.values("ice-ufrag") })
        let passwords = Set(places.flatMap { $0.values("ice-pwd") })
        guard ufrags.count == 1, passwords.count == 1, let ufrag = ufrags.first, let password = passwords.first else {
            throw .malformed(line: 0, text: "", problem: "must have one ICE user fragment and one password")
        }
        try ICEAttributes.check(ufrag: ufrag, password: password)
        return (ufrag, password)
    }

    private static func section(_ section: MediaDescription) throws(SDPError) -> Section {
        guard let mid = section.mid, SDPText.isToken(mid) else {
            throw .malformed(line: 0, text: "", problem: "has a media section without a=mid")
        }
        return Section(
            media: section.media, mid: mid, candidates: section.attributes.values("candidate"),
            isEndOfCandidates: section.attributes.has("end-of-candidates"))
    }
}
