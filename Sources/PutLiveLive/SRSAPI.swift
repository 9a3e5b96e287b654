/// A stream in SRS's /api/v1/streams/: what is looked at of it.
public struct SRSStream: Sendable, Equatable, Decodable {
    /// Whether somebody publishes it, and by which connection.
    public struct Publish: Sendable, Equatable, Decodable {
        /// Somebody publishes it.
        public var active: Bool
        /// The publisher's connection.
        public var cid: String?
    }

    /// Of its video.
    public struct Video: Sendable, Equatable, Decodable {
        /// `H264`, `HEVC`, …
        public var codec: String?
        /// Of the picture, in pixels.
        public var width: Int?
        /// Of the picture, in pixels.
        public var height: Int?
    }

    /// Of its audio.
    public struct Audio: Sendable, Equatable, Decodable {
        /// `AAC`, `MP3`, …
        public var codec: String?
    }

    /// `/live/<name>` in the default vhost, else with the vhost in front.
    public var url: String
    /// Who publishes it.
    public var publish: Publish
    /// Nil without video, or before it is known.
    public var video: Video?
    /// Nil without audio, or before it is known.
    public var audio: Audio?
    /// Video frames that came. SRS counts them every few seconds.
    public var frames: Int64?
    /// Bytes that came. SRS counts them every few seconds.
    public var recv_bytes: Int64?

    /// Its name if it is one that people publish, not a transcoder.
    var published: StreamName? {
        guard url.hasPrefix("/live/") else { return nil }
        return StreamName(url.dropFirst("/live/".count))
    }

    /// In our terms, without the rates.
    var facts: StreamFacts {
        var facts = StreamFacts()
        if let video {
            facts.videoCodec = video.codec == "H264" ? .h264 : .other
            // A hostile encoder can say anything here.
            facts.width = min(max(0, video.width ?? 0), 16_384)
            facts.height = min(max(0, video.height ?? 0), 16_384)
        }
        if let audio {
            switch audio.codec {
            case "AAC": facts.audioCodec = .aac
            case "Opus": facts.audioCodec = .opus
            default: facts.audioCodec = .other
            }
        }
        return facts
    }
}

/// A connection in SRS's /api/v1/clients/.
public struct SRSConnection: Sendable, Equatable, Decodable {
    /// SRS's name for it.
    public var id: String
    /// The client's address.
    public var ip: String?
    /// It publishes.
    public var publish: Bool?
    /// Its age in seconds.
    public var alive: Double?
}

/// SRS itself, of /api/v1/summaries.
public struct SRSSummary: Sendable, Equatable, Decodable {
    /// Its version, such as `6.0.157`.
    public var version: String?
    /// Its process.
    public var pid: Int?
    /// Resident, in KiB.
    public var mem_kbyte: Int64?
    /// Its age in seconds.
    public var srs_uptime: Int64?
}

/// All that one poll of SRS's API brings.
public struct SRSPoll: Sendable, Equatable {
    /// SRS itself.
    public var summary: SRSSummary
    /// All streams, those of the ladder among them.
    public var streams: [SRSStream]
    /// All connections.
    public var clients: [SRSConnection]

    /// Of its parts.
    public init(summary: SRSSummary, streams: [SRSStream], clients: [SRSConnection]) {
        self.summary = summary
        self.streams = streams
        self.clients = clients
    }
}
