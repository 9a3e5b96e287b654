/// A section that is accepted, and what of it.
struct MediaAnswer {
    /// One payload type that is accepted.
    struct Payload {
        let offered: OfferedPayload
        let codec: PayloadCodec
        /// Of its retransmissions.
        let retransmission: OfferedPayload?
        /// Of what was offered, what is given.
        let feedback: [String]
        /// The value of `a=fmtp`; empty for none.
        let format: String
        /// NAL units of H.264 that the offer names.
        let parameterSets: [[UInt8]]
    }

    /// SRTP by DTLS under all the names that RFC 9429 section 5.1.2 tells to take for it.
    static let transports: Set = [
        "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP",
    ]

    let section: MediaDescription
    let track: NegotiatedTrack
    let payloads: [Payload]
    let extensions: [OfferedExtension]
    /// Its sender is of libwebrtc: Chromium, Safari.
    let isOfLibwebrtc: Bool

    /// Nil if there is no codec in common.
    ///
    /// - Parameter extensions: What the sections before it agreed on, with what this one adds.
    init?(
        _ section: MediaDescription, _ kind: MediaKind, session: SessionDescription,
        extensions ids: inout HeaderExtensionIDs, taken: Set<UInt8>
    ) {
        // A payload type means one thing in a bundle (RFC 8843 section 9.1): what a section before has taken isn't it.
        let offered = OfferedPayload.all(of: section).filter { !taken.contains($0.type) }
        let codecs = kind == .audio ? Self.audio(offered) : Self.video(offered)
        guard !codecs.isEmpty else { return nil }

        let values = section.attributes.values("extmap") + session.attributes.values("extmap")
        let known = values.compactMap(OfferedExtension.init)
        let hasFeedback = codecs.contains { $0.payload.feedback.contains("transport-cc") }
        var agreed: [OfferedExtension] = []
        if let mid = Self.agree(OfferedExtension.mid, known, &ids.mid) { agreed.append(mid) }
        if hasFeedback, let transportCC = Self.agree(OfferedExtension.transportCC, known, &ids.transportCC) {
            agreed.append(transportCC)
        }
        let hasTransportCC = agreed.contains { $0.uri == OfferedExtension.transportCC }
        let payloads = Self.payloads(codecs, among: offered, kind, hasTransportCC: hasTransportCC)

        let (ssrc, rtxSSRC) = Self.sources(section.attributes)
        func uses(_ feedback: String) -> Bool { payloads.contains { $0.feedback.contains(feedback) } }
        self.section = section
        self.payloads = payloads
        self.extensions = agreed
        isOfLibwebrtc = known.contains { $0.uri == OfferedExtension.videoTiming }
        track = NegotiatedTrack(
            mid: section.mid ?? "", kind: kind,
            payloads: payloads.map {
                NegotiatedPayload(
                    payloadType: $0.offered.type, codec: $0.codec, rtxPayloadType: $0.retransmission?.type,
                    parameterSets: $0.parameterSets)
            },
            ssrc: ssrc, rtxSSRC: payloads.contains { $0.retransmission != nil } ? rtxSSRC : nil,
            usesNACK: uses("nack"), usesPLI: uses("nack pli"), usesTransportCC: uses("transport-cc"),
            usesREMB: uses("goog-remb"), isStereo: payloads.contains { $0.format.hasSuffix(";stereo=1") })
    }

    // MARK: Codecs

    private typealias Choice = (
        payload: OfferedPayload, codec: PayloadCodec, format: String, parameterSets: [[UInt8]]
    )

    /// What Opus may do, it may in any case (RFC 7587 section 7); stereo only if the offer thinks of it.
    private static func audio(_ offered: [OfferedPayload]) -> [Choice] {
        offered.filter { $0.isEncoding("opus", clockRate: 48_000) }.map { payload in
            let isStereo = payload.parameters["stereo"] == "1" || payload.parameters["sprop-stereo"] == "1"
            return (payload, .opus, "minptime=10;useinbandfec=1" + (isStereo ? ";stereo=1" : ""), [])
        }
    }

    /// All H.264 that there is, in the offer's order but that which may be cut to the packet's size (mode 1) before
    /// that which must be encoded to fit. VP8 has to be decoded and encoded again, so it is for want of H.264 only.
    private static func video(_ offered: [OfferedPayload]) -> [Choice] {
        var byMode: [[Choice]] = [[], []]
        for payload in offered where payload.isEncoding("h264", clockRate: 90_000) {
            guard let parameters = H264Parameters(payload.parameters) else { continue }
            byMode[parameters.packetizationMode].append(
                (payload, .h264, parameters.answer, parameters.parameterSets))
        }
        let h264 = byMode[1] + byMode[0]
        if !h264.isEmpty { return h264 }
        // 1280x720 at 30 pictures a second is what the encoder is bounded to (RFC 7741 section 6.1); Firefox heeds it.
        return offered.filter { $0.isEncoding("vp8", clockRate: 90_000) }.map {
            ($0, .vp8, "max-fr=30;max-fs=3600", [])
        }
    }

    private static func payloads(
        _ choices: [Choice], among offered: [OfferedPayload], _ kind: MediaKind, hasTransportCC: Bool
    ) -> [Payload] {
        let retransmissions = offered.filter { $0.encoding.lowercased() == "rtx" }
        return choices.map { payload, codec, format, parameterSets in
            let given = ["goog-remb", "transport-cc", "nack", "nack pli"].filter { feedback in
                switch feedback {
                case "transport-cc": hasTransportCC && payload.feedback.contains(feedback)
                case "nack pli": kind == .video && payload.feedback.contains(feedback)
                default: payload.feedback.contains(feedback)
                }
            }
            let retransmission = retransmissions.first {
                $0.parameters["apt"] == String(payload.type)
                    && $0.clockRate == payload.clockRate
            }
            // Without NACK nobody would ask for one.
            return Payload(
                offered: payload, codec: codec, retransmission: given.contains("nack") ? retransmission : nil,
                feedback: given, format: format, parameterSets: parameterSets)
        }
    }

    // MARK: Extensions and sources

    /// The extension, if the offer has it, under the number that it has in the sections before.
    private static func agree(_ uri: String, _ known: [OfferedExtension], _ id: inout UInt8?) -> OfferedExtension? {
        guard let found = known.first(where: { $0.uri == uri }), id == nil || id == found.id else { return nil }
        id = found.id
        return found
    }

    /// The first SSRC that doesn't carry another's retransmissions, and the one that carries its own (RFC 5576,
    /// RFC 4588 section 8.5).
    private static func sources(_ attributes: [SDPAttribute]) -> (ssrc: UInt32?, rtx: UInt32?) {
        for group in attributes.values("ssrc-group") {
            let words = SDPText.words(group)
            guard words.count == 3, words[0] == "FID" else { continue }
            guard let ssrc: UInt32 = SDPText.number(words[1]), let rtx: UInt32 = SDPText.number(words[2]) else {
                continue
            }
            return (ssrc, rtx)
        }
        return (attributes.value("ssrc").flatMap { SDPText.number(SDPText.firstWord($0).word) }, nil)
    }
}
