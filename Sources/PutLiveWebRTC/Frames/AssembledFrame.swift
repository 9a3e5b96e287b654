/// One picture, or one packet of sound, put together from its packets and not yet on the session's timeline.
public struct AssembledFrame: Sendable, Equatable {
    /// RTP timestamp of its packets.
    public var timestamp: UInt32
    /// A decoder can begin here. True for all sound.
    public var isKeyframe: Bool
    /// Something between the frame handed out before it and this one is lost.
    public var followsLoss: Bool
    /// Shaped as `ReceivedFrame.data` says.
    public var data: [UInt8]

    /// All fields.
    public init(timestamp: UInt32, isKeyframe: Bool, followsLoss: Bool, data: [UInt8]) {
        self.timestamp = timestamp
        self.isKeyframe = isKeyframe
        self.followsLoss = followsLoss
        self.data = data
    }
}
