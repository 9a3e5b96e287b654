import Metrics

/// swift-metrics over the registry: `MetricsSystem.bootstrap(registry)`. The family's row in the table says what a
/// handle is; the same labels give the same series, in whatever order they stand.
///
/// | swift-metrics | family | what it does |
/// |---|---|---|
/// | `Counter`, `FloatingPointCounter` | counter | adds |
/// | `Gauge`, `Meter` | gauge | sets; a Meter also adds and takes away |
/// | `Recorder` | histogram, gauge | counts by size, sets |
/// | `Timer` | histogram, gauge | counts seconds by size, sets seconds |
///
/// `destroy()` removes the series for all who hold it.
extension MetricsRegistry: MetricsFactory {
    /// The handler of a `Counter`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions: dimensions)
    }

    /// The handler of a `FloatingPointCounter`.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions: dimensions)
    }

    /// The handler of a `Meter`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions: dimensions)
    }

    /// The handler of a `Recorder` or a `Gauge`.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        kind(of: label) == .histogram
            ? histogram(label, dimensions: dimensions) : gauge(label, dimensions: dimensions)
    }

    /// The handler of a `Timer`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        kind(of: label) == .gauge ? gauge(label, dimensions: dimensions) : histogram(label, dimensions: dimensions)
    }

    /// Removes the series.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Removes the series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    /// Removes the series.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Removes the series.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Removes the series.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
