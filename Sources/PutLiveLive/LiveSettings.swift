/// A rung of the ladder: a rendition that a stream is transcoded to.
public struct LadderQuality: Sendable, Equatable {
    /// As in `<name>_480p.m3u8`.
    public var name: String
    /// Of the picture, in pixels.
    public var width: Int
    /// Of the picture, in pixels.
    public var height: Int
    /// Of the video, in kbit/s.
    public var videoKilobits: Int
    /// Frames a second.
    public var fps: Int
    /// Of the audio, in kbit/s.
    public var audioKilobits: Int
    /// Whether streams are transcoded to it.
    public var enabled: Bool

    /// All fields, as the config has them.
    public init(
        name: String, width: Int, height: Int, videoKilobits: Int, fps: Int, audioKilobits: Int, enabled: Bool = true
    ) {
        self.name = name
        self.width = width
        self.height = height
        self.videoKilobits = videoKilobits
        self.fps = fps
        self.audioKilobits = audioKilobits
        self.enabled = enabled
    }
}

/// What the live side needs of the config. The executable fills it in.
public struct LiveSettings: Sendable, Equatable {
    /// What takes streams in and writes HLS.
    public enum Engine: String, Sendable {
        /// SRS.
        case srs
        /// The agent itself.
        case embedded
    }

    /// Where SRS's HTTP API listens.
    public struct SRSAddress: Sendable, Equatable {
        /// An address of this host.
        public var host: String
        /// Its TCP port.
        public var port: Int

        /// `127.0.0.1:1985` unless told otherwise.
        public init(host: String = "127.0.0.1", port: Int = 1985) {
            self.host = host
            self.port = port
        }
    }

    /// What takes streams in and writes HLS.
    public var engine: Engine
    /// The folder that holds `live/`; links on the way to it are followed, those in it never.
    public var hlsFolder: String
    /// Most streams on air at once.
    public var maxConcurrentStreams: Int
    /// Length of a segment that is aimed at.
    public var segmentSeconds: Double
    /// How much of a live stream its playlist holds.
    public var playlistWindowSeconds: Double
    /// The rungs, the disabled ones among them: they name qualities.
    public var ladder: [LadderQuality]
    /// The rendition that players should start with; `src` or a rung's name.
    public var defaultQuality: String
    /// Whether the media of ended streams is removed.
    public var cleanupEnabled: Bool
    /// SRS's API; nil with the embedded engine.
    public var srsAPI: SRSAddress?
    /// SRS's vhost for transcoders.
    public var ladderVhost: String
    /// A viewer counts for as long as this after a request.
    public var viewerWindowSeconds: Int
    /// Time between two polls of SRS's API.
    public var pollInterval: Duration
    /// Where `ffmpeg-cleanup` leaves its count; nil for nowhere.
    public var cleanupReport: String?

    /// All fields. What isn't given has the product's default.
    public init(
        engine: Engine, hlsFolder: String, maxConcurrentStreams: Int = 3, segmentSeconds: Double = 2,
        playlistWindowSeconds: Double = 30, ladder: [LadderQuality] = [], defaultQuality: String = "src",
        cleanupEnabled: Bool = true, srsAPI: SRSAddress? = nil, ladderVhost: String = "ladder.local",
        viewerWindowSeconds: Int = 30, pollInterval: Duration = .seconds(2), cleanupReport: String? = nil
    ) {
        self.engine = engine
        self.hlsFolder = hlsFolder
        self.maxConcurrentStreams = maxConcurrentStreams
        self.segmentSeconds = segmentSeconds
        self.playlistWindowSeconds = playlistWindowSeconds
        self.ladder = ladder
        self.defaultQuality = defaultQuality
        self.cleanupEnabled = cleanupEnabled
        self.srsAPI = srsAPI
        self.ladderVhost = ladderVhost
        self.viewerWindowSeconds = viewerWindowSeconds
        self.pollInterval = pollInterval
        self.cleanupReport = cleanupReport
    }

    /// The rungs that streams are transcoded to; none with the embedded engine, which passes the source through.
    public var activeLadder: [LadderQuality] { engine == .srs ? ladder.filter(\.enabled) : [] }
    /// The folder of playlists and segments.
    public var liveFolder: String { hlsFolder + "/live" }
    /// How long a playlist may stay unchanged before its stream is taken for ended: long enough for an encoder that
    /// lost its connection to come back.
    public var resumeSeconds: Double { max(10, 4 * segmentSeconds) }
    /// How long the media of an ended stream stays, so that those who watch see its end. While a stream is on air, a
    /// segment that is older than this must be of no use any more: it was in the playlist for about a window, and is needed
    /// for another and its own length (RFC 8216, section 6.2.2), all of which late keyframes make longer.
    public var retentionSeconds: Double {
        max(60, 3 * playlistWindowSeconds, 2 * playlistWindowSeconds + 3 * segmentSeconds + 20)
    }
}
