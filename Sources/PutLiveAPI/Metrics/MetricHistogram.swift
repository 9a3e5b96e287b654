import Metrics
import Synchronization

/// A series of a histogram. An observation is an atomic addition to its bucket, and one to the sum.
///
/// Unchecked, for `counts` is a pointer: it never changes, what it points at is atomic and is only touched by atomic
/// operations, and `deinit` frees it when nobody has a reference any more.
public final class MetricHistogram: MetricSeries, RecorderHandler, TimerHandler, @unchecked Sendable {
    static let kind = MetricFamily.Kind.histogram

    let labelText: String
    /// Upper bounds of all buckets but the last, which has none.
    private let buckets: [Double]
    /// Observations in each bucket alone; a scrape adds them up.
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    /// The bits of a Double.
    private let sum = Atomic<UInt64>(0)

    init(family: MetricFamily, labelText: String) {
        self.labelText = labelText
        buckets = family.buckets
        counts = .allocate(capacity: buckets.count + 1)
        for index in 0...buckets.count {
            (counts + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        counts.deinitialize(count: buckets.count + 1)
        counts.deallocate()
    }

    /// Counts `value`. All histograms here are of durations: what is negative, as a clock that was set back makes it,
    /// counts as 0, and what isn't a finite number not at all.
    public func observe(_ value: Double) {
        guard value.isFinite else { return }
        var index = 0
        while index < buckets.count, value > buckets[index] { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        if value > 0 { sum.add(value) }
    }

    /// Counts a duration in seconds.
    public func observe(_ duration: Duration) {
        let parts = duration.components
        observe(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
    }

    /// Counts a value: swift-metrics calls this for a `Recorder`.
    public func record(_ value: Int64) {
        observe(Double(value))
    }

    /// Counts a value: swift-metrics calls this for a `Recorder`.
    public func record(_ value: Double) {
        observe(value)
    }

    /// Counts a duration in seconds: swift-metrics calls this for a `Timer`.
    public func recordNanoseconds(_ duration: Int64) {
        observe(Double(duration) / 1e9)
    }

    /// Observations so far.
    public var count: UInt64 {
        (0...buckets.count).reduce(0) { $0 &+ counts[$1].load(ordering: .relaxed) }
    }

    /// The count is that of the last bucket, so both are equal whatever happens at the same time.
    func write(to text: inout ExpositionText, family: MetricFamily) {
        guard family.startsAtZero || count > 0 else { return }
        var total: UInt64 = 0
        for index in 0...buckets.count {
            total &+= counts[index].load(ordering: .relaxed)
            text.sample(
                family.name, suffix: "_bucket", labels: labelText,
                bound: index < family.bounds.count ? family.bounds[index] : "+Inf")
            text.end(total)
        }
        text.sample(family.name, suffix: "_sum", labels: labelText)
        text.end(Double(bitPattern: sum.load(ordering: .relaxed)))
        text.sample(family.name, suffix: "_count", labels: labelText)
        text.end(total)
    }
}
