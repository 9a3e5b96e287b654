/// Decides where segments begin and end. A state machine: no clock, no I/O; all times are microseconds on the timeline of
/// the packets.
///
/// - With a picture, a segment begins at a keyframe, so that players can begin at each; with sound alone it is cut by time.
/// - A segment that would become longer than the playlist has promised is cut all the same, and the picture just goes on
///   in the next: whoever watches sees nothing of it, and who begins there waits for the keyframe, as after any picture
///   that he lacks (RFC 8216, section 3).
/// - While the picture stands still it is cut so, too, but then it is left out until a keyframe, as after a loss: decoders
///   don't go on over a hole.
/// - Where nothing came for a while, a segment ends. That one, and one after a loss, is marked as discontinuous.
struct SegmentCutter: Sendable, Equatable {
    enum Decision: Sendable, Equatable {
        /// It goes into the segment that is open.
        case append
        /// It begins a new segment.
        case cut
        /// It goes nowhere: it can't be decoded, or comes too late.
        case drop
    }

    private let aim: Int64
    private let longest: Int64
    private let mostBytes: Int
    private var hasVideo: Bool
    /// No picture is written until a keyframe.
    private var awaitsKeyframe = true
    /// Something is missing before the next keyframe.
    private var isInterrupted = false
    private var firstSeen: Int64?
    private var lastVideo: Int64?
    private var lastAudio: Int64?
    /// Of the open segment.
    private var start: Int64?
    private var bytes = 0
    /// Where the latest packet ends.
    private var end: Int64 = 0

    /// Length of the segment that the last `cut` closed; 0 if it closed none.
    private(set) var closedDuration: Int64 = 0
    /// The segment that is open doesn't go on from the one before it.
    private(set) var isDiscontinuous = false

    /// When nothing came for longer than this it is a gap, and not a picture that seldom changes.
    static let gap: Int64 = 3_000_000
    /// Packets follow each other closer than this, mostly: who cuts so much before the end is in time.
    private static let slack: Int64 = 100_000

    /// Segments as long as `aim` where keyframes allow it, and never longer than `longest`; both in microseconds.
    init(aim: Int64, longest: Int64, hasVideo: Bool, mostBytes: Int = 16 << 20) {
        self.aim = aim
        self.longest = longest
        self.hasVideo = hasVideo
        self.mostBytes = mostBytes
    }

    /// Length of the segment that is open; 0 if none is.
    var openDuration: Int64 { start.map { length(since: $0, until: end) } ?? 0 }

    /// Something is missing before the next packet, or its parameters are others. After `losesPicture` the next picture
    /// is of use only if it is a keyframe.
    mutating func interrupt(hasVideo: Bool, losesPicture: Bool) {
        self.hasVideo = hasVideo
        isInterrupted = true
        if losesPicture { awaitsKeyframe = true }
    }

    /// What becomes of the packet. After `cut`, `closedDuration` tells of the segment that ended, and `isDiscontinuous` of
    /// the one that begins.
    mutating func decide(_ packet: EncodedPacket) -> Decision {
        let isVideo = packet.track == .video
        let time = packet.decodeTime
        let last = isVideo ? lastVideo : lastAudio
        // A transport stream counts ticks of 11 microseconds, and each packet of a track needs one of its own.
        if let last, time < last + 20 { return .drop }
        let isGap = start != nil && time - end > Self.gap
        if isGap { interrupt(hasVideo: hasVideo, losesPicture: true) }
        let decision = isVideo && awaitsKeyframe && !packet.isKeyframe ? .drop : place(packet, isGap: isGap)
        if isVideo { lastVideo = time } else { lastAudio = time }
        guard decision != .drop else { return .drop }

        if decision == .cut {
            closedDuration = start.map { length(since: $0, until: isGap ? end : time) } ?? 0
            isDiscontinuous = isInterrupted && start != nil
            start = time
            bytes = 0
            isInterrupted = false
        }
        if isVideo { awaitsKeyframe = false }
        bytes += packet.data.count
        // Of a picture it isn't known how long it stays: as long as the one before it.
        let duration = packet.duration > 0 ? packet.duration : last.map { min(time - $0, 100_000) } ?? 0
        end = max(end, time + duration)
        return decision
    }

    /// A picture that stood for seconds at the end isn't told of in full.
    private func length(since start: Int64, until end: Int64) -> Int64 { min(max(0, end - start), longest) }

    private mutating func place(_ packet: EncodedPacket, isGap: Bool) -> Decision {
        let time = packet.decodeTime
        guard let start else {
            // Sound is a little earlier than the first picture.
            let seen = firstSeen ?? time
            firstSeen = seen
            return (packet.track == .video || !hasVideo || time - seen >= aim) ? .cut : .drop
        }
        if isGap { return .cut }
        let length = time - start
        guard hasVideo else { return isInterrupted || length >= aim ? .cut : .append }
        if packet.track == .video && packet.isKeyframe {
            // They are asked for, and come a little sooner or later than that.
            return isInterrupted || length >= aim - aim / 10 ? .cut : .append
        }
        guard length >= longest - Self.slack || bytes >= mostBytes else { return .append }
        if isInterrupted || time - (lastVideo ?? start) >= aim { awaitsKeyframe = true }
        return awaitsKeyframe && packet.track == .video ? .drop : .cut
    }
}
