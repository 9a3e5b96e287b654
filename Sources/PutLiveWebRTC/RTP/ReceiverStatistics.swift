/// What is measured of a session's media. Counts only grow.
public struct ReceiverStatistics: Sendable, Equatable {
    /// Of one kind.
    public struct Track: Sendable, Equatable {
        /// RTP packets, repaired ones among them.
        public var packets = 0
        /// Bytes of their payload.
        public var payloadBytes = 0
        /// Packets that never came, or came too late.
        public var lost = 0
        /// Packets that came because they were asked for again.
        public var repaired = 0
        /// Packets thrown away since they came too late, or a second time.
        public var late = 0
        /// Packets thrown away since they weren't understood, or belong to no stream that was agreed on.
        public var malformed = 0
        /// Interarrival jitter (RFC 3550, section 6.4.1).
        public var jitterSeconds = 0.0
        /// Frames handed out.
        public var frames = 0
        /// Frames given up as incomplete.
        public var framesDropped = 0
        /// Keyframes of H.264 come, and none can be handed out for want of SPS and PPS.
        public var lacksParameterSets = false
    }

    /// Sound.
    public var audio = Track()
    /// The picture.
    public var video = Track()
    /// Packets of which not even the kind could be told.
    public var malformed = 0
    /// Packets asked for again.
    public var nacksSent = 0
    /// Keyframes asked for.
    public var plisSent = 0
    /// Nil until it could be measured.
    public var roundTripSeconds: Double?
    /// What came in the last second, in bits a second, headers of RTP included.
    public var estimatedBitrate = 0

    /// Nothing yet.
    public init() {}
}
