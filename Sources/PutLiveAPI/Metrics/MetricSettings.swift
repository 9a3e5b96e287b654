/// What the configuration decides about metrics; the executable fills it.
public struct MetricSettings: Sendable {
    /// `streaming.max_concurrent_streams`.
    public var maximumStreams: Int
    /// The enabled names of `streaming.qualities`; `src` isn't among them.
    public var qualities: [String]
    /// What the API answers, so that each route's counters start at 0.
    public var routes: [MetricRoute]
    /// What is switched on.
    public var features: MetricFeatures

    /// All fields.
    public init(
        maximumStreams: Int, qualities: [String], routes: [MetricRoute] = [], features: MetricFeatures
    ) {
        self.maximumStreams = maximumStreams
        self.qualities = qualities
        self.routes = routes
        self.features = features
    }
}

/// A route of the API, as the metrics name it.
public struct MetricRoute: Sendable, Hashable {
    /// In capitals, or `other`.
    public var method: String
    /// The pattern, such as `/api/users/{id}`, or `/live`, `/pages`, `other`.
    public var pattern: String

    /// A method and a pattern.
    public init(method: String, pattern: String) {
        self.method = method
        self.pattern = pattern
    }
}

/// Parts of the product that a configuration may switch off; their families then have no samples.
public struct MetricFeatures: OptionSet, Sendable {
    /// A bit for each feature.
    public let rawValue: UInt8

    /// The features whose bits are set.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `streaming.engine: srs`.
    public static let srs = MetricFeatures(rawValue: 1)
    /// Browsers can broadcast.
    public static let webRTC = MetricFeatures(rawValue: 2)
    /// The database is backed up from time to time.
    public static let backups = MetricFeatures(rawValue: 4)
    /// nginx serves TLS.
    public static let tls = MetricFeatures(rawValue: 8)
    /// The host is kept true to config.yaml.
    public static let reconcile = MetricFeatures(rawValue: 16)
    /// nginx tells the agent of HLS requests.
    public static let accessLog = MetricFeatures(rawValue: 32)
    /// All of them.
    public static let all = MetricFeatures(rawValue: 63)
}
