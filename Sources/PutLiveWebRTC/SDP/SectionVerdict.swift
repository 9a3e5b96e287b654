/// Accepted or refused: what becomes of one section of an offer.
enum SectionVerdict {
    case accepted(MediaAnswer)
    /// With a sentence that says why.
    case refused(String)

    /// One for each section of an offer, in their order.
    static func all(of offer: SessionDescription) throws(SDPError) -> SectionVerdicts {
        var verdicts = SectionVerdicts(offer)
        for section in offer.media {
            let verdict = try verdict(on: section, of: offer, after: &verdicts)
            verdicts.list.append(verdict)
        }
        // Only what is bundled shares a transport, and there is one transport only.
        if !verdicts.isBundled, verdicts.media.count > 1 {
            throw .unacceptable(
                "The offer doesn't bundle sound and pictures (a=group:BUNDLE); PutLive receives both on one transport.")
        }
        return verdicts
    }

    private static func verdict(
        on section: MediaDescription, of offer: SessionDescription, after earlier: inout SectionVerdicts
    ) throws(SDPError) -> SectionVerdict {
        let name = "Section \(earlier.list.count + 1) (\(section.media))"
        guard let kind = MediaKind(rawValue: section.media) else {
            return .refused("\(name): only audio and video are received.")
        }
        let attributes = section.attributes
        let isBundleOnly = earlier.isBundled && attributes.has("bundle-only")
        guard section.port != 0 || isBundleOnly else { return .refused("\(name): it is switched off in the offer.") }
        guard MediaAnswer.transports.contains(section.transport.uppercased()) else {
            return .refused("\(name): \(section.transport) isn't SRTP by DTLS.")
        }
        let direction = direction(attributes) ?? Self.direction(offer.attributes) ?? "sendrecv"
        guard direction.hasPrefix("send") else {
            return .refused("\(name): the offer sends nothing (\(direction)); PutLive only receives here.")
        }
        try refuseSimulcast(attributes)
        guard !earlier.media.contains(where: { $0.track.kind == kind }) else {
            return .refused("\(name): one track of \(kind) is received already.")
        }
        guard !earlier.isBundled || section.mid.map(earlier.bundledMids.contains) == true else {
            return .refused("\(name): it isn't bundled with the others.")
        }
        // In a bundle the tagged section alone must say so (RFC 8843 section 7.1.3).
        let places = [attributes] + earlier.bundle.prefix(1).map(\.attributes)
        guard places.contains(where: { $0.has("rtcp-mux") || $0.has("rtcp-mux-only") }) else {
            return .refused("\(name): RTCP isn't on the port of RTP (a=rtcp-mux).")
        }
        let taken = earlier.payloadTypes
        let answer = MediaAnswer(section, kind, session: offer, extensions: &earlier.extensions, taken: taken)
        guard let answer else {
            let codecs = kind == .video ? "H.264 (Baseline, Main or High) or VP8" : "Opus"
            return .refused("\(name): no codec in common; \(codecs) is received.")
        }
        return .accepted(answer)
    }

    private static func direction(_ attributes: [SDPAttribute]) -> String? {
        attributes.first { ["sendrecv", "sendonly", "recvonly", "inactive"].contains($0.name) }?.name
    }

    /// Several encodings of one picture (RFC 8853), or as Chromium signalled it before, by a group of SSRCs. An answer
    /// without them would make most senders send one of them; which, nobody could tell.
    private static func refuseSimulcast(_ attributes: [SDPAttribute]) throws(SDPError) {
        let streams = attributes.values("simulcast").map { value in
            let words = SDPText.words(value)
            guard let send = words.firstIndex(of: "send"), send + 1 < words.count else { return 0 }
            return words[send + 1].split { $0 == ";" || $0 == "," }.count
        }
        let groups = attributes.values("ssrc-group").map { value in
            let words = SDPText.words(value)
            return words.first == "SIM" ? words.count - 1 : 0
        }
        guard (streams + groups).allSatisfy({ $0 <= 1 }) else {
            throw .unacceptable(
                "The offer is of simulcast, several encodings of one picture; PutLive takes a single one.")
        }
    }
}
