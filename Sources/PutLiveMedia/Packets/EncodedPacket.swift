/// What an output writes: H.264 or AAC.
public struct EncodedPacket: Sendable, Equatable {
    /// Sound or picture.
    public var track: MediaTrack
    /// When it is shown, in microseconds.
    public var presentationTime: Int64
    /// When it is decoded, in microseconds: rises with every packet of a track. The two tracks are interleaved only
    /// roughly: a packet of sound may come after a picture that is shown later.
    public var decodeTime: Int64
    /// Microseconds; 0 if unknown.
    public var duration: Int64
    /// A decoder can begin here. True for all sound.
    public var isKeyframe: Bool
    /// H.264: an access unit without SPS and PPS, each NAL unit after its length in 4 bytes. AAC: a raw frame.
    public var data: [UInt8]

    /// All fields; decoded when it is shown, unless told.
    public init(
        track: MediaTrack, presentationTime: Int64, decodeTime: Int64? = nil, duration: Int64 = 0,
        isKeyframe: Bool = true, data: [UInt8]
    ) {
        self.track = track
        self.presentationTime = presentationTime
        self.decodeTime = decodeTime ?? presentationTime
        self.duration = duration
        self.isKeyframe = isKeyframe
        self.data = data
    }
}
