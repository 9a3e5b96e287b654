import Metrics
import Synchronization

/// A series of a counter. Adding a whole number is one atomic addition; keep the handle and don't look it up again.
public final class MetricCounter: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricFamily.Kind.counter

    let labelText: String
    private let whole = Atomic<UInt64>(0)
    /// The bits of a Double that isn't negative: what was added in fractions.
    private let fractions = Atomic<UInt64>(0)

    init(family: MetricFamily, labelText: String) {
        self.labelText = labelText
    }

    /// Adds 1.
    public func increment() {
        whole.wrappingAdd(1, ordering: .relaxed)
    }

    /// Adds `amount`; nothing where it is negative, for a counter never falls.
    public func increment(by amount: Int) {
        increment(by: Int64(amount))
    }

    /// Adds `amount`; nothing where it is negative, for a counter never falls.
    public func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    /// Adds `amount`; nothing where it is negative or not a finite number.
    public func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractions.add(amount)
    }

    /// Sets a total that is counted elsewhere, such as CPU time; a lower one than before changes nothing. A counter is
    /// either raised or incremented, never both.
    public func raise(to total: Double) {
        guard total > 0, total.isFinite else { return }
        // The bits of Doubles that aren't negative are ordered as the numbers are.
        fractions.max(total.bitPattern, ordering: .relaxed)
    }

    /// Back to 0, which Prometheus takes for a restart.
    public func reset() {
        whole.store(0, ordering: .relaxed)
        fractions.store(0, ordering: .relaxed)
    }

    /// The sum of all increments.
    public var value: Double {
        Double(whole.load(ordering: .relaxed)) + Double(bitPattern: fractions.load(ordering: .relaxed))
    }

    func write(to text: inout ExpositionText, family: MetricFamily) {
        let fraction = Double(bitPattern: fractions.load(ordering: .relaxed))
        let whole = whole.load(ordering: .relaxed)
        text.sample(family.name, labels: labelText)
        if fraction == 0 {
            text.end(whole)
        } else {
            text.end(Double(whole) + fraction)
        }
    }
}

extension Atomic where Value == UInt64 {
    /// Adds to the Double of these bits.
    func add(_ amount: Double) {
        var bits = load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: bits) + amount).bitPattern
            let (exchanged, original) = weakCompareExchange(expected: bits, desired: sum, ordering: .relaxed)
            if exchanged { return }
            bits = original
        }
    }
}
