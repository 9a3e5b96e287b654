/// Where the tracks' frames come together: on one timeline, waiting to be taken.
struct FrameSink {
    var timeline = MediaTimeline()
    /// Waiting to be taken.
    private(set) var frames: [ReceivedFrame] = []
    /// Fresh from a depacketizer; kept here for the sake of its memory.
    var assembled: [AssembledFrame] = []

    /// Puts what was assembled on the timeline. True if a keyframe is among it.
    mutating func place(_ codec: PayloadCodec, _ kind: MediaKind, arrival: MonotonicTime) -> Bool {
        var hasKeyframe = false
        for frame in assembled {
            hasKeyframe = hasKeyframe || frame.isKeyframe
            let time = timeline.presentationTime(of: kind, timestamp: frame.timestamp, arrival: arrival)
            frames.append(
                ReceivedFrame(
                    codec: codec, presentationTime: time, isKeyframe: frame.isKeyframe,
                    followsLoss: frame.followsLoss, data: frame.data))
        }
        assembled.removeAll(keepingCapacity: true)
        return hasKeyframe
    }

    /// The frames, which are forgotten here.
    mutating func take() -> [ReceivedFrame] {
        guard !frames.isEmpty else { return [] }
        defer { frames = [] }
        return frames
    }
}
