/// What GET /api/stream/status tells.
public struct StreamStatus: Sendable, Equatable {
    /// The stream is on air.
    public var active: Bool
    /// The stream asked for.
    public var streamName: StreamName
    /// The name of the ladder's rung that is nearest in height; nil before the size is known, or without a ladder.
    public var quality: String?
    /// What the broadcaster sends, mean of the last 10 s.
    public var bitrateKbps: Int
    /// Mean of the last 10 s, rounded.
    public var fps: Int
    /// `854x480`; nil before it is known.
    public var resolution: String?
    /// Watching now.
    public var viewers: Int
    /// Since it went on air.
    public var uptimeSeconds: Int
    /// To viewers, since it went on air.
    public var bytesSent: Int64
    /// A browser's picture arrives, and the agent can't pass it on.
    public var isOutputLost: Bool
    /// A browser's picture arrives, and lacks what a player needs to begin.
    public var hasNoPicture: Bool

    /// Of a stream that is off air.
    public init(offAir stream: StreamName) {
        active = false
        streamName = stream
        bitrateKbps = 0
        fps = 0
        viewers = 0
        uptimeSeconds = 0
        bytesSent = 0
        isOutputLost = false
        hasNoPicture = false
    }

    /// Of a stream on air.
    init(_ broadcast: Broadcast, viewers: StreamViewers, ladder: [LadderQuality], now: UnixMilliseconds) {
        let facts = broadcast.facts
        active = true
        streamName = broadcast.stream
        let nearest = ladder.min { abs($0.height - facts.height) < abs($1.height - facts.height) }
        quality = facts.height > 0 ? nearest?.name : nil
        bitrateKbps = Int((broadcast.bytesPerSecond * 8 / 1000).rounded())
        fps = Int(broadcast.framesPerSecond.rounded())
        resolution = facts.width > 0 && facts.height > 0 ? "\(facts.width)x\(facts.height)" : nil
        self.viewers = viewers.now
        uptimeSeconds = Int(max(0, now - broadcast.startedAt) / 1000)
        bytesSent = viewers.bytesSent
        isOutputLost = facts.isOutputLost
        hasNoPicture = facts.hasNoPicture
    }
}

/// What GET /api/streams tells of each.
public struct StreamDetails: Sendable, Equatable {
    /// The same as the status of one.
    public var status: StreamStatus
    /// How it comes in.
    public var source: StreamSource
    /// `none` without video, or before it is known.
    public var videoCodec: VideoCodec
    /// `none` without audio, or before it is known.
    public var audioCodec: AudioCodec
    /// Most viewers at once since it went on air.
    public var peakViewers: Int
    /// When it went on air, in seconds.
    public var startedAt: Int64
    /// In its master playlist.
    public var renditions: [String]
}

/// The viewers of one stream, since it went on air.
public struct StreamViewers: Sendable, Equatable {
    /// Watching now.
    public var now: Int
    /// Most at once.
    public var peak: Int
    /// Sent to them.
    public var bytesSent: Int64

    /// Nobody yet, unless told.
    public init(now: Int = 0, peak: Int = 0, bytesSent: Int64 = 0) {
        self.now = now
        self.peak = peak
        self.bytesSent = bytesSent
    }
}
