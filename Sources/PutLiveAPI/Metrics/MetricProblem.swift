/// Why something that the agent counted goes nowhere. Each is told once, and is a fault of the program.
public enum MetricProblem: Sendable, Hashable {
    /// No family has this name.
    case unknownFamily(String)
    /// The family is of another type, such as a gauge where a counter was asked for.
    case otherKind(String)
    /// The labels aren't those of the family.
    case otherLabels(String)
    /// The family has as many series as it may have.
    case tooManySeries(String)

    /// The event of a log line.
    public var event: String {
        switch self {
        case .unknownFamily: "metric_unknown"
        case .otherKind: "metric_of_other_type"
        case .otherLabels: "metric_of_other_labels"
        case .tooManySeries: "metric_series_limit"
        }
    }

    /// The name that was asked for.
    public var family: String {
        switch self {
        case .unknownFamily(let name), .otherKind(let name), .otherLabels(let name), .tooManySeries(let name): name
        }
    }
}
