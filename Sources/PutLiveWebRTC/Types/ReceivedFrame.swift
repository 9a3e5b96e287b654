/// What came of the packets: one picture, or one packet of sound.
public struct ReceivedFrame: Sendable, Equatable {
    /// What it is encoded with.
    public var codec: PayloadCodec
    /// Microseconds on the session's timeline, which sound and picture share; never goes back within a track.
    public var presentationTime: Int64
    /// A decoder can begin here. True for all sound.
    public var isKeyframe: Bool
    /// Something before it, of the same track, is lost.
    public var followsLoss: Bool
    /// H.264: the NAL units of one access unit, SPS and PPS among them, each after its length in 4 bytes, big-endian.
    /// VP8: one frame. Opus: one packet (RFC 6716).
    public var data: [UInt8]

    /// All fields.
    public init(codec: PayloadCodec, presentationTime: Int64, isKeyframe: Bool, followsLoss: Bool, data: [UInt8]) {
        self.codec = codec
        self.presentationTime = presentationTime
        self.isKeyframe = isKeyframe
        self.followsLoss = followsLoss
        self.data = data
    }

    /// Sound or picture.
    public var kind: MediaKind { codec == .opus ? .audio : .video }
}
