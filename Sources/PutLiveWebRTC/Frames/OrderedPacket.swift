/// An RTP packet that the jitter buffer let go: in order of sequence numbers, once each, padding and header taken off.
public struct OrderedPacket: Sendable, Equatable {
    /// Of its RTP header.
    public var timestamp: UInt32
    /// The header's marker bit: with video, the last packet of a frame.
    public var marker: Bool
    /// Packets just before it are lost for good.
    public var followsGap: Bool
    /// What follows the header. Empty if the packet was only padding.
    public var payload: [UInt8]

    /// All fields.
    public init(timestamp: UInt32, marker: Bool, followsGap: Bool = false, payload: [UInt8]) {
        self.timestamp = timestamp
        self.marker = marker
        self.followsGap = followsGap
        self.payload = payload
    }
}
