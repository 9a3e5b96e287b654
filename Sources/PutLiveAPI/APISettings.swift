import PutLiveStore

/// What the API needs to know of the host; the executable fills it from config.yaml. It stays as it is until a restart.
public struct APISettings: Sendable {
    /// Where to listen; 127.0.0.1 alone, for nginx or a laptop's browser.
    public var host = "127.0.0.1"
    /// 0 for any free port.
    public var port = 3000
    /// HS256 key of the tokens, at least 32 bytes.
    public var tokenKey: [UInt8]
    /// What SRS shows with each hook.
    public var hookSecret: String
    /// The server that OBS publishes to, such as `rtmp://stream.example.com/live`.
    public var rtmpServer: String
    /// The folder of the pages and openapi.json.
    public var webFolder: String
    /// The folder that holds `live/`, if the agent itself serves it (the embedded engine).
    public var hlsFolder: String?
    /// What /api/health tells.
    public var version: String
    /// What the broadcast page is told; nil if browsers don't broadcast here.
    public var webRTC: WebRTCSettings?
    /// Reading asks for a login; what changes something always does.
    public var requiresLogin = true
    /// Connections at once; more wait in the kernel's queue.
    public var maxConnections = 4096
    /// How long a client may take for a request's head, or be idle, in seconds.
    public var idleTimeout = 30

    /// The rest has defaults.
    public init(
        tokenKey: [UInt8], hookSecret: String, rtmpServer: String, webFolder: String, version: String
    ) {
        self.tokenKey = tokenKey
        self.hookSecret = hookSecret
        self.rtmpServer = rtmpServer
        self.webFolder = webFolder
        self.version = version
    }
}

/// The part of the config that a running agent takes over anew when it is told to reload.
public struct APIPolicy: Sendable, Equatable {
    /// Requests a minute and at once from one client; nil for no limit.
    public struct RateLimit: Sendable, Equatable {
        /// For ever.
        public var requestsPerMinute: Int
        /// At once.
        public var burst: Int

        /// Both.
        public init(requestsPerMinute: Int, burst: Int) {
            self.requestsPerMinute = requestsPerMinute
            self.burst = burst
        }
    }

    /// For /api, but health and SRS's hooks.
    public var rateLimit: RateLimit?
    /// Other sites whose pages may call the API, such as `https://www.example.com`.
    public var allowedOrigins: Set<String>
    /// How long a token counts, in seconds.
    public var tokenLifetime: Int64
    /// Send HSTS over HTTPS, while the certificate that nginx shows is one that browsers trust.
    public var strictTransportSecurity: Bool

    /// All of it.
    public init(
        rateLimit: RateLimit?, allowedOrigins: Set<String> = [], tokenLifetime: Int64 = 86400,
        strictTransportSecurity: Bool = false
    ) {
        self.rateLimit = rateLimit
        self.allowedOrigins = allowedOrigins
        self.tokenLifetime = tokenLifetime
        self.strictTransportSecurity = strictTransportSecurity
    }
}
