import Metrics
import Synchronization
import Testing

@testable import PutLiveAPI

private let families: [MetricFamily] = [
    .counter("plain_total", "A counter."),
    .counter("labelled_total", "A counter.", [.source, .media]),
    .counter("routed_total", "A counter.", [.method, .route, .httpStatus]),
    .gauge("idle", "A gauge."),
    .gauge("present", "A gauge.", [.state("on", "off")], startsAtZero: true),
    .gauge("by_stream", "A gauge.", [.stream, .quality]),
    .histogram("size", "A histogram.", [.kind("a")], buckets: [1, 2]),
    .histogram("late", "A histogram.", [.route], buckets: [1], startsAtZero: false),
    .counter("optional_total", "A counter.").needing(.srs),
]

/// Problems that a registry told of.
private final class Problems: Sendable {
    private let all = Mutex<[MetricProblem]>([])

    func append(_ problem: MetricProblem) { all.withLock { $0.append(problem) } }
    var list: [MetricProblem] { all.withLock { $0 } }
}

private func registry(
    streams: Int = 1, features: MetricFeatures = .all, routes: [MetricRoute] = [], problems: Problems = Problems()
) -> MetricsRegistry {
    MetricsRegistry(
        settings: MetricSettings(
            maximumStreams: streams, qualities: ["480p"], routes: routes, features: features),
        families: families, onProblem: problems.append)
}

extension MetricsRegistry {
    /// The samples of a family, as they are scraped.
    fileprivate func samples(_ family: String) -> [String] {
        String(decoding: scrape(.text), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(family) }
    }
}

@Suite struct MetricsRegistryTests {
    @Test func whatIsKnownBeforehandStartsAtZero() {
        let registry = registry(routes: [
            MetricRoute(method: "GET", pattern: "/a"), MetricRoute(method: "POST", pattern: "/a"),
            MetricRoute(method: "GET", pattern: "other"),
        ])
        #expect(registry.samples("plain_total") == ["plain_total 0"])
        #expect(
            registry.samples("labelled_total").first == #"labelled_total{source="playout",media="audio"} 0"#)
        #expect(registry.samples("labelled_total").count == 6)
        #expect(registry.samples("present") == [#"present{state="off"} 0"#, #"present{state="on"} 0"#])
        #expect(registry.samples("size").count == 5)
        // Each route with its own methods, and each of them with every status.
        #expect(registry.samples("routed_total").count == 3 * 4)
        #expect(registry.samples("routed_total").contains(#"routed_total{method="GET",route="other",status="5xx"} 0"#))
        for family in ["idle", "by_stream", "late"] { #expect(registry.samples(family).isEmpty) }
    }

    @Test func headsAreThereWhenIdle() {
        let text = String(decoding: registry(features: []).scrape(.text), as: UTF8.self)
        for family in families {
            #expect(
                text.contains("# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"))
        }
    }

    @Test func handleIsTheSameForTheSameLabels() {
        let registry = registry()
        let counter = registry.counter("labelled_total", ["source": "rtmp", "media": "video"])
        #expect(registry.counter("labelled_total", ["media": "video", "source": "rtmp"]) === counter)
        #expect(registry.counter("labelled_total", ["media": "audio", "source": "rtmp"]) !== counter)
        counter.increment()
        counter.increment(by: 2)
        counter.increment(by: Int64(3))
        counter.increment(by: -4)
        #expect(counter.value == 6)
        #expect(
            registry.samples("labelled_total").filter { !$0.hasSuffix(" 0") }
                == [#"labelled_total{source="rtmp",media="video"} 6"#])
        counter.reset()
        #expect(counter.value == 0)
    }

    @Test func counterTakesFractionsAndTotals() {
        let registry = registry()
        let counter = registry.counter("plain_total")
        counter.increment(by: 0.25)
        counter.increment(by: 0.5)
        for nothing in [-1, 0, .nan, .infinity] { counter.increment(by: Double(nothing)) }
        counter.increment()
        #expect(registry.samples("plain_total") == ["plain_total 1.75"])

        let total = registry.counter("optional_total")
        for value in [0.5, 2.5, 1.5, -1, .nan, .infinity] { total.raise(to: value) }
        #expect(total.value == 2.5)
    }

    @Test func gaugeIsAbsentUntilItIsSet() {
        let registry = registry()
        let gauge = registry.gauge("idle")
        #expect(gauge.value == nil)
        gauge.increment(by: 2)
        gauge.decrement()
        gauge.increment(by: .nan)
        gauge.decrement(by: .infinity)
        #expect(registry.samples("idle") == ["idle 1"])
        gauge.set(true)
        #expect(gauge.value == 1)
        gauge.set(7)
        #expect(gauge.value == 7)
        gauge.set(.nan)
        #expect(registry.samples("idle") == ["idle NaN"])
        gauge.clear()
        #expect(registry.samples("idle").isEmpty)
    }

    @Test func histogramWithoutUseIsAbsentWhereItDoesNotStartAtZero() {
        let registry = registry()
        let histogram = registry.histogram("late", ["route": "/a"])
        #expect(registry.samples("late").isEmpty)
        histogram.observe(.seconds(2))
        #expect(
            registry.samples("late") == [
                #"late_bucket{route="/a",le="1.0"} 0"#, #"late_bucket{route="/a",le="+Inf"} 1"#,
                #"late_sum{route="/a"} 2"#, #"late_count{route="/a"} 1"#,
            ])
    }

    @Test func eachProblemIsToldOnceAndTheHandleWorks() {
        let problems = Problems()
        let registry = registry(problems: problems)
        for _ in 0..<3 {
            registry.counter("missing_total").increment()
            registry.counter("idle").increment()
            registry.gauge("idle", ["source": "rtmp"]).set(1)
            registry.gauge("by_stream", ["stream": "a"]).set(1)
            registry.gauge("by_stream", ["stream": "a", "stream": "b"]).set(1)
            registry.histogram("plain_total").observe(1)
        }
        #expect(
            problems.list == [
                .unknownFamily("missing_total"), .otherKind("idle"), .otherLabels("idle"),
                .otherLabels("by_stream"), .otherKind("plain_total"),
            ])
        #expect(
            problems.list.map(\.event) == [
                "metric_unknown", "metric_of_other_type", "metric_of_other_labels", "metric_of_other_labels",
                "metric_of_other_type",
            ])
        #expect(problems.list.map(\.family) == ["missing_total", "idle", "idle", "by_stream", "plain_total"])
        #expect(registry.samples("idle").isEmpty)
        #expect(registry.samples("missing").isEmpty)
        #expect(registry.droppedSeries == 0)
    }

    @Test func madeUpNamesAreToldOfUpToALimit() {
        let problems = Problems()
        let registry = registry(problems: problems)
        for index in 0..<1_000 { registry.counter("missing_\(index)_total").increment() }
        #expect(problems.list.count == 100)
    }

    @Test func seriesBeyondTheLimitAreDropped() {
        let problems = Problems()
        let registry = registry(streams: 2, problems: problems)
        // Two streams, room for those that just ended, two qualities.
        for stream in 0..<10 {
            registry.gauge("by_stream", ["stream": "\(stream)", "quality": "src"]).set(1)
        }
        #expect(registry.samples("by_stream").count == 8)
        #expect(registry.droppedSeries == 2)
        #expect(problems.list == [.tooManySeries("by_stream")])
        #expect(problems.list.first?.event == "metric_series_limit")
        registry.removeSeries(label: "stream", value: "0")
        registry.gauge("by_stream", ["stream": "new", "quality": "src"]).set(5)
        #expect(registry.samples("by_stream").contains(#"by_stream{stream="new",quality="src"} 5"#))
    }

    @Test func whatIsSwitchedOffHasNoSamples() {
        let problems = Problems()
        let registry = registry(features: [.webRTC], problems: problems)
        registry.counter("optional_total").increment()
        #expect(registry.samples("optional_total").isEmpty)
        #expect(problems.list.isEmpty)
        #expect(self.registryWithSRS().samples("optional_total") == ["optional_total 0"])
    }

    private func registryWithSRS() -> MetricsRegistry { registry(features: [.srs]) }

    @Test func replacedGaugesAreJustThose() {
        let registry = registry(streams: 3)
        registry.gauge("by_stream", ["stream": "old", "quality": "src"]).set(1)
        registry.replaceGauges(
            "by_stream",
            with: [
                (labels: [("stream", "b"), ("quality", "src")], value: 2),
                (labels: [("quality", "src"), ("stream", "a")], value: 3),
            ])
        #expect(
            registry.samples("by_stream") == [
                #"by_stream{stream="a",quality="src"} 3"#, #"by_stream{stream="b",quality="src"} 2"#,
            ])
        registry.replaceGauges("by_stream", with: [])
        registry.replaceGauges("missing", with: [])
        #expect(registry.samples("by_stream").isEmpty)
    }

    @Test func endedStreamTakesItsSeriesAlone() {
        let registry = registry(streams: 8)
        for stream in ["a", "b", "\",stream=\"a", "\\\n"] {
            registry.gauge("by_stream", ["stream": stream, "quality": "src"]).set(1)
            registry.gauge("by_stream", ["stream": stream, "quality": "480p"]).set(1)
        }
        registry.removeSeries(label: "stream", value: "a")
        registry.removeSeries(label: "stream", value: "src")
        #expect(registry.samples("by_stream").count == 6)
        registry.removeSeries(label: "stream", value: "\\\n")
        #expect(registry.samples("by_stream").count == 4)
        registry.removeSeries(label: "quality", value: "src")
        #expect(registry.samples("by_stream").count == 2)
    }

    @Test func collectorsRunAtEachScrape() {
        let registry = registry()
        let gauge = registry.gauge("idle")
        registry.onCollect { gauge.increment() }
        #expect(registry.samples("idle") == ["idle 1"])
        #expect(registry.samples("idle") == ["idle 2"])
    }

    @Test func peakBeginsAnewAfterEachScrape() {
        let registry = registry()
        let peak = PeakGauge("idle", in: registry)
        for value in [0.25, 0.5, 0.125, -9, .nan, .infinity] { peak.record(value) }
        #expect(registry.samples("idle") == ["idle 0.5"])
        #expect(registry.samples("idle") == ["idle 0"])
    }

    // MARK: Concurrency

    @Test func nothingIsLostBetweenThreads() async {
        let registry = registry(streams: 100)
        let rounds = 2_000
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<rounds {
                        registry.counter("plain_total").increment()
                        registry.counter("labelled_total", ["source": "rtmp", "media": "video"]).increment(by: 0.5)
                        registry.histogram("size", ["kind": "a"]).observe(Double(round % 3) + 0.5)
                        registry.gauge("idle").increment(by: task % 2 == 0 ? 1 : -1)
                        if round % 500 == 0 {
                            registry.gauge("by_stream", ["stream": "\(task)-\(round)", "quality": "src"]).set(1)
                            _ = registry.scrape(.openMetrics)
                            registry.removeSeries(label: "stream", value: "\(task)-\(round)")
                        }
                    }
                }
            }
        }
        #expect(registry.samples("plain_total") == ["plain_total \(8 * rounds)"])
        #expect(
            registry.counter("labelled_total", ["source": "rtmp", "media": "video"]).value == Double(4 * rounds))
        #expect(registry.histogram("size", ["kind": "a"]).count == UInt64(8 * rounds))
        #expect(registry.gauge("idle").value == 0)
        #expect(registry.samples("by_stream").isEmpty)
    }
}

/// swift-metrics over the registry.
@Suite struct MetricsFacadeTests {
    private let problems = Problems()
    private let registry: MetricsRegistry

    init() {
        registry = PutLiveAPITests.registry(problems: problems)
    }

    @Test func countersAdd() {
        let dimensions = [("media", "audio"), ("source", "rtmp")]
        let counter = Counter(label: "labelled_total", dimensions: dimensions, factory: registry)
        counter.increment()
        Counter(label: "labelled_total", dimensions: dimensions.reversed(), factory: registry).increment(by: 2)
        FloatingPointCounter(label: "labelled_total", dimensions: dimensions, factory: registry).increment(by: 0.5)
        #expect(
            registry.samples("labelled_total{source=\"rtmp\",media=\"audio\"")
                == [#"labelled_total{source="rtmp",media="audio"} 3.5"#])
        counter.reset()
        #expect(registry.counter("labelled_total", ["media": "audio", "source": "rtmp"]).value == 0)
    }

    @Test func gaugesAndMetersSet() {
        Gauge(label: "idle", factory: registry).record(3)
        #expect(registry.gauge("idle").value == 3)
        Gauge(label: "idle", factory: registry).record(1.5)
        #expect(registry.gauge("idle").value == 1.5)
        let meter = Meter(label: "idle", factory: registry)
        meter.set(5)
        meter.increment(by: 2.0)
        meter.decrement()
        #expect(registry.gauge("idle").value == 6)
        meter.set(0.5)
        #expect(registry.gauge("idle").value == 0.5)
        Recorder(label: "idle", factory: registry).record(9)
        #expect(registry.gauge("idle").value == 9)
        Timer(label: "idle", factory: registry).recordMilliseconds(250)
        #expect(registry.gauge("idle").value == 0.25)
    }

    @Test func recordersAndTimersCountBySize() {
        let dimensions = [("kind", "a")]
        Recorder(label: "size", dimensions: dimensions, factory: registry).record(1)
        Recorder(label: "size", dimensions: dimensions, factory: registry).record(1.5)
        Gauge(label: "size", dimensions: dimensions, factory: registry).record(3)
        Timer(label: "size", dimensions: dimensions, factory: registry).recordMilliseconds(500)
        #expect(
            registry.samples("size") == [
                #"size_bucket{kind="a",le="1.0"} 2"#, #"size_bucket{kind="a",le="2.0"} 3"#,
                #"size_bucket{kind="a",le="+Inf"} 4"#, #"size_sum{kind="a"} 6"#, #"size_count{kind="a"} 4"#,
            ])
    }

    @Test func whatDoesNotFitGoesNowhere() {
        Counter(label: "idle", factory: registry).increment()
        Meter(label: "size", dimensions: [("kind", "a")], factory: registry).set(1)
        Timer(label: "hb_something", factory: registry).recordNanoseconds(1)
        Recorder(label: "hb_other", factory: registry).record(1)
        Counter(label: "hb_other", factory: registry).destroy()
        #expect(
            problems.list == [
                .otherKind("idle"), .otherKind("size"), .unknownFamily("hb_something"), .unknownFamily("hb_other"),
            ])
        #expect(registry.samples("hb").isEmpty)
    }

    @Test func destroyRemovesTheSeries() {
        let dimensions = [("stream", "a"), ("quality", "src")]
        let gauge = Gauge(label: "by_stream", dimensions: dimensions, factory: registry)
        gauge.record(1)
        let meter = Meter(label: "idle", factory: registry)
        meter.set(1)
        gauge.destroy()
        meter.destroy()
        Counter(label: "plain_total", factory: registry).destroy()
        FloatingPointCounter(
            label: "labelled_total", dimensions: [("source", "rtmp"), ("media", "audio")], factory: registry
        ).destroy()
        Timer(label: "size", dimensions: [("kind", "a")], factory: registry).destroy()
        #expect(registry.samples("by_stream").isEmpty)
        #expect(registry.samples("idle").isEmpty)
        #expect(registry.samples("plain_total").isEmpty)
        #expect(registry.samples("labelled_total").count == 5)
        #expect(registry.samples("size").isEmpty)

        // A handle of before doesn't take away what came after.
        Gauge(label: "by_stream", dimensions: dimensions, factory: registry).record(2)
        gauge.destroy()
        #expect(registry.samples("by_stream") == [#"by_stream{stream="a",quality="src"} 2"#])
    }

    @Test func handlerOfAnotherFactoryIsLeftAlone() {
        registry.destroyCounter(NOOPMetricsHandler.instance)
        #expect(registry.samples("plain_total") == ["plain_total 0"])
    }
}
