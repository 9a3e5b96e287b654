import Metrics
import Synchronization

/// A series of a gauge. It has no sample until it is set for the first time.
public final class MetricGauge: MetricSeries, RecorderHandler, MeterHandler, TimerHandler {
    static let kind = MetricFamily.Kind.gauge
    /// The bits of a NaN that no arithmetic gives: never set.
    private static let absent: UInt64 = 0x7ff8_0000_7075_746c

    let labelText: String
    private let bits = Atomic<UInt64>(absent)

    init(family: MetricFamily, labelText: String) {
        self.labelText = labelText
    }

    /// Sets the value.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Sets the value.
    public func set(_ value: Int64) {
        set(Double(value))
    }

    /// Sets the value.
    public func set(_ value: Int) {
        set(Double(value))
    }

    /// Sets 1 or 0.
    public func set(_ value: Bool) {
        set(value ? 1.0 : 0.0)
    }

    /// Adds `amount`, to 0 where the gauge was never set; nothing where it isn't a finite number.
    public func increment(by amount: Double = 1) {
        guard amount.isFinite else { return }
        _ = bits.compareExchange(expected: Self.absent, desired: 0, ordering: .relaxed)
        bits.add(amount)
    }

    /// Takes `amount` away, from 0 where the gauge was never set; nothing where it isn't a finite number.
    public func decrement(by amount: Double = 1) {
        increment(by: -amount)
    }

    /// As if it had never been set: no sample.
    public func clear() {
        bits.store(Self.absent, ordering: .relaxed)
    }

    /// The value; nil where there is no sample.
    public var value: Double? {
        let bits = bits.load(ordering: .relaxed)
        return bits == Self.absent ? nil : Double(bitPattern: bits)
    }

    /// Sets the value: swift-metrics calls this for its `Gauge`.
    public func record(_ value: Int64) {
        set(value)
    }

    /// Sets the value: swift-metrics calls this for its `Gauge`.
    public func record(_ value: Double) {
        set(value)
    }

    /// Sets the value in seconds: swift-metrics calls this for a `Timer`.
    public func recordNanoseconds(_ duration: Int64) {
        set(Double(duration) / 1e9)
    }

    func write(to text: inout ExpositionText, family: MetricFamily) {
        guard let value else { return }
        text.sample(family.name, labels: labelText)
        text.end(value)
    }
}
