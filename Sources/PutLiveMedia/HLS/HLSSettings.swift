/// Where and how a stream is written as HLS.
public struct HLSSettings: Sendable, Equatable {
    /// The folder of playlists and segments, `live/`. It must be there.
    public var liveFolder: String
    /// The stream's name. It becomes part of file names, so it must be checked before.
    public var stream: String
    /// Length of a segment that is aimed at.
    public var segmentSeconds: Double
    /// How much of a live stream its playlist holds.
    public var playlistWindowSeconds: Double

    /// All fields.
    public init(
        liveFolder: String, stream: String, segmentSeconds: Double = 2, playlistWindowSeconds: Double = 30
    ) {
        self.liveFolder = liveFolder
        self.stream = stream
        self.segmentSeconds = segmentSeconds
        self.playlistWindowSeconds = playlistWindowSeconds
    }

    /// The source as it came: what comes before `.m3u8` and `-<number>-<number>.ts`.
    var rendition: String { stream + "_src" }
    /// The length of a segment that is aimed at, in microseconds.
    var aim: Int64 { Int64(min(max(segmentSeconds, 0.5), 60) * 1_000_000) }
    /// EXT-X-TARGETDURATION, which must never change (RFC 8216, section 6.2.1): a second is left for keyframes that come
    /// late.
    var targetSeconds: Int64 { (aim + 999_999) / 1_000_000 + 1 }
    /// In microseconds.
    var window: Int64 { Int64(min(max(playlistWindowSeconds, 1), 3600) * 1_000_000) }
}
