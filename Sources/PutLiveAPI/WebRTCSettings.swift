/// What pages and WHIP clients are told about broadcasting from a browser.
public struct WebRTCSettings: Sendable {
    /// A STUN or TURN server.
    public struct ICEServer: Sendable {
        /// Such as `stun:stun.example.com:3478`.
        public var urls: [String]
        /// At a TURN server.
        public var username: String?
        /// At a TURN server.
        public var credential: String?

        /// All fields.
        public init(urls: [String], username: String? = nil, credential: String? = nil) {
            self.urls = urls
            self.username = username
            self.credential = credential
        }
    }

    /// A choice of picture size and bit rate.
    public struct Preset: Sendable {
        /// Such as `480p`.
        public var name: String
        /// Of the picture, in pixels.
        public var width: Int
        /// Of the picture, in pixels.
        public var height: Int
        /// Frames a second.
        public var fps: Int
        /// In kbit/s.
        public var videoKilobits: Int
        /// In kbit/s.
        public var audioKilobits: Int

        /// All fields.
        public init(name: String, width: Int, height: Int, fps: Int, videoKilobits: Int, audioKilobits: Int) {
            self.name = name
            self.width = width
            self.height = height
            self.fps = fps
            self.videoKilobits = videoKilobits
            self.audioKilobits = audioKilobits
        }
    }

    /// For the browser's side of ICE.
    public var iceServers: [ICEServer]
    /// The preset that the page starts with.
    public var defaultQuality: String
    /// Most that a browser sends.
    public var maxBitrateKilobits: Int
    /// Length of a segment, which viewers lag by.
    public var segmentSeconds: Double
    /// The choices, the smallest first.
    public var presets: [Preset]

    /// All fields.
    public init(
        iceServers: [ICEServer], defaultQuality: String, maxBitrateKilobits: Int, segmentSeconds: Double,
        presets: [Preset]
    ) {
        self.iceServers = iceServers
        self.defaultQuality = defaultQuality
        self.maxBitrateKilobits = maxBitrateKilobits
        self.segmentSeconds = segmentSeconds
        self.presets = presets
    }

    /// The values of `Link` that name the servers (RFC 9725, section 4.6).
    var links: [String] {
        iceServers.flatMap { server in
            server.urls.map { url in
                var link = "<\(url)>; rel=\"ice-server\""
                if let username = server.username, let credential = server.credential {
                    link += "; username=\(Self.quoted(username)); credential=\(Self.quoted(credential))"
                    link += "; credential-type=\"password\""
                }
                return link
            }
        }
    }

    /// RFC 9110, section 5.6.4.
    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}
