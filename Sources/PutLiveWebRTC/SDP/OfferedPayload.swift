/// A payload type of an offer, with all that the offer says of it.
struct OfferedPayload {
    let type: UInt8
    /// As it was written; the letters' case doesn't matter.
    let encoding: String
    let clockRate: Int
    /// What stands after the clock rate, for sound the channels.
    let channels: String?
    var parameters = FormatParameters()
    /// The values of `a=rtcp-fb`, without the payload type.
    var feedback: [String] = []

    /// Of `a=rtpmap` (RFC 8866 section 6.6), without the payload type.
    private init?(type: UInt8, map: Substring) {
        let parts = map.split(separator: "/", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), SDPText.isToken(parts[0]), parts.count == 2 || SDPText.isToken(parts[2]),
            let rate = SDPText.number(parts[1], upTo: Int.max)
        else { return nil }
        self.type = type
        encoding = String(parts[0])
        clockRate = rate
        channels = parts.count == 3 ? String(parts[2]) : nil
    }

    /// For the answer.
    var map: String { "\(type) \(encoding)/\(clockRate)" + (channels.map { "/\($0)" } ?? "") }

    /// By the name of an encoding and its clock.
    func isEncoding(_ name: String, clockRate: Int) -> Bool {
        encoding.lowercased() == name && self.clockRate == clockRate
    }

    /// The payload types of a section in their order. Those without `a=rtpmap` are left out: none of the types that
    /// need none (RFC 3551) is of use here. So are 64 to 95, which can't be told from RTCP (RFC 5761 section 4).
    static func all(of section: MediaDescription) -> [OfferedPayload] {
        var table = [OfferedPayload?](repeating: nil, count: 128)
        for value in section.attributes.values("rtpmap") {
            let (word, rest) = SDPText.firstWord(value)
            guard let type = number(word), table[Int(type)] == nil else { continue }
            table[Int(type)] = OfferedPayload(type: type, map: rest)
        }
        var common: [String] = []
        for attribute in section.attributes {
            guard let value = attribute.value, attribute.name == "fmtp" || attribute.name == "rtcp-fb" else { continue }
            let (word, rest) = SDPText.firstWord(value)
            if attribute.name == "rtcp-fb", word == "*" { common.append(String(rest)) }
            guard let type = number(word) else { continue }
            if attribute.name == "fmtp" {
                table[Int(type)]?.parameters.add(rest)
            } else {
                table[Int(type)]?.feedback.append(String(rest))
            }
        }
        var payloads: [OfferedPayload] = []
        for format in section.formats {
            guard let type = number(format), var payload = table[Int(type)] else { continue }
            table[Int(type)] = nil  // A format that stands there twice counts once.
            payload.feedback += common
            payloads.append(payload)
        }
        return payloads
    }

    private static func number(_ text: some StringProtocol) -> UInt8? {
        guard let type: UInt8 = SDPText.number(text, upTo: 127), !(64...95).contains(type) else { return nil }
        return type
    }
}
