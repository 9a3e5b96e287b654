@testable import PutLiveWebRTC

/// Offers of real peers, their names and addresses replaced, and what tests do to them.
enum SDPOffers {
    static let fingerprint =
        "1A:9E:38:BF:68:6D:12:CA:BF:29:2A:82:F9:0F:B7:63:BB:BA:C3:0A:01:1A:5E:F9:D2:CB:89:80:44:20:FF:44"
    /// By name, so that a test says which and not all of it.
    static let all = [
        "Chromium": chromium, "Firefox": firefoxVP8, "Safari": safari, "aiortc": aiortc, "Pion": pion, "OBS": obs,
    ]
    static let names = all.keys.sorted()

    static let parameters = AnswerParameters(
        sessionID: 7, ufrag: "ours", password: "a-password-of-ours-1234", fingerprint: "AA:BB",
        candidates: [
            "1 1 udp 2130706431 198.51.100.1 8443 typ host",
            "2 1 tcp 1518280447 198.51.100.1 8443 typ host tcptype passive",
        ],
        maxVideoKilobits: 2500)

    static func parameters(ufrag: String) -> AnswerParameters {
        var parameters = parameters
        parameters.ufrag = ufrag
        parameters.password = "another-password-of-ours"
        return parameters
    }

    static func parameters(maxVideoKilobits: Int, startVideoKilobits: Int?) -> AnswerParameters {
        var parameters = parameters
        parameters.maxVideoKilobits = maxVideoKilobits
        parameters.startVideoKilobits = startVideoKilobits
        return parameters
    }

    static func answer(_ offer: String) throws -> NegotiatedSession {
        try OfferAnswer.answer(to: offer, parameters)
    }

    /// Why it can't be answered; nil if it can.
    static func refusal(_ offer: String) -> String? {
        do {
            _ = try answer(offer)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// One section of video alone, with a bundle of its own.
    static func video(formats: String, _ lines: String..., direction: String = "sendonly") -> String {
        let head = """
            v=0
            o=- 1 2 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE v
            m=video 9 UDP/TLS/RTP/SAVPF \(formats)
            c=IN IP4 0.0.0.0
            a=mid:v
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789abcdef012345
            a=fingerprint:sha-256 \(fingerprint)
            a=setup:actpass
            a=\(direction)
            a=rtcp-mux

            """
        return head + lines.joined(separator: "\n") + "\n"
    }

    /// One payload type of H.264.
    static func h264(_ parameters: String?, more: String = "a=x") -> String {
        video(formats: "102", "a=rtpmap:102 H264/90000", parameters.map { "a=fmtp:102 \($0)" } ?? "a=x", more)
    }
}

extension String {
    /// The first occurrence replaced; it must be there.
    func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { fatalError("no \(part)") }
        return replacingSubrange(range, with: other)
    }

    /// Every occurrence replaced; one must be there.
    func replacingAll(_ part: String, with other: String) -> String {
        precondition(contains(part), "no \(part)")
        return replacing(part, with: other)
    }

    private func replacingSubrange(_ range: Range<Index>, with other: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: other)
        return copy
    }

    /// Those of its lines that begin so.
    func lines(_ beginning: String) -> [String] {
        split(whereSeparator: \.isNewline).map(String.init).filter { $0.hasPrefix(beginning) }
    }
}
