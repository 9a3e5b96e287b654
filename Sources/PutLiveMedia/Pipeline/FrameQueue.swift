/// The frames that wait for a pipeline's thread: bounded, and dropping to the next keyframe when it is full.
struct FrameQueue {
    /// What it may hold: more than an output can take to time out.
    struct Limits {
        var bytes = 6 << 20
        var frames = 1500
        /// Microseconds from the first frame to the last.
        var span: Int64 = 8_000_000
    }

    private(set) var frames: [MediaFrame] = []
    private(set) var bytes = 0
    /// All that were ever dropped.
    private(set) var dropped = DroppedCount()
    private let limits: Limits
    /// A picture was dropped: the next must be a keyframe.
    private var awaitsKeyframe = false

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes a frame in, or drops it.
    mutating func append(_ frame: MediaFrame) {
        let isVideo = frame.track == .video
        let span = frames.first.map { frame.presentationTime - $0.presentationTime } ?? 0
        let isFull = frames.count >= limits.frames || bytes + frame.data.count > limits.bytes || span > limits.span
        guard !isFull, !isVideo || !awaitsKeyframe || frame.isKeyframe else {
            if isVideo { awaitsKeyframe = true }
            dropped.count(frame.track)
            return
        }
        var frame = frame
        if isVideo && awaitsKeyframe {
            awaitsKeyframe = false
            frame.followsLoss = true
        }
        bytes += frame.data.count
        frames.append(frame)
    }

    /// Swaps its frames for an empty array, whose memory it goes on with.
    mutating func take(_ empty: inout [MediaFrame]) {
        swap(&frames, &empty)
        bytes = 0
    }
}
