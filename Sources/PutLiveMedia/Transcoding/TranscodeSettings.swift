/// What VP8 is turned into.
public struct TranscodeSettings: Sendable, Equatable {
    /// Of the longer side, in pixels; larger pictures are made smaller.
    public var maxWidth: Int
    /// Of the shorter side, in pixels.
    public var maxHeight: Int
    /// Frames a second; those that are too many are left out.
    public var maxFramesPerSecond: Int
    /// Of the video, in kbit/s: what is aimed at, and not exceeded for more than a second.
    public var videoKilobits: Int
    /// From keyframe to keyframe.
    public var keyframeSeconds: Double

    /// All fields.
    public init(
        maxWidth: Int = 1280, maxHeight: Int = 720, maxFramesPerSecond: Int = 30, videoKilobits: Int = 2500,
        keyframeSeconds: Double = 2
    ) {
        self.maxWidth = maxWidth
        self.maxHeight = maxHeight
        self.maxFramesPerSecond = maxFramesPerSecond
        self.videoKilobits = videoKilobits
        self.keyframeSeconds = keyframeSeconds
    }

    /// The size that a picture is encoded in: its own, unless that is too large, with the same shape. H.264 with 4:2:0
    /// has even sides only.
    func fitted(width: Int, height: Int) -> PictureSize {
        let isUpright = height > width
        let scale = min(
            1, Double(isUpright ? maxHeight : maxWidth) / Double(max(width, 1)),
            Double(isUpright ? maxWidth : maxHeight) / Double(max(height, 1)))
        // A little more, since 1920 * (720 / 1080) must not come out below 1280.
        let even = { (side: Int) in max(16, Int(Double(side) * scale / 2 + 0.001) * 2) }
        return PictureSize(width: even(width), height: even(height))
    }
}

/// In pixels.
struct PictureSize: Sendable, Equatable {
    var width: Int
    var height: Int

    /// Stretched to each other they look the same: within 2 %, which rounding to even sides may make.
    func hasShape(of other: PictureSize) -> Bool {
        let (one, two) = (width * other.height, other.width * height)
        return abs(one - two) * 50 <= max(one, two)
    }
}
