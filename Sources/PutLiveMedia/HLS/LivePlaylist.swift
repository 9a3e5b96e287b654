/// The playlist of a live stream (RFC 8216, section 4.3.3): a window over its segments that only moves forward.
struct LivePlaylist: Sendable, Equatable {
    /// A segment that it names.
    struct Segment: Sendable, Equatable {
        /// The name of its file, without a folder.
        var name: String
        /// Its length, in microseconds.
        var duration: Int64
        /// Timestamps or parameters don't go on from the segment before it (section 4.3.2.3).
        var isDiscontinuous = false
    }

    /// In order.
    private(set) var segments: [Segment] = []
    /// The number of the first one (section 4.3.3.2).
    private(set) var mediaSequence: Int64 = 0
    /// How many discontinuities have left the window (section 4.3.3.3).
    private(set) var discontinuitySequence: Int64 = 0
    /// In seconds. It never changes (section 6.2.1), so whoever appends segments sees to it that none is longer than
    /// `longestSegment`.
    let targetSeconds: Int64
    /// The most media that it ever held, in microseconds.
    private(set) var longest: Int64 = 0
    /// No more will come (section 4.3.3.4).
    var isEnded = false

    /// Microseconds of media that it holds at least, once there are so many.
    private let window: Int64

    /// An empty one; the window in microseconds.
    init(targetSeconds: Int64, window: Int64) {
        self.window = window
        self.targetSeconds = targetSeconds
    }

    /// Section 4.3.3.1: rounded to the nearest integer, no segment is longer than the target. In microseconds, and so that
    /// it holds of the milliseconds that are written, too.
    static func longestSegment(targetSeconds: Int64) -> Int64 { targetSeconds * 1_000_000 + 499_000 }

    /// The number of the segment that comes next.
    var nextSequence: Int64 { mediaSequence + Int64(segments.count) }

    /// Adds a segment, and answers those that left the window for it.
    mutating func append(_ segment: Segment) -> [Segment] {
        segments.append(segment)
        let gone = leave(window)
        longest = max(longest, length)
        return gone
    }

    /// Answers all segments that can be spared.
    mutating func shrink() -> [Segment] { leave(0) }

    /// Keeps so many microseconds at least.
    private mutating func leave(_ wanted: Int64) -> [Segment] {
        // Section 6.2.2: never less than three times the target.
        let kept = max(wanted, 3 * targetSeconds * 1_000_000)
        var total = length
        var gone = 0
        while gone < segments.count - 1, total - segments[gone].duration >= kept {
            total -= segments[gone].duration
            gone += 1
        }
        return dropFirst(gone)
    }

    /// Goes on after a playlist that was written before, by a process that may have been killed: players that watch it
    /// must not see its numbers go back (section 6.2.2). If it is stale, or has ended, or had another target, its segments
    /// leave the window; they may still be watched to the end, and whoever watches over the folder removes them in time.
    mutating func resume(_ old: WrittenPlaylist, isStale: Bool) {
        segments = old.segments
        mediaSequence = old.mediaSequence
        discontinuitySequence = old.discontinuitySequence
        if isStale || old.isEnded || old.targetSeconds != targetSeconds { _ = dropFirst(segments.count) }
        longest = max(longest, length)
    }

    /// Of all that it names, in microseconds.
    private var length: Int64 { segments.reduce(0) { $0 + $1.duration } }

    private mutating func dropFirst(_ count: Int) -> [Segment] {
        let gone = segments.prefix(count)
        mediaSequence += Int64(count)
        discontinuitySequence += Int64(gone.count(where: \.isDiscontinuous))
        segments.removeFirst(count)
        return Array(gone)
    }

    /// The file.
    var text: String {
        // No EXT-X-INDEPENDENT-SEGMENTS: where a keyframe is late, a segment begins without one.
        var text = "#EXTM3U\n#EXT-X-VERSION:3\n"
        text += "#EXT-X-TARGETDURATION:\(targetSeconds)\n#EXT-X-MEDIA-SEQUENCE:\(mediaSequence)\n"
        if discontinuitySequence > 0 { text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuitySequence)\n" }
        for segment in segments {
            if segment.isDiscontinuous { text += "#EXT-X-DISCONTINUITY\n" }
            text += "#EXTINF:\(Self.seconds(segment.duration)),\n\(segment.name)\n"
        }
        if isEnded { text += "#EXT-X-ENDLIST\n" }
        return text
    }

    /// With three places.
    private static func seconds(_ microseconds: Int64) -> String {
        let milliseconds = (microseconds + 500) / 1000
        return "\(milliseconds / 1000)." + String(milliseconds % 1000 + 1000).dropFirst()
    }
}
