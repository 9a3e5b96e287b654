/// A header extension of an offer, from `a=extmap` (RFC 8285 section 5).
struct OfferedExtension {
    static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    static let transportCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    /// libwebrtc alone has it: Chromium and Safari.
    static let videoTiming = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing"

    let id: UInt8
    let uri: String
    /// Only if it was given.
    let direction: String?

    /// Nil for what can't be received: a number for later use (RFC 8285 section 5 has those from 4096), 15, which the
    /// one-byte header can't say, or a direction that isn't towards us.
    init?(_ value: String) {
        let (head, rest) = SDPText.firstWord(value)
        let parts = head.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let id: UInt8 = SDPText.number(first), id != 0, id != 15,
            let uri = SDPText.words(String(rest)).first
        else { return nil }
        self.id = id
        self.uri = uri
        direction = parts.count > 1 ? String(parts[1]) : nil
        if let direction, direction != "sendonly", direction != "sendrecv" { return nil }
    }

    /// For the answer.
    var answer: SDPAttribute {
        SDPAttribute("extmap", "\(id)\(direction == nil ? "" : "/recvonly") \(uri)")
    }
}
