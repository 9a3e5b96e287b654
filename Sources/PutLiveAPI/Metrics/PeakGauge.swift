import Synchronization

/// A gauge of the largest value since the last scrape, such as the lag of the event loops. Recording is one atomic
/// operation.
public final class PeakGauge: Sendable {
    /// The bits of a Double that isn't negative, which are ordered as the numbers are.
    private let peak = Atomic<UInt64>(0)

    /// Shows the largest value as the gauge `name`, from 0 anew after each scrape.
    public init(_ name: String, in registry: MetricsRegistry) {
        let gauge = registry.gauge(name)
        registry.onCollect { [weak self] in
            guard let self else { return }
            gauge.set(Double(bitPattern: peak.exchange(0, ordering: .relaxed)))
        }
    }

    /// Takes note of a value; what is negative or not a finite number is left out.
    public func record(_ value: Double) {
        guard value > 0, value.isFinite else { return }
        peak.max(value.bitPattern, ordering: .relaxed)
    }
}
