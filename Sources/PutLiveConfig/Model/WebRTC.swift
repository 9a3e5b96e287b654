/// Publishing from a browser.
public struct WebRTC: ConfigSection, Equatable {
    /// Let browsers publish; a 3.0 file and an edge have it off.
    public var enabled: Bool
    /// STUN and TURN servers that the browser is told of.
    public var iceServers: [ICEServer]
    /// Preset that the broadcast page starts with; one of `qualities`.
    public var defaultQuality: String
    /// The most that a browser is told to send.
    public var maxBitrate: BitRate
    /// UDP port of all browsers' media.
    public var udpPort: Int
    /// TCP port for browsers whose network drops UDP.
    public var tcpPort: Int

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value(
            "enabled", .bool, default: section.version != .v30 && section.role != .edge,
            "Let browsers publish; a 3.0 file and an edge have it off.")
        iceServers = section.list(
            "ice_servers", default: [], limit: 8, "STUN and TURN servers that the browser is told of.")
        defaultQuality = section.value(
            "default_quality", .qualityName, default: "480p",
            "Preset that the broadcast page starts with; one of `qualities`.")
        maxBitrate = section.value(
            "max_bitrate", .bitRate(.kilobits(100) ... .kilobits(50_000)), default: .kilobits(2500),
            "Most that a browser may send, and the ladder's upper bound.")
        udpPort = section.value("udp_port", .port, default: 8000, "UDP port of all browsers' media.")
        tcpPort = section.value("tcp_port", .port, default: 8000, "TCP port for browsers whose network drops UDP.")
    }
}

/// A STUN or TURN server.
public struct ICEServer: ConfigSection, Equatable {
    /// One URL of the server, or a list of them.
    public var urls: [String]
    /// Empty for none.
    public var username: String
    /// Password at a TURN server.
    public var credential: Secret?

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        urls = section.values(
            "urls", .iceURL, default: [], limit: 8, orOne: true, "One URL of the server, or a list of them.")
        username = section.value("username", .optional(.turnUserName), default: "", "User name at a TURN server.")
        credential = section.secret("credential", minimumLength: 1, needed: false, "Password at a TURN server.")
    }
}

/// Segments and playlists.
public struct HLS: ConfigSection {
    /// Length of a segment, and the interval at which keyframes are asked for.
    public var segmentDuration: Duration
    /// How much of a live stream its playlist holds.
    public var playlistWindow: Duration
    /// Remove the segments and playlists of ended streams.
    public var cleanupEnabled: Bool
    /// Where HLS is found: a link to the memory file system, a plain folder for role local.
    public var tmpfsPath: String
    /// Most memory that HLS may take.
    public var tmpfsMaxSize: ByteSize

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        segmentDuration = section.value(
            "segment_duration", .duration(.seconds(1) ... .seconds(10)), default: .seconds(2),
            "Length of a segment, and the interval at which keyframes are asked for.")
        playlistWindow = section.value(
            "playlist_window", .duration(.seconds(6) ... .seconds(600)), default: .seconds(30),
            "How much of a live stream its playlist holds.")
        cleanupEnabled = section.value(
            "cleanup_enabled", .bool, default: true, "Remove the segments and playlists of ended streams.")
        tmpfsPath = section.value(
            "tmpfs_path", .path, default: section.isLocal ? section.localPath("hls") : "/dev/shm/srs",
            "Where HLS is found: a link to the memory file system, a plain folder for role local.")
        tmpfsMaxSize = section.value(
            "tmpfs_max_size", .byteSize(.mebibytes(16) ... .gibibytes(64)), default: .mebibytes(500),
            "Most memory that HLS may take.")
    }
}
