/// A metric family of docs/metrics.md: a name with a type, and the labels that tell its series apart.
public struct MetricFamily: Sendable {
    /// What a family's samples are.
    public enum Kind: String, Sendable {
        /// Only grows; its name ends in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Observations counted by size.
        case histogram
    }

    /// As Prometheus knows it.
    public let name: String
    /// What its samples are.
    public let kind: Kind
    /// In the order in which they are written.
    public let labels: [MetricLabel]
    /// One line for people.
    public let help: String
    /// Upper bounds of a histogram's buckets, rising; the bucket without a bound follows them unsaid.
    public let buckets: [Double]
    /// Whether the series whose label values are known beforehand exist from the start, as 0; where not, a series has no
    /// sample until it is used.
    let startsAtZero: Bool
    /// What has to be switched on for the family to have samples.
    private(set) var needs: MetricFeatures = []
    /// `buckets` as the label `le` has them: `0.5`, `1.0`, in both formats alike, so that a change of format doesn't
    /// make other series of them.
    let bounds: [String]

    private init(
        _ name: String, _ kind: Kind, _ help: String, _ labels: [MetricLabel], buckets: [Double] = [],
        startsAtZero: Bool
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        self.buckets = buckets
        self.startsAtZero = startsAtZero
        bounds = buckets.map(\.description)
    }

    static func counter(_ name: String, _ help: String, _ labels: [MetricLabel] = []) -> MetricFamily {
        MetricFamily(name, .counter, help, labels, startsAtZero: true)
    }

    /// A gauge is absent until it is set, unless it counts what is there now and so starts at 0.
    static func gauge(
        _ name: String, _ help: String, _ labels: [MetricLabel] = [], startsAtZero: Bool = false
    ) -> MetricFamily {
        MetricFamily(name, .gauge, help, labels, startsAtZero: startsAtZero)
    }

    static func histogram(
        _ name: String, _ help: String, _ labels: [MetricLabel] = [], buckets: [Double], startsAtZero: Bool = true
    ) -> MetricFamily {
        MetricFamily(name, .histogram, help, labels, buckets: buckets, startsAtZero: startsAtZero)
    }

    /// The same family, without samples where one of `features` is switched off.
    func needing(_ features: MetricFeatures) -> MetricFamily {
        var family = self
        family.needs.formUnion(features)
        return family
    }

    /// The name that OpenMetrics gives the family: a counter's samples alone end in `_total` there.
    var openMetricsName: Substring {
        kind == .counter && name.hasSuffix("_total") ? name.dropLast("_total".count) : name[...]
    }
}

// MARK: Series

extension MetricFamily {
    /// Values longer than this many bytes are cut: names of streams and routes are far shorter.
    private static let longestLabelValue = 256

    /// What stands between the braces of a sample, which is also what tells the series of a family apart.
    /// Nil unless `dimensions` has each label of the family once and nothing else.
    func labelText(_ dimensions: [(String, String)]) -> String? {
        guard dimensions.count == labels.count else { return nil }
        var text = ""
        for label in labels {
            guard let value = dimensions.first(where: { $0.0 == label.name })?.1 else { return nil }
            if !text.isEmpty { text += "," }
            text += label.name
            text += "=\""
            Self.appendEscaped(value, to: &text)
            text += "\""
        }
        return text
    }

    /// The value that a label has in a text made by `labelText(_:)`.
    func value(of label: String, in labelText: String) -> String? {
        var rest = labelText.unicodeScalars[...]
        for candidate in labels {
            // `,name="`, the first without the comma.
            guard let start = rest.firstIndex(of: "\"") else { return nil }
            rest = rest[start...].dropFirst()
            var value = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                guard scalar == "\\" else {
                    value.append(scalar)
                    continue
                }
                if let escaped = rest.popFirst() { value.append(escaped == "n" ? "\n" : escaped) }
            }
            if candidate.name == label { return String(value) }
        }
        return nil
    }

    private static func appendEscaped(_ value: String, to text: inout String) {
        let isPlain =
            value.utf8.count <= longestLabelValue
            && value.utf8.allSatisfy { byte in
                byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
            }
        guard !isPlain else {
            text += value
            return
        }
        // Prefix by scalars: a cut never leaves half of one.
        var bytes = 0
        for scalar in value.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= longestLabelValue else { return }
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Most series that the family may have; beyond it a label has values that nobody foresaw.
    func limit(_ settings: MetricSettings) -> Int {
        min(labels.reduce(1) { $0 * $1.limit(settings) }, 2_000)
    }

    /// The dimensions of each series that is known beforehand; none where a label's values aren't.
    func knownDimensions(_ settings: MetricSettings) -> [[(String, String)]] {
        var known: [[(String, String)]] = [[]]
        for label in labels {
            guard let values = label.knownValues(settings) else { return [] }
            known = known.flatMap { dimensions in values.map { dimensions + [(label.name, $0)] } }
            if label.name == MetricLabel.route.name {
                // A route has its own methods alone.
                known.removeAll { dimensions in
                    guard let method = dimensions.first(where: { $0.0 == MetricLabel.method.name })?.1,
                        let route = dimensions.last?.1
                    else { return false }
                    return !settings.routes.contains(MetricRoute(method: method, pattern: route))
                }
            }
        }
        return known
    }
}
