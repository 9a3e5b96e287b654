/// One series of a family: what a handle points at and a scrape reads.
protocol MetricSeries: AnyObject, Sendable {
    static var kind: MetricFamily.Kind { get }
    /// What stands between the braces of its samples.
    var labelText: String { get }

    init(family: MetricFamily, labelText: String)

    func write(to text: inout ExpositionText, family: MetricFamily)
}
