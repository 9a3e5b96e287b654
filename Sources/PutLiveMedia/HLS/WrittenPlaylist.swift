/// A playlist that `LivePlaylist` wrote, read back.
struct WrittenPlaylist: Sendable, Equatable {
    var segments: [LivePlaylist.Segment] = []
    var mediaSequence: Int64 = 0
    var discontinuitySequence: Int64 = 0
    var targetSeconds: Int64 = 1
    var isEnded = false

    /// Largest that is read, in bytes: ten minutes of one-second segments with long names.
    static let limit = 256 * 1024

    /// Nil if it isn't one, or names other files than segments of `rendition`: those are never touched.
    init?(_ text: String, rendition: String) {
        guard text.utf8.count <= Self.limit, text.hasPrefix("#EXTM3U\n") else { return nil }
        var duration: Int64?
        var isDiscontinuous = false
        for line in text.split(separator: "\n") {
            if let value = Self.value(line, "#EXTINF:") {
                guard let seconds = Double(value.prefix { $0 != "," }), (0...3600) ~= seconds else { return nil }
                duration = Int64((seconds * 1_000_000).rounded())
            } else if let value = Self.value(line, "#EXT-X-MEDIA-SEQUENCE:") {
                guard let number = Self.number(value) else { return nil }
                mediaSequence = number
            } else if let value = Self.value(line, "#EXT-X-DISCONTINUITY-SEQUENCE:") {
                guard let number = Self.number(value) else { return nil }
                discontinuitySequence = number
            } else if let value = Self.value(line, "#EXT-X-TARGETDURATION:") {
                guard let number = Self.number(value), (1...3600) ~= number else { return nil }
                targetSeconds = number
            } else if line == "#EXT-X-DISCONTINUITY" {
                isDiscontinuous = true
            } else if line == "#EXT-X-ENDLIST" {
                isEnded = true
            } else if !line.hasPrefix("#") {
                guard let length = duration, line.hasPrefix(rendition + "-"), line.hasSuffix(".ts"),
                    !line.contains("/"), line.utf8.count <= 200
                else { return nil }
                segments.append(.init(name: String(line), duration: length, isDiscontinuous: isDiscontinuous))
                duration = nil
                isDiscontinuous = false
            }
        }
    }

    private static func value(_ line: Substring, _ tag: String) -> Substring? {
        line.hasPrefix(tag) ? line.dropFirst(tag.utf8.count) : nil
    }

    /// What a file says must not make us overflow.
    private static func number(_ text: Substring) -> Int64? {
        guard let number = Int64(text), (0..<1 << 53) ~= number else { return nil }
        return number
    }
}
