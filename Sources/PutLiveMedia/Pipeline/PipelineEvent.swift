/// What happens in a pipeline. Told on its own thread, in order; whoever is told must not take long.
public enum PipelineEvent: Sendable, Equatable {
    /// Nothing can be decoded from here on without a keyframe: the broadcaster is to be asked for one. It comes again
    /// with each frame that is of no use, so asking needs a limit of rate.
    case needsKeyframe
    /// What is sent is known, or another. Width and height are of the picture as it is written, in pixels; 0 without one.
    case format(width: Int, height: Int, video: MediaCodec?, audio: MediaCodec?)
    /// The output takes packets: the RTMP server has agreed, the files can be written.
    case outputConnected(OutputKind)
    /// The output doesn't take packets any more. If it `willRetry`, it goes on by itself when it can.
    case outputLost(OutputKind, reason: MediaError, willRetry: Bool)
    /// The output has taken its first packet.
    case firstPacketWritten(OutputKind)
    /// Frames were dropped since the outputs were too slow; it goes on with the next keyframe.
    case dropped(DroppedCount)
    /// A track can't be encoded, and is left out.
    case trackFailed(MediaTrack, MediaError)
}
