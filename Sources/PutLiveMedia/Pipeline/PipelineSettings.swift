/// What becomes of a broadcast.
public struct PipelineSettings: Sendable {
    /// The stream's name, for the thread and in file names. It must be checked before.
    public var name: String
    /// At least one.
    public var outputs: [OutputSettings]
    /// A track of pictures was agreed on.
    public var expectsVideo: Bool
    /// A track of sound was agreed on: next to a picture it is silence until it comes.
    public var expectsAudio: Bool
    /// Of AAC with two channels, in bits a second.
    public var audioBitRate: Int
    /// 2, or 1, which costs half the CPU: for a broadcaster whose answer doesn't say `stereo=1` (RFC 7587, section 6.1).
    public var audioChannels: Int
    /// How VP8 becomes H.264.
    public var transcoding: TranscodeSettings

    /// Both tracks and 128 kbit/s of sound, unless told.
    public init(
        name: String, outputs: [OutputSettings], expectsVideo: Bool = true, expectsAudio: Bool = true,
        audioBitRate: Int = 128_000, audioChannels: Int = 2, transcoding: TranscodeSettings = TranscodeSettings()
    ) {
        self.name = name
        self.outputs = outputs
        self.expectsVideo = expectsVideo
        self.expectsAudio = expectsAudio
        self.audioBitRate = audioBitRate
        self.audioChannels = audioChannels
        self.transcoding = transcoding
    }
}

/// Where a broadcast goes.
public enum OutputSettings: Sendable {
    /// Published to an RTMP server: `rtmp://host:port/app/stream?key=…`. The URL may carry a secret, and is never told.
    case rtmp(url: String)
    /// Written as HLS.
    case hls(HLSSettings)
    /// Written into a fragmented MP4 of this name.
    case recording(path: String)

    /// What it is.
    public var kind: OutputKind {
        switch self {
        case .rtmp: .rtmp
        case .hls: .hls
        case .recording: .recording
        }
    }
}

/// The kinds of outputs.
public enum OutputKind: String, Sendable, CaseIterable {
    // Their own names.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case rtmp, hls, recording
}
