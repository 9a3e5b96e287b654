/// What was watched in one step of a chart.
public struct ViewerPoint: Sendable, Equatable {
    /// The step's first second.
    public var time: UnixTime
    /// Mean number of viewers at once.
    public var viewers: Double
    /// Most viewers at once. Over several streams it is the sum of their peaks of one minute, so at most too high.
    public var peakViewers: Int
    /// Seconds watched, summed over the viewers.
    public var watchSeconds: Int
    /// Bytes sent to them.
    public var bytesSent: Int64

    /// All fields.
    public init(time: UnixTime, viewers: Double, peakViewers: Int, watchSeconds: Int, bytesSent: Int64) {
        self.time = time
        self.viewers = viewers
        self.peakViewers = peakViewers
        self.watchSeconds = watchSeconds
        self.bytesSent = bytesSent
    }
}

/// What was watched in a span of time.
public struct ViewerTotals: Sendable, Equatable {
    /// Most viewers at once, as in `ViewerPoint`.
    public var peakViewers: Int
    /// Seconds watched, summed over the viewers.
    public var watchSeconds: Int
    /// Bytes sent to them.
    public var bytesSent: Int64
    /// Viewers that began to watch.
    public var sessions: Int

    /// All fields.
    public init(peakViewers: Int, watchSeconds: Int, bytesSent: Int64, sessions: Int) {
        self.peakViewers = peakViewers
        self.watchSeconds = watchSeconds
        self.bytesSent = bytesSent
        self.sessions = sessions
    }
}

/// Time watched from one country.
public struct CountryTotal: Sendable, Equatable {
    /// ISO 3166-1 alpha-2, or `-` where it isn't known.
    public var country: String
    /// Seconds watched.
    public var watchSeconds: Int

    /// A country and the seconds watched from it.
    public init(country: String, watchSeconds: Int) {
        self.country = country
        self.watchSeconds = watchSeconds
    }
}
