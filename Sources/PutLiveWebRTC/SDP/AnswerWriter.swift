/// Writes answers, each section of the offer in its place (RFC 9429 section 5.3.1).
struct AnswerWriter {
    let parameters: AnswerParameters
    let role: DTLSRole
    let isBundled: Bool
    let isOfLibwebrtc: Bool

    func answer(to offer: SessionDescription, _ verdicts: SectionVerdicts, origin: String) -> SessionDescription {
        let tagged = verdicts.bundledMedia.first?.section
        var attributes = [ICEAttributes.lite, ICEAttributes.options]
        if isBundled {
            let mids = verdicts.bundledMedia.map(\.track.mid)
            attributes.append(SDPAttribute("group", (["BUNDLE"] + mids).joined(separator: " ")))
        }
        let sections = zip(offer.media, verdicts.list).map { offered, verdict in
            switch verdict {
            case .accepted(let media): section(media, isTagged: offered == tagged)
            case .refused: Self.refusal(of: offered)
            }
        }
        return SessionDescription(origin: origin, attributes: attributes, media: sections)
    }

    // MARK: Sections

    private func section(_ media: MediaAnswer, isTagged: Bool) -> MediaDescription {
        var attributes = ICEAttributes.credentials(ufrag: parameters.ufrag, password: parameters.password)
        attributes += [
            SDPAttribute("fingerprint", "sha-256 \(parameters.fingerprint)"), SDPAttribute("setup", role.setup),
        ]
        if let mid = media.section.mid { attributes.append(SDPAttribute("mid", mid)) }
        attributes += media.extensions.map(\.answer)
        attributes += [SDPAttribute("recvonly"), SDPAttribute("rtcp-mux")]
        for payload in media.payloads { attributes += lines(of: payload) }
        // Of a bundle one section alone carries them (RFC 8843 section 7.1.3).
        if isTagged { attributes += ICEAttributes.candidates(parameters.candidates) }
        // Port 9 and the address 0.0.0.0 say that the candidates alone count (RFC 8840 section 4.1.1).
        return MediaDescription(
            media: media.section.media, port: 9, transport: media.section.transport,
            formats: media.payloads.flatMap { payload in
                ([payload.offered] + (payload.retransmission.map { [$0] } ?? [])).map { String($0.type) }
            },
            connection: "IN IP4 0.0.0.0", bandwidths: media.track.kind == .video ? bandwidths : [],
            attributes: attributes)
    }

    private func lines(of payload: MediaAnswer.Payload) -> [SDPAttribute] {
        let type = payload.offered.type
        var lines = [SDPAttribute("rtpmap", payload.offered.map)]
        lines += payload.feedback.map { SDPAttribute("rtcp-fb", "\(type) \($0)") }
        let format = payload.format + (isOfLibwebrtc && payload.codec != .opus ? startBitrate : "")
        lines.append(SDPAttribute("fmtp", "\(type) \(format)"))
        if let retransmission = payload.retransmission {
            lines.append(SDPAttribute("rtpmap", retransmission.map))
            lines.append(SDPAttribute("fmtp", "\(retransmission.type) apt=\(type)"))
        }
        return lines
    }

    /// AS counts the headers and TIAS doesn't (RFC 8866 section 5.8, RFC 3890); browsers read the one or the other.
    private var bandwidths: [String] {
        let (bits, overflows) = parameters.maxVideoKilobits.multipliedReportingOverflow(by: 1000)
        guard parameters.maxVideoKilobits > 0, !overflows else { return [] }
        return ["AS:\(parameters.maxVideoKilobits)", "TIAS:\(bits)"]
    }

    /// libwebrtc begins at 300 kbit/s and takes 25 s to reach a sharp picture on a free link; these keys of its own
    /// spare it that. Said to libwebrtc only, though others would pass over them.
    private var startBitrate: String {
        guard let start = parameters.startVideoKilobits, start > 0, parameters.maxVideoKilobits > 0 else { return "" }
        let most = parameters.maxVideoKilobits
        return ";x-google-start-bitrate=\(min(start, most));x-google-max-bitrate=\(most)"
    }

    /// Port 0, and one format for the form's sake.
    private static func refusal(of offered: MediaDescription) -> MediaDescription {
        var attributes: [SDPAttribute] = []
        if let mid = offered.mid { attributes.append(SDPAttribute("mid", mid)) }
        if MediaKind(rawValue: offered.media) != nil { attributes.append(SDPAttribute("inactive")) }
        return MediaDescription(
            media: offered.media, port: 0, transport: offered.transport, formats: Array(offered.formats.prefix(1)),
            connection: "IN IP4 0.0.0.0", attributes: attributes)
    }
}
