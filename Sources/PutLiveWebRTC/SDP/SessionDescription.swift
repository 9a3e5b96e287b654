/// A session description (RFC 8866), as far as WebRTC uses it: titles, telephone numbers and repeat times are dropped.
public struct SessionDescription: Sendable, Equatable {
    /// The value of `o=`, six words.
    public var origin: String
    /// The value of `s=`.
    public var name: String
    /// The value of `c=` above all sections.
    public var connection: String?
    /// The values of `b=` above all sections.
    public var bandwidths: [String]
    /// The values of `t=`.
    public var times: [String]
    /// Above all sections.
    public var attributes: [SDPAttribute]
    /// The sections.
    public var media: [MediaDescription]

    /// All fields.
    public init(
        origin: String, name: String = "-", connection: String? = nil, bandwidths: [String] = [],
        times: [String] = ["0 0"], attributes: [SDPAttribute] = [], media: [MediaDescription] = []
    ) {
        self.origin = origin
        self.name = name
        self.connection = connection
        self.bandwidths = bandwidths
        self.times = times
        self.attributes = attributes
        self.media = media
    }

    /// Reads at most 64 KiB, 2000 lines and 32 sections; the order of the lines within a part isn't insisted on.
    public init(parsing text: String) throws(SDPError) {
        let lines = try SDPLine.lines(of: text)
        guard let version = lines.first, version.type == "v", version.value == "0" else {
            throw .malformed(line: 0, text: "", problem: "doesn't begin with v=0")
        }
        guard lines.contains(where: { $0.type == "o" }) else {
            throw .malformed(line: 0, text: "", problem: "has no o= line")
        }
        self.init(origin: "", times: [])
        for line in lines.dropFirst() { try take(line) }
        try checkMids()
    }

    /// As it is sent.
    public var text: String {
        var lines = ["v=0", "o=\(origin)", "s=\(name)"]
        if let connection { lines.append("c=\(connection)") }
        lines += bandwidths.map { "b=\($0)" } + times.map { "t=\($0)" } + attributes.map(\.line)
        for section in media { lines += section.lines }
        return lines.map { $0 + "\r\n" }.joined()
    }

    private mutating func take(_ line: SDPLine) throws(SDPError) {
        let section = media.indices.last
        switch line.type {
        case "m":
            guard media.count < SDPLimits.sections else {
                throw .malformed(line, "is the beginning of one media section too many")
            }
            media.append(try MediaDescription(line))
        case "a":
            let attribute = try SDPAttribute(line)
            if let section { media[section].attributes.append(attribute) } else { attributes.append(attribute) }
        case "b":
            if let section { media[section].bandwidths.append(line.value) } else { bandwidths.append(line.value) }
        case "c":
            if let section { media[section].connection = line.value } else { connection = line.value }
        case "i", "k": break
        case "o" where section == nil:
            guard SDPText.words(line.value).count == 6 else {
                throw .malformed(line, "isn't the six words of an origin")
            }
            origin = line.value
        case "s" where section == nil: name = line.value
        case "t" where section == nil: times.append(line.value)
        case "u", "e", "p", "r", "z": break
        default: throw .malformed(line, "stands where none of its letter may stand")
        }
    }

    private func checkMids() throws(SDPError) {
        var seen: Set<String> = []
        for mid in media.compactMap(\.mid) {
            guard SDPText.isToken(mid), mid.utf8.count <= SDPLimits.word, seen.insert(mid).inserted else {
                throw .malformed(line: 0, text: "", problem: "has a mid that is no token, too long, or twice the same")
            }
        }
    }
}
