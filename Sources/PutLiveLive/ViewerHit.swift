/// What was asked for under /live; the label `kind` of metrics.
public enum HitKind: String, Sendable, CaseIterable {
    /// The master playlist.
    case master
    /// A rendition's.
    case playlist
    /// A segment.
    case segment
    /// Nothing that could be there.
    case other
}

/// One request under /live that was answered, as nginx or the agent's own handler tells it.
public struct ViewerHit: Sendable, Equatable {
    /// When it was answered.
    public var time: UnixMilliseconds
    /// The client's address.
    public var address: String
    /// The client's name for itself.
    public var userAgent: String
    /// What was asked for.
    public var kind: HitKind
    /// Whose it is; nil for `other`.
    public var stream: StreamName?
    /// The status code.
    public var status: Int
    /// Sent.
    public var bytes: Int64
    /// It took this long.
    public var seconds: Double
    /// ISO 3166-1 alpha-2, where it is known.
    public var country: String?

    /// Of a request's path, such as `/live/stream_src.m3u8`.
    public init(
        time: UnixMilliseconds, address: String, userAgent: String, path: some StringProtocol, status: Int,
        bytes: Int64, seconds: Double, country: String? = nil
    ) {
        self.time = time
        self.address = address
        self.userAgent = userAgent
        self.status = status
        self.bytes = bytes
        self.seconds = seconds
        self.country = country
        let name = path.hasPrefix("/live/") ? HLSFileName(path.dropFirst("/live/".count)) : nil
        stream = name?.stream
        kind =
            switch name {
            case .master: .master
            case .playlist: .playlist
            case .segment: .segment
            case .temporary, nil: .other
            }
    }

    /// The nginx of an edge, which asks for many viewers and logs them itself.
    static let edgeUserAgent = "putlive-edge"

    /// What was asked for was there.
    var isThere: Bool { status == 200 || status == 206 || status == 304 }

    /// Somebody watches: it was media, and there.
    var isWatching: Bool {
        isThere && (kind == .playlist || kind == .segment) && userAgent != Self.edgeUserAgent
    }
}
