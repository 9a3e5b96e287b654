/// Shows the last keyframe again while sound goes on and no picture comes: the camera was switched off, or unplugged.
/// Players that were promised a picture wait for it, and stop the sound, too. A state machine: no clock, all times are
/// microseconds of the broadcaster's timeline.
///
/// When both stop, as with a network that is gone, nothing is shown again: there is nothing to wait for.
struct StillPicture {
    /// So long no picture comes until the last keyframe is shown again. A screen that stands still sends one a second.
    static let patience: Int64 = 2_000_000
    /// From then on once in so long.
    static let interval: Int64 = 1_000_000
    /// When no sound came for so long, both have paused (silence that isn't sent has a packet each 0.4 s). The picture may
    /// then come back a little later than the sound.
    static let pause: Int64 = 1_000_000
    static let patienceAfterPause: Int64 = 500_000
    /// A picture lasts for this long if it is the last of a segment. Where a segment is cut at the first repetition, two of
    /// these before it close the gap: hls.js plays a segment only as far as its pictures last.
    static let frame: Int64 = 40_000
    /// Larger keyframes aren't kept.
    static let mostBytes = 1 << 20

    private var keyframe: [UInt8]?
    /// The last sound.
    private var sound: Int64?
    /// How far the sound was ahead when the last picture came, which is some delay of the camera.
    private var lead: Int64 = 0
    /// The time of sound at which the keyframe is due.
    private var next = Int64.max
    /// It was shown again since the last picture.
    private var isShown = false

    /// Takes in a picture that is written.
    mutating func take(_ picture: EncodedPacket) {
        if picture.isKeyframe { keyframe = picture.data.count <= Self.mostBytes ? picture.data : nil }
        isShown = false
        lead = sound.map { max(0, $0 - picture.presentationTime) } ?? 0
        next = picture.presentationTime + lead + Self.patience
    }

    /// Takes in sound; answers the keyframe if it is due, in time with the pictures before. The first time it comes twice
    /// before, as pictures that nothing is to begin with.
    mutating func repetitions(at time: Int64) -> [EncodedPacket] {
        guard let keyframe else {
            sound = time
            return []
        }
        if sound.map({ time - $0 > Self.pause }) ?? true { next = max(next, time + Self.patienceAfterPause) }
        sound = time
        guard time >= next else { return [] }
        next = time + Self.interval
        let before: [Int64] = isShown ? [] : [2 * Self.frame, Self.frame]
        isShown = true
        return (before + [0]).map { early in
            EncodedPacket(
                track: .video, presentationTime: time - lead - early, isKeyframe: early == 0, data: keyframe)
        }
    }
}
