/// How many frames or packets were dropped.
public struct DroppedCount: Sendable, Equatable {
    /// Pictures.
    public var video = 0
    /// Packets of sound.
    public var audio = 0

    /// None.
    public init() {}

    /// One more.
    mutating func count(_ track: MediaTrack) {
        if track == .video { video += 1 } else { audio += 1 }
    }

    /// Of both kinds.
    public var isEmpty: Bool { video == 0 && audio == 0 }
}
