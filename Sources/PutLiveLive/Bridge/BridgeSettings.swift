import PutLiveMedia

/// What the bridge needs of the config. The executable fills it in.
public struct BridgeSettings: Sendable {
    /// Where a browser's stream goes.
    public enum Destination: Sendable, Equatable {
        /// A media server's RTMP port on this host; the agent's own secret is added to each URL.
        case rtmp(host: String, port: Int)
        /// HLS on disk, in the folder that holds `live/`.
        case hls(folder: String)
    }

    /// Where a browser's stream goes.
    public var destination: Destination
    /// Length of a segment that is aimed at.
    public var segmentSeconds: Double
    /// How much of a live stream its playlist holds.
    public var playlistWindowSeconds: Double
    /// The folder of recordings; nil for none, or where the media server records.
    public var recordingFolder: String?
    /// AAC's bit rate.
    public var audioKilobits: Int
    /// Most that is encoded anew, for a browser that can't send H.264.
    public var encoderKilobits: Int
    /// Cores of the machine: they bound what can be encoded anew.
    public var cores: Int
    /// `server.public_ip`; nil to find out.
    public var publicAddress: String?
    /// Ask EC2 for the public address: not where there can be none, for asking takes up to a second.
    public var asksEC2: Bool

    /// All fields. What isn't given has the product's default.
    public init(
        destination: Destination, segmentSeconds: Double = 2, playlistWindowSeconds: Double = 30,
        recordingFolder: String? = nil, audioKilobits: Int = 128, encoderKilobits: Int = 2500, cores: Int = 1,
        publicAddress: String? = nil, asksEC2: Bool = false
    ) {
        self.destination = destination
        self.segmentSeconds = segmentSeconds
        self.playlistWindowSeconds = playlistWindowSeconds
        self.recordingFolder = recordingFolder
        self.audioKilobits = audioKilobits
        self.encoderKilobits = encoderKilobits
        self.cores = cores
        self.publicAddress = publicAddress
        self.asksEC2 = asksEC2
    }
}
