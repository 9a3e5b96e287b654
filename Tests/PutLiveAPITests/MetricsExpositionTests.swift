import Testing

@testable import PutLiveAPI

private let families: [MetricFamily] = [
    .counter("jobs_total", #"Jobs "done", by \ and"# + "\nline."),
    .counter("hits_total", "Hits.", [.media]),
    .gauge("level", "Level.", [.stream]),
    .histogram("wait_seconds", "Wait.", buckets: [0.005, 1, 2.5]),
]

private func registry() -> MetricsRegistry {
    MetricsRegistry(
        settings: MetricSettings(maximumStreams: 4, qualities: [], features: .all), families: families)
}

private func scrape(_ registry: MetricsRegistry, _ format: ExpositionFormat) -> String {
    String(decoding: registry.scrape(format), as: UTF8.self)
}

/// Small numbers that are the same on every machine.
struct MetricsRandom: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// Text of what formats find hard.
    mutating func text(upTo length: Int) -> String {
        let scalars: [Unicode.Scalar] = [
            "\\", "\"", "\n", "\r", "\t", "\0", "\u{1f}", "\u{7f}", "{", "}", ",", "=", " ", "n", "u", "a", "Z", "9",
            "ü", "€", "\u{2028}", "\u{2029}", "\u{feff}", "😀", "\u{10ffff}", "\u{301}", "#",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            text.append(scalars[Int.random(in: scalars.indices, using: &self)])
        }
        return String(text)
    }
}

@Suite struct MetricsExpositionTests {
    @Test func textFormat() {
        let registry = registry()
        registry.counter("jobs_total").increment(by: 3)
        registry.counter("hits_total", ["media": "video"]).increment(by: 0.5)
        registry.gauge("level", ["stream": "b"]).set(-2.5)
        registry.gauge("level", ["stream": "a \"\\\n"]).set(.infinity)
        for value in [0.005, 0.006, 2.5, 99, -1, .nan] { registry.histogram("wait_seconds").observe(value) }
        #expect(
            scrape(registry, .text) == #"""
                # HELP jobs_total Jobs "done", by \\ and\nline.
                # TYPE jobs_total counter
                jobs_total 3
                # HELP hits_total Hits.
                # TYPE hits_total counter
                hits_total{media="audio"} 0
                hits_total{media="video"} 0.5
                # HELP level Level.
                # TYPE level gauge
                level{stream="a \"\\\n"} +Inf
                level{stream="b"} -2.5
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.005"} 2
                wait_seconds_bucket{le="1.0"} 3
                wait_seconds_bucket{le="2.5"} 4
                wait_seconds_bucket{le="+Inf"} 5
                wait_seconds_sum 101.511
                wait_seconds_count 5

                """#)
    }

    @Test func openMetrics() {
        let registry = registry()
        registry.counter("jobs_total").increment()
        registry.gauge("level", ["stream": "a"]).set(1e21)
        registry.histogram("wait_seconds").observe(0.25)
        #expect(
            scrape(registry, .openMetrics) == #"""
                # HELP jobs Jobs \"done\", by \\ and\nline.
                # TYPE jobs counter
                jobs_total 1
                # HELP hits Hits.
                # TYPE hits counter
                hits_total{media="audio"} 0
                hits_total{media="video"} 0
                # HELP level Level.
                # TYPE level gauge
                level{stream="a"} 1e+21
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.005"} 0
                wait_seconds_bucket{le="1.0"} 1
                wait_seconds_bucket{le="2.5"} 1
                wait_seconds_bucket{le="+Inf"} 1
                wait_seconds_sum 0.25
                wait_seconds_count 1
                # EOF

                """#)
    }

    @Test func numbers() {
        let spelled: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (1, "1"), (-17, "-17"), (0.1, "0.1"), (1e-7, "1e-07"), (.nan, "NaN"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (9_007_199_254_740_991, "9007199254740991"),
            (1.5e300, "1.5e+300"), (1_700_000_000.25, "1700000000.25"),
        ]
        for (value, expected) in spelled {
            var text = ExpositionText(.text, capacity: 16)
            text.end(value)
            #expect(String(decoding: text.bytes, as: UTF8.self) == expected + "\n")
        }
        var text = ExpositionText(.text, capacity: 16)
        text.end(UInt64.max)
        #expect(String(decoding: text.bytes, as: UTF8.self) == "18446744073709551615\n")
    }

    // MARK: Properties

    /// Takes the samples of a text apart again: name, labels, value.
    private static func parse(_ text: String) throws -> [(name: String, labels: [String: String], value: String)] {
        var samples: [(String, [String: String], String)] = []
        for line in text.unicodeScalars.split(separator: "\n") where line.first != "#" {
            var rest = line
            func take(until ends: Set<Unicode.Scalar>) -> String {
                let part = rest.prefix { !ends.contains($0) }
                rest = rest.dropFirst(part.count)
                return String(part)
            }
            let name = take(until: ["{", " "])
            var labels: [String: String] = [:]
            if rest.first == "{" {
                rest.removeFirst()
                while rest.first != "}" {
                    let label = take(until: ["="])
                    rest = rest.dropFirst(2)
                    var value = String.UnicodeScalarView()
                    while let scalar = rest.popFirst(), scalar != "\"" {
                        guard scalar == "\\" else {
                            value.append(scalar)
                            continue
                        }
                        let next = rest.popFirst()
                        let escaped = try #require(next)
                        #expect(["\\", "\"", "n"].contains(escaped))
                        value.append(escaped == "n" ? "\n" : escaped)
                    }
                    #expect(labels.updateValue(String(value), forKey: label) == nil)
                    if rest.first == "," { rest.removeFirst() }
                }
                rest.removeFirst()
            }
            #expect(rest.first == " ")
            rest = rest.dropFirst()
            samples.append((name, labels, String(rest)))
        }
        return samples
    }

    @Test func labelValuesComeBackAsTheyWere() throws {
        var random = MetricsRandom(state: 7)
        for _ in 0..<200 {
            let registry = registry()
            var expected: [String: String] = [:]
            for number in 0..<4 {
                let stream = random.text(upTo: 12)
                registry.gauge("level", ["stream": stream]).set(number)
                expected[stream] = "\(number)"
            }
            for format in ExpositionFormat.allCases {
                let samples = try Self.parse(scrape(registry, format)).filter { $0.name == "level" }
                #expect(samples.count == expected.count)
                for sample in samples { #expect(expected[try #require(sample.labels["stream"])] == sample.value) }
            }
            for stream in expected.keys { registry.removeSeries(label: "stream", value: stream) }
            #expect(try Self.parse(scrape(registry, .text)).allSatisfy { $0.name != "level" })
        }
    }

    @Test func longLabelValueIsCutBetweenScalars() throws {
        let registry = registry()
        registry.gauge("level", ["stream": String(repeating: "€", count: 100)]).set(1)
        let sample = try #require(try Self.parse(scrape(registry, .text)).first { $0.name == "level" })
        #expect(sample.labels["stream"] == String(repeating: "€", count: 85))
    }

    @Test func histogramsAddUp() throws {
        var random = MetricsRandom(state: 11)
        for _ in 0..<100 {
            let registry = registry()
            let values = (0..<Int.random(in: 0...50, using: &random)).map { _ in
                Double.random(in: 0...4, using: &random)
            }
            for value in values { registry.histogram("wait_seconds").observe(value) }
            let samples = try Self.parse(scrape(registry, .openMetrics)).filter { $0.name.hasPrefix("wait") }
            for sample in samples where sample.name == "wait_seconds_bucket" {
                let bound = try #require(sample.labels["le"])
                let limit = bound == "+Inf" ? Double.infinity : try #require(Double(bound))
                #expect(Int(sample.value) == values.count { $0 <= limit })
            }
            #expect(samples.last?.name == "wait_seconds_count")
            #expect(samples.last?.value == "\(values.count)")
            let sum = try #require(samples.first { $0.name == "wait_seconds_sum" }.flatMap { Double($0.value) })
            #expect(abs(sum - values.reduce(0, +)) < 1e-9)
        }
    }

    // MARK: Negotiation

    @Test(arguments: [
        (nil, ExpositionFormat.text), ("", .text), ("*/*", .text), ("text/html", .text), ("text/plain", .text),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text;version=1.0.0", .openMetrics),
        ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .text), ("Application/OpenMetrics-Text", .openMetrics),
        // Prometheus 2 and 3.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            .openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            .openMetrics
        ),
        ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5", .text),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.9", .text),
        ("application/openmetrics-text;q=0.5,text/*;q=0.4", .openMetrics),
        ("application/openmetrics-text;q=0,*/*", .text), ("application/openmetrics-text;q=0", .text),
        ("*/*;q=0.9,text/plain;q=0.1", .openMetrics), ("application/openmetrics-text,text/plain", .openMetrics),
        ("application/openmetrics-text;q=2", .text), ("application/openmetrics-text;q=x", .text), (";;;,=,/", .text),
        (String(repeating: "a/b,", count: 10_000) + "application/openmetrics-text", .text),
    ])
    func negotiation(accept: String?, expected: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(accept: accept) == expected, "\(accept?.prefix(100) ?? "")")
    }

    @Test func contentTypes() {
        #expect(ExpositionFormat.text.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
}
