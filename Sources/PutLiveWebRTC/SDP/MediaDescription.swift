/// A media section: an `m=` line and all up to the next (RFC 8866 section 5.14).
public struct MediaDescription: Sendable, Equatable {
    /// `audio`, `video`, `application`…
    public var media: String
    /// 0 in an answer refuses the section; so it does in an offer, unless it is `a=bundle-only` (RFC 8843 section 6).
    public var port: UInt16
    /// Such as `UDP/TLS/RTP/SAVPF`.
    public var transport: String
    /// For RTP the payload types, the preferred one first.
    public var formats: [String]
    /// The value of `c=`.
    public var connection: String?
    /// The values of `b=`.
    public var bandwidths: [String]
    /// In their order.
    public var attributes: [SDPAttribute]

    /// All fields.
    public init(
        media: String, port: UInt16, transport: String, formats: [String], connection: String? = nil,
        bandwidths: [String] = [], attributes: [SDPAttribute] = []
    ) {
        self.media = media
        self.port = port
        self.transport = transport
        self.formats = formats
        self.connection = connection
        self.bandwidths = bandwidths
        self.attributes = attributes
    }

    /// Of a line `m=…`, and so far without attributes.
    init(_ line: SDPLine) throws(SDPError) {
        let words = SDPText.words(line.value)
        // A count of ports, `9/2`, is of no use to ICE.
        guard words.count >= 4, SDPText.isToken(words[0]),
            let digits = words[1].split(separator: "/", omittingEmptySubsequences: false).first,
            let port = SDPText.number(digits, upTo: UInt16.max), SDPText.isProtocol(words[2])
        else { throw .malformed(line, "isn't a media, a port, a protocol and its formats") }
        let formats = Array(words[3...])
        guard formats.count <= SDPLimits.formats, formats.allSatisfy(SDPText.isToken) else {
            throw .malformed(line, "has over \(SDPLimits.formats) formats, or one that is no token")
        }
        guard [words[0], words[2], formats[0]].allSatisfy({ $0.utf8.count <= SDPLimits.word }) else {
            throw .malformed(line, "has a word of over \(SDPLimits.word) bytes")
        }
        self.init(media: words[0], port: port, transport: words[2], formats: formats)
    }

    /// Its name within the session (RFC 5888).
    public var mid: String? { attributes.value("mid") }

    /// The value of its `m=` line.
    var mediaLine: String { "\(media) \(port) \(transport) \(formats.joined(separator: " "))" }

    /// Its lines, without their ends.
    var lines: [String] {
        ["m=\(mediaLine)"] + (connection.map { ["c=\($0)"] } ?? []) + bandwidths.map { "b=\($0)" }
            + attributes.map(\.line)
    }
}
