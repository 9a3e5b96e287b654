/// What a receiver of media is told.
public struct ReceiverSettings: Sendable {
    /// Names us in RTCP.
    public var localSSRC: UInt32
    /// Names us in RTCP too (RFC 3550, section 6.5.1).
    public var cname: String
    /// Most that the peer may send, in bits a second.
    public var maxBitrate: Int
    /// Microseconds between keyframes, for segments are cut there.
    public var keyframeInterval: Int64

    /// All of them.
    public init(localSSRC: UInt32, cname: String, maxBitrate: Int, keyframeInterval: Int64) {
        self.localSSRC = localSSRC
        self.cname = cname
        self.maxBitrate = maxBitrate
        self.keyframeInterval = keyframeInterval
    }
}
