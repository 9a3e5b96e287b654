/// A rendition's playlist (RFC 8216, section 4.3.3), as SRS or libavformat writes it: what is looked at of it.
public struct MediaPlaylist: Sendable, Equatable {
    /// A segment that it names.
    public struct Segment: Sendable, Equatable {
        /// The name of its file, without a folder.
        public var name: String
        /// Its length.
        public var seconds: Double
    }

    /// In order.
    public var segments: [Segment]
    /// No more will come (section 4.3.3.4).
    public var isEnded: Bool
    /// How often the picture's parameters may have changed: a number that grows with each discontinuity.
    public var discontinuities: Int
    /// All of it.
    public var text: String

    /// The largest that is looked at, in bytes: ten minutes of one-second segments with long names.
    public static let limit = 256 * 1024

    /// Nil for what isn't a media playlist, or names files elsewhere.
    public static func parse(_ text: String) -> MediaPlaylist? {
        guard text.utf8.count <= limit, text.hasPrefix("#EXTM3U") else { return nil }
        var playlist = MediaPlaylist(segments: [], isEnded: false, discontinuities: 0, text: text)
        var seconds: Double?
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
            if line.hasPrefix("#EXTINF:") {
                guard let value = Double(line.dropFirst("#EXTINF:".count).prefix { $0 != "," }), (0...3600) ~= value
                else { return nil }
                seconds = value
            } else if line == "#EXT-X-ENDLIST" {
                playlist.isEnded = true
            } else if line == "#EXT-X-DISCONTINUITY" {
                playlist.discontinuities += 1
            } else if line.hasPrefix("#EXT-X-DISCONTINUITY-SEQUENCE:") {
                playlist.discontinuities += Int(line.dropFirst("#EXT-X-DISCONTINUITY-SEQUENCE:".count)) ?? 0
            } else if line.hasPrefix("#EXT-X-STREAM-INF") {
                return nil
            } else if !line.hasPrefix("#") {
                guard let length = seconds, !line.contains("/") else { return nil }
                playlist.segments.append(Segment(name: String(line), seconds: length))
                seconds = nil
            }
        }
        return playlist
    }

    /// The same, ended.
    var endedText: String { (text.hasSuffix("\n") ? text : text + "\n") + "#EXT-X-ENDLIST\n" }
}
