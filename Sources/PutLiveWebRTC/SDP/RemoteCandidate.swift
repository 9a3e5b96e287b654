/// An address of the peer's, from `a=candidate` (RFC 8839 section 5.1, RFC 6544 section 4.5). An ICE-lite agent learns
/// where to send from the peer's checks, so this is for the log and for people.
public struct RemoteCandidate: Sendable, Equatable {
    /// The transport of a candidate.
    public enum Transport: String, Sendable {
        // As they are written.
        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        case udp, tcp
    }

    /// Candidates of the same foundation come from the same interface and server.
    public let foundation: String
    /// 1 for RTP, and with `a=rtcp-mux` for all.
    public let component: UInt16
    /// UDP or TCP.
    public let transport: Transport
    /// The higher the better.
    public let priority: UInt32
    /// An address, or a name of multicast DNS.
    public let address: String
    /// 9 for an active TCP candidate.
    public let port: UInt16
    /// `host`, `srflx`, `prflx` or `relay`.
    public let type: String
    /// `active`, `passive` or `so`, of TCP.
    public let tcpType: String?

    /// Of an attribute's value; nil for what isn't one, or is of a transport or a type that nobody knows here:
    /// such a candidate is to be passed over (RFC 8839 section 5.1).
    public init?(_ text: String) {
        let words = SDPText.words(text)
        guard words.count >= 8, words[6].lowercased() == "typ", SDPText.isToken(words[7]),
            (1...32).contains(words[0].utf8.count), words[0].utf8.allSatisfy(Self.isICECharacter),
            let component = SDPText.number(words[1], upTo: UInt16(256)), component > 0,
            let transport = Transport(rawValue: words[2].lowercased()),
            let priority: UInt32 = SDPText.number(words[3]),
            words[4].utf8.count <= 255,
            let port: UInt16 = SDPText.number(words[5])
        else { return nil }
        foundation = words[0]
        self.component = component
        self.transport = transport
        self.priority = priority
        address = words[4]
        self.port = port
        type = words[7].lowercased()
        tcpType = Self.extension("tcptype", in: words[8...])
    }

    /// Names and values in turn.
    private static func `extension`(_ name: String, in words: ArraySlice<String>) -> String? {
        for index in stride(from: words.startIndex, to: words.endIndex - 1, by: 2) where words[index] == name {
            return words[index + 1]
        }
        return nil
    }

    /// `ice-char` of RFC 8839 section 5.1, and what implementations of before that wrote.
    static func isICECharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x2D, 0x5F, 0x3D, 0x23: true
        default: false
        }
    }
}
