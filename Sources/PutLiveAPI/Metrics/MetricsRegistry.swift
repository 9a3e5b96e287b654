import Metrics
import Synchronization

/// Every series of the agent, by the families of a table: `MetricTable`, which is docs/metrics.md. A handle is looked up once
/// and kept; using it takes no lock.
///
/// What doesn't fit the table is told to `onProblem` once and counted nowhere: the handle works, and no scrape shows it.
/// The same goes, silently, for families of features that are switched off.
public final class MetricsRegistry: Sendable {
    /// A family, and its series in the order of their labels.
    private struct Shelf {
        let family: MetricFamily
        let limit: Int
        let isEnabled: Bool
        var series: [any MetricSeries] = []

        /// Where series of these labels are, or would be.
        func position(of labelText: String) -> (index: Int, isFound: Bool) {
            var low = 0
            var high = series.count
            while low < high {
                let middle = (low + high) / 2
                if series[middle].labelText < labelText {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return (low, low < series.count && series[low].labelText == labelText)
        }
    }

    private struct State {
        var shelves: [Shelf]
        var collectors: [@Sendable () -> Void] = []
        var told: Set<MetricProblem> = []
        /// So that a scrape needs one allocation.
        var lastSize = 32_768
    }

    /// Names of families that don't exist may be made up without end.
    private static let mostProblemsTold = 100

    private let indices: [String: Int]
    private let state: Mutex<State>
    private let onProblem: @Sendable (MetricProblem) -> Void
    /// Series that found no place in their family.
    private let dropped = Atomic<UInt64>(0)
    /// Where handles point whose values go nowhere.
    private let nowhere = (
        counter: MetricCounter(family: .counter("", ""), labelText: ""),
        gauge: MetricGauge(family: .gauge("", ""), labelText: ""),
        histogram: MetricHistogram(family: .histogram("", "", buckets: []), labelText: "")
    )

    /// A registry with the series that are known beforehand. `onProblem` is called outside of any lock and may log.
    public init(
        settings: MetricSettings, families: [MetricFamily] = MetricTable.families,
        onProblem: @escaping @Sendable (MetricProblem) -> Void = { _ in }
    ) {
        self.onProblem = onProblem
        var indices: [String: Int] = [:]
        var shelves: [Shelf] = []
        for family in families {
            indices[family.name] = shelves.count
            shelves.append(Self.shelf(of: family, settings))
        }
        self.indices = indices
        state = Mutex(State(shelves: shelves))
    }

    private static func shelf(of family: MetricFamily, _ settings: MetricSettings) -> Shelf {
        let isEnabled = settings.features.isSuperset(of: family.needs)
        var shelf = Shelf(family: family, limit: family.limit(settings), isEnabled: isEnabled)
        guard isEnabled, family.startsAtZero else { return shelf }
        for dimensions in family.knownDimensions(settings).prefix(shelf.limit) {
            guard let labelText = family.labelText(dimensions) else { continue }
            let series: any MetricSeries
            switch family.kind {
            case .counter: series = MetricCounter(family: family, labelText: labelText)
            case .histogram: series = MetricHistogram(family: family, labelText: labelText)
            case .gauge:
                let gauge = MetricGauge(family: family, labelText: labelText)
                gauge.set(0.0)
                series = gauge
            }
            shelf.series.insert(series, at: shelf.position(of: labelText).index)
        }
        return shelf
    }
}

// MARK: Handles

extension MetricsRegistry {
    /// The counter of these labels, which are in any order.
    public func counter(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> MetricCounter {
        counter(name, dimensions: labels.map { ($0.key, $0.value) })
    }

    /// The gauge of these labels, which are in any order.
    public func gauge(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> MetricGauge {
        gauge(name, dimensions: labels.map { ($0.key, $0.value) })
    }

    /// The histogram of these labels, which are in any order.
    public func histogram(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> MetricHistogram {
        histogram(name, dimensions: labels.map { ($0.key, $0.value) })
    }

    func counter(_ name: String, dimensions: [(String, String)]) -> MetricCounter {
        find(name, dimensions) ?? nowhere.counter
    }

    func gauge(_ name: String, dimensions: [(String, String)]) -> MetricGauge {
        find(name, dimensions) ?? nowhere.gauge
    }

    func histogram(_ name: String, dimensions: [(String, String)]) -> MetricHistogram {
        find(name, dimensions) ?? nowhere.histogram
    }

    func kind(of name: String) -> MetricFamily.Kind? {
        indices[name].map { index in state.withLock { $0.shelves[index].family.kind } }
    }

    /// Series that found no place in their family, and are counted nowhere.
    public var droppedSeries: UInt64 { dropped.load(ordering: .relaxed) }

    /// Nil where there is none and can't be one.
    private func find<Series: MetricSeries>(_ name: String, _ dimensions: [(String, String)]) -> Series? {
        guard let index = indices[name] else {
            tell(.unknownFamily(name))
            return nil
        }
        let (series, problem) = state.withLock { state -> (Series?, MetricProblem?) in
            let shelf = state.shelves[index]
            guard shelf.family.kind == Series.kind else { return (nil, .otherKind(name)) }
            guard let labelText = shelf.family.labelText(dimensions) else { return (nil, .otherLabels(name)) }
            guard shelf.isEnabled else { return (nil, nil) }
            let (position, isFound) = shelf.position(of: labelText)
            if isFound { return (shelf.series[position] as? Series, nil) }
            guard shelf.series.count < shelf.limit else { return (nil, .tooManySeries(name)) }
            let series = Series(family: shelf.family, labelText: labelText)
            state.shelves[index].series.insert(series, at: position)
            return (series, nil)
        }
        if case .tooManySeries = problem { dropped.wrappingAdd(1, ordering: .relaxed) }
        if let problem { tell(problem) }
        return series
    }

    func tell(_ problem: MetricProblem) {
        let isNew = state.withLock { state in
            state.told.count < Self.mostProblemsTold && state.told.insert(problem).inserted
        }
        if isNew { onProblem(problem) }
    }
}

// MARK: Series that come and go

extension MetricsRegistry {
    /// Sets the gauges of a family to just these: a series that isn't named any more, such as a stream that ended, is
    /// gone.
    public func replaceGauges(_ name: String, with samples: [(labels: [(String, String)], value: Double)]) {
        var kept: Set<String> = []
        for sample in samples {
            let series = gauge(name, dimensions: sample.labels)
            series.set(sample.value)
            kept.insert(series.labelText)
        }
        guard let index = indices[name] else { return }
        state.withLock { $0.shelves[index].series.removeAll { !kept.contains($0.labelText) } }
    }

    /// Removes the series of all families that have this label with this value: a stream that ended.
    public func removeSeries(label: String, value: String) {
        state.withLock { state in
            for index in state.shelves.indices {
                let family = state.shelves[index].family
                guard family.labels.contains(where: { $0.name == label }) else { continue }
                state.shelves[index].series.removeAll { family.value(of: label, in: $0.labelText) == value }
            }
        }
    }

    func remove(_ handler: AnyObject) {
        guard let series = handler as? any MetricSeries else { return }
        state.withLock { state in
            for index in state.shelves.indices where state.shelves[index].family.kind == type(of: series).kind {
                let (position, isFound) = state.shelves[index].position(of: series.labelText)
                if isFound, state.shelves[index].series[position] === series {
                    state.shelves[index].series.remove(at: position)
                    return
                }
            }
        }
    }
}

// MARK: Scraping

extension MetricsRegistry {
    /// Has `collect` called at the start of each scrape, to set what is read rather than counted. It must not wait, and
    /// may be called by two scrapes at once.
    public func onCollect(_ collect: @escaping @Sendable () -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// All families in the order of the table, their series in that of their labels.
    public func scrape(_ format: ExpositionFormat) -> [UInt8] {
        let collectors = state.withLock { $0.collectors }
        for collect in collectors { collect() }
        // Arrays are shared until somebody changes them, so the lock is held for a moment alone.
        let (shelves, size) = state.withLock { ($0.shelves, $0.lastSize) }
        var text = ExpositionText(format, capacity: size + size / 8)
        for shelf in shelves {
            text.head(shelf.family)
            for series in shelf.series { series.write(to: &text, family: shelf.family) }
        }
        text.finish()
        let bytes = text.bytes
        state.withLock { $0.lastSize = bytes.count }
        return bytes
    }
}
