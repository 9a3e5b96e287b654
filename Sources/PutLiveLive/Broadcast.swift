/// How a stream comes in; the label `source` of metrics.
public enum StreamSource: String, Sendable, CaseIterable {
    /// From an encoder, such as OBS.
    case rtmp
    /// From a browser.
    case webrtc
    /// A stored video.
    case playout
}

/// How a publisher asks to come in; the label `protocol` of metrics.
public enum PublishProtocol: String, Sendable, CaseIterable {
    /// RTMP, by the hook of SRS.
    case rtmp
    /// WHIP (RFC 9725).
    case whip
    /// POST /api/webrtc/offer.
    case offer

    /// What a stream that comes in so is.
    public var source: StreamSource { self == .rtmp ? .rtmp : .webrtc }
}

/// Why a stream went off air; the label `reason` of metrics.
public enum EndReason: String, Sendable, CaseIterable {
    /// Its publisher stopped or left.
    case stopped
    /// The same publisher came again, by another connection.
    case replaced
    /// It wasn't there any more, and nobody had said so.
    case vanished
    /// The media server failed.
    case error

    /// Nobody said so: it only looked like the end, and the media server may have it still.
    var isGuess: Bool { self == .vanished || self == .error }
}

/// Who publishes.
public enum Publisher: Sendable, Equatable {
    /// The owner of a stream key.
    case key(id: String, userID: String)
    /// A user who logged in.
    case login(userID: String)
    /// This process: the bridge or the playout.
    case agent
    /// It was let in by an agent before this one.
    case unknown

    /// Whether this one may take the place of `other`: the same key, or the same login.
    func mayTakeOver(_ other: Publisher) -> Bool {
        switch (self, other) {
        case (.key(let one, _), .key(let two, _)): one == two
        case (.login(let one), .login(let two)): one == two
        default: false
        }
    }
}

/// A video codec, as metrics know it.
public enum VideoCodec: String, Sendable, CaseIterable {
    // The codecs' own names.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case h264, vp8
    /// No video.
    case none
    /// Something else.
    case other
}

/// An audio codec, as metrics know it.
public enum AudioCodec: String, Sendable, CaseIterable {
    // The codecs' own names.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case aac, opus
    /// No audio.
    case none
    /// Something else.
    case other
}

/// What is known of a stream as it comes in.
public struct StreamFacts: Sendable, Equatable {
    /// `none` until it is known.
    public var videoCodec: VideoCodec
    /// `none` until it is known.
    public var audioCodec: AudioCodec
    /// Of the picture, in pixels; 0 until it is known.
    public var width: Int
    /// Of the picture, in pixels; 0 until it is known.
    public var height: Int
    /// Mean of the last 10 s.
    public var framesPerSecond: Double
    /// Mean of the last 10 s.
    public var bytesPerSecond: Double
    /// It comes in, and the agent can't pass it on: the media server doesn't take it, or the files can't be written.
    public var isOutputLost: Bool
    /// A picture comes in, and nobody can be shown it: it has no keyframe, or no parameter sets.
    public var hasNoPicture: Bool

    /// Nothing known, unless told.
    public init(
        videoCodec: VideoCodec = .none, audioCodec: AudioCodec = .none, width: Int = 0, height: Int = 0,
        framesPerSecond: Double = 0, bytesPerSecond: Double = 0, isOutputLost: Bool = false,
        hasNoPicture: Bool = false
    ) {
        self.videoCodec = videoCodec
        self.audioCodec = audioCodec
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
        self.bytesPerSecond = bytesPerSecond
        self.isOutputLost = isOutputLost
        self.hasNoPicture = hasNoPicture
    }
}

/// What is in the folder of HLS of a stream.
public struct DeliveredStream: Sendable, Equatable {
    /// The qualities in its master playlist, in its order.
    public var renditions: [String] = []
    /// Of the source's segments; 0 before there are any.
    public var framesPerSecond = 0.0
    /// Of the source's last segment; 0 before there is any.
    public var bytesPerSecond = 0.0
}

/// A stream on air.
public struct Broadcast: Sendable, Equatable {
    /// Its name.
    public var stream: StreamName
    /// How it comes in.
    public var source: StreamSource
    /// Who publishes it.
    public var publisher: Publisher
    /// The publisher's connection: SRS's client id, or the bridge's own; nil before it is known.
    public var clientID: String?
    /// The publisher's address.
    public var address: String?
    /// When it went on air.
    public var startedAt: UnixMilliseconds
    /// What it consists of.
    public var facts = StreamFacts()
    /// The same publisher came again and waits for this connection to end.
    public var isBeingReplaced = false
    /// What viewers get of it.
    public var delivered = DeliveredStream()

    /// Of the video: as it comes in, or where the media server hasn't counted yet (SRS takes 20 s), as it goes out.
    public var framesPerSecond: Double { facts.framesPerSecond > 0 ? facts.framesPerSecond : delivered.framesPerSecond }
    /// As it comes in, or where the media server hasn't counted yet, as it goes out.
    public var bytesPerSecond: Double { facts.bytesPerSecond > 0 ? facts.bytesPerSecond : delivered.bytesPerSecond }

    /// A stream that goes on air now.
    public init(
        stream: StreamName, source: StreamSource, publisher: Publisher, clientID: String? = nil,
        address: String? = nil, startedAt: UnixMilliseconds
    ) {
        self.stream = stream
        self.source = source
        self.publisher = publisher
        self.clientID = clientID
        self.address = address
        self.startedAt = startedAt
    }
}
