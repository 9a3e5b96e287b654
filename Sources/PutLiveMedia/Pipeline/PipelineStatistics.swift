/// What a pipeline has done so far. Counts only rise.
public struct PipelineStatistics: Sendable, Equatable {
    /// Frames taken in.
    public var videoFrames = 0
    /// Keyframes among them.
    public var keyframes = 0
    /// Packets of sound taken in.
    public var audioFrames = 0
    /// Of both.
    public var receivedBytes = 0
    /// Packets of sound that couldn't be decoded.
    public var malformedAudioFrames = 0
    /// Between the last two keyframes, in microseconds; 0 before there are two.
    public var keyframeInterval: Int64 = 0
    /// Of the last frame taken in, in microseconds.
    public var lastPresentationTime: Int64 = 0
    /// Of the picture as it is written, in pixels; 0 without one.
    public var width = 0
    /// Of the picture as it is written, in pixels; 0 without one.
    public var height = 0
    /// Frames that were dropped because the pipeline was behind.
    public var dropped = DroppedCount()
    /// Frames that wait to be taken in.
    public var queueFrames = 0
    /// Of those.
    public var queueBytes = 0
    /// Of the RTMP output, if there is one.
    public var rtmp: RTMPStatistics?

    /// Nothing yet.
    public init() {}
}
