/// Ingest, delivery and the quality ladder.
public struct Streaming: ConfigSection {
    /// What takes streams in and writes HLS.
    public enum Engine: String, Sendable, CaseIterable {
        /// SRS takes RTMP in and writes HLS.
        case srs
        /// The agent writes HLS itself: nothing else to install.
        case embedded
    }

    /// Media server: SRS, or the agent's own, which takes browsers only and is role local's default.
    public var engine: Engine
    /// Where SRS is installed from.
    public var srs: SRSPackage
    /// TCP port for OBS and other RTMP publishers.
    public var rtmpPort: Int
    /// nginx's second HTTPS port, which serves /live alone.
    public var hlsPort: Int
    /// Most streams on air at once.
    public var maxConcurrentStreams: Int
    /// Quality that playout uses; one of `qualities`.
    public var defaultQuality: String
    /// Publishing from a browser.
    public var webrtc: WebRTC
    /// Segments and playlists.
    public var hls: HLS
    /// Record every stream to `recording_path`.
    public var enableRecording: Bool
    /// Folder of the recordings; below the config's own folder for role local.
    public var recordingPath: String
    /// Age at which a recording is removed.
    public var recordingRetention: Duration
    /// The ladder: each enabled one is transcoded to. Default: 144p, 360p and 480p, with 720p disabled.
    public var qualities: [Quality]

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        engine = section.value(
            "engine", .oneOf, default: section.isLocal ? .embedded : .srs,
            "Media server: SRS, or the agent's own, which takes browsers only and is role local's default.")
        srs = section.section("srs", "Where SRS is installed from, which Debian doesn't package.")
        rtmpPort = section.value("rtmp_port", .port, default: 1935, "TCP port for OBS and other RTMP publishers.")
        hlsPort = section.value("hls_port", .port, default: 8080, "TCP port that serves /live alone, for players.")
        maxConcurrentStreams = section.value(
            "max_concurrent_streams", .int(1...100), default: 3, "Most streams on air at once.")
        defaultQuality = section.value(
            "default_quality", .qualityName, default: "480p", "Quality that playout uses; one of `qualities`.")
        webrtc = section.section("webrtc", "Publishing from a browser.")
        hls = section.section("hls", "Segments and playlists.")
        enableRecording = section.value(
            "enable_recording", .bool, default: false, "Record every stream to `recording_path`.")
        recordingPath = section.value(
            "recording_path", .path,
            default: section.isLocal ? section.localPath("recordings") : "/var/lib/putlive/recordings",
            "Folder of the recordings; below the config's own folder for role local.")
        recordingRetention = section.value(
            "recording_retention", .duration(.seconds(3600) ... .days(3650)), default: .days(7),
            "Age at which a recording is removed.")
        qualities = section.list(
            "qualities", default: Quality.standard, limit: 8,
            "The ladder: each enabled one is transcoded to. Default: 144p, 360p and 480p, with 720p disabled.")
    }

    /// The rungs that are transcoded to.
    public var ladder: [Quality] { qualities.filter(\.enabled) }
}

/// A rung of the ladder.
public struct Quality: ConfigSection {
    /// Name of the quality, as in <name>_480p.m3u8.
    public var name: String
    /// Size of the picture in pixels.
    public var resolution: Resolution
    /// Bit rate of the video.
    public var bitrate: BitRate
    /// Frames a second.
    public var fps: Int
    /// Bit rate of the audio.
    public var audioBitrate: BitRate
    /// Whether streams are transcoded to it.
    public var enabled: Bool

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        name = section.required("name", .qualityName, placeholder: "", "Name of the quality, as in <name>_480p.m3u8.")
        resolution = section.required(
            "resolution", .resolution, placeholder: Resolution(width: 2, height: 2), "Size of the picture in pixels.")
        bitrate = section.required(
            "bitrate", .bitRate(.kilobits(50) ... .kilobits(50_000)), placeholder: .kilobits(50),
            "Bit rate of the video.")
        fps = section.value("fps", .int(1...120, unit: "frames a second"), default: 30, "Frames a second.")
        audioBitrate = section.value(
            "audio_bitrate", .bitRate(.kilobits(16) ... .kilobits(512)), default: .kilobits(96),
            "Bit rate of the audio.")
        enabled = section.value("enabled", .bool, default: true, "Whether streams are transcoded to it.")
    }

    init(_ name: String, _ width: Int, _ height: Int, kilobits: Int, fps: Int, audio: Int, enabled: Bool = true) {
        self.name = name
        resolution = Resolution(width: width, height: height)
        bitrate = .kilobits(kilobits)
        self.fps = fps
        audioBitrate = .kilobits(audio)
        self.enabled = enabled
    }

    /// The ladder of a file that names none.
    public static let standard = [
        Quality("144p", 256, 144, kilobits: 200, fps: 15, audio: 32),
        Quality("360p", 640, 360, kilobits: 500, fps: 30, audio: 64),
        Quality("480p", 854, 480, kilobits: 1200, fps: 30, audio: 96),
        Quality("720p", 1280, 720, kilobits: 2500, fps: 30, audio: 128, enabled: false),
    ]
}
