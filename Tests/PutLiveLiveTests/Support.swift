import Foundation
import Logging
import Metrics
import Synchronization

@testable import PutLiveLive

/// A file of Fixtures: what SRS 6.0.157 said, or wrote.
func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return Array(try Data(contentsOf: folder.appending(path: name)))
}

func fixtureText(_ name: String) throws -> String { String(decoding: try fixture(name), as: UTF8.self) }

/// A name that is known to be one.
func name(_ text: String) -> StreamName {
    guard let name = StreamName(text) else { preconditionFailure("\(text) is no name of a stream") }
    return name
}

/// A clock that stands still until it is put on.
final class TestClock: Sendable {
    private let time: Mutex<UnixMilliseconds>

    init(_ time: UnixMilliseconds = 1_800_000_000_000) {
        self.time = Mutex(time)
    }

    var now: UnixMilliseconds { time.withLock { $0 } }
    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

/// Keeps metrics by name and labels: `name{label=value,…}`, labels in the order of the alphabet.
final class TestMetrics: MetricsFactory, Sendable {
    private let values = Mutex<[String: Double]>([:])

    subscript(_ series: String) -> Double? { values.withLock { $0[series] } }
    var series: [String] { values.withLock { $0.keys.sorted() } }

    final class Handler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler,
        Sendable
    {
        let name: String
        let owner: TestMetrics

        init(_ name: String, _ owner: TestMetrics) {
            self.name = name
            self.owner = owner
        }

        func increment(by amount: Int64) { owner.change(name) { $0 + Double(amount) } }
        func increment(by amount: Double) { owner.change(name) { $0 + amount } }
        func decrement(by amount: Double) { owner.change(name) { $0 - amount } }
        func set(_ value: Int64) { owner.change(name) { _ in Double(value) } }
        func set(_ value: Double) { owner.change(name) { _ in value } }
        func record(_ value: Int64) { set(value) }
        func record(_ value: Double) { set(value) }
        func recordNanoseconds(_ duration: Int64) { owner.change(name) { $0 + Double(duration) / 1e9 } }
        func reset() { set(0.0) }
    }

    private func change(_ name: String, _ body: (Double) -> Double) {
        values.withLock { $0[name] = body($0[name] ?? 0) }
    }

    private func make(_ label: String, _ dimensions: [(String, String)]) -> Handler {
        let labels = dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        return Handler(labels.isEmpty ? label : "\(label){\(labels)}", self)
    }

    private func destroy(_ handler: Any) {
        if let handler = handler as? Handler { _ = values.withLock { $0.removeValue(forKey: handler.name) } }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { make(label, dimensions) }
    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { make(label, dimensions) }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { make(label, dimensions) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        make(label, dimensions)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { make(label, dimensions) }
    func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}

/// Keeps log lines: `level event key=value …`, keys in the order of the alphabet.
final class TestLog: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            log.kept.withLock { $0.append("\(event.level) \(event.message)\(fields)") }
        }
    }
}

/// The ladder that a config has which names none.
let standardLadder = [
    LadderQuality(name: "144p", width: 256, height: 144, videoKilobits: 200, fps: 15, audioKilobits: 32),
    LadderQuality(name: "360p", width: 640, height: 360, videoKilobits: 500, fps: 30, audioKilobits: 64),
    LadderQuality(name: "480p", width: 854, height: 480, videoKilobits: 1200, fps: 30, audioKilobits: 96),
    LadderQuality(
        name: "720p", width: 1280, height: 720, videoKilobits: 2500, fps: 30, audioKilobits: 128, enabled: false),
]

func testSettings(_ change: (inout LiveSettings) -> Void = { _ in }) -> LiveSettings {
    var settings = LiveSettings(
        engine: .srs, hlsFolder: "/run/putlive-hls", ladder: standardLadder, defaultQuality: "480p", srsAPI: .init())
    change(&settings)
    return settings
}

/// The live side, with clock, metrics and log of the test's own.
struct TestHouse {
    let settings: LiveSettings
    let clock = TestClock()
    let metrics = TestMetrics()
    let log = TestLog()
    let liveMetrics: LiveMetrics
    let viewers: Viewers
    let live: LiveState

    init(_ settings: LiveSettings = testSettings()) {
        self.settings = settings
        liveMetrics = LiveMetrics(settings: settings, factory: metrics)
        let clock = clock
        viewers = Viewers(settings: settings, metrics: liveMetrics, clock: { clock.now })
        live = LiveState(
            settings: settings, viewers: viewers, metrics: liveMetrics, logger: log.logger, clock: { clock.now })
    }

    /// Puts a stream on air.
    @discardableResult
    func begin(
        _ stream: String, key: String = "k1", client: String? = "c1", source: StreamSource = .rtmp
    ) -> PublishDecision {
        live.publish(
            PublishRequest(
                stream: name(stream), source: source, credential: .key(.valid(keyID: key, userID: "u1")),
                clientID: client, address: "203.0.113.7"))
    }
}

/// A folder of the test's own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "putlive-live-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path + "/live", withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ bytes: [UInt8], modified: UnixMilliseconds? = nil) throws {
        let file = "\(path)/live/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        guard let modified else { return }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(modified) / 1000)], ofItemAtPath: file)
    }

    func write(_ name: String, _ text: String, modified: UnixMilliseconds? = nil) throws {
        try write(name, Array(text.utf8), modified: modified)
    }

    func text(_ name: String) -> String? {
        try? String(contentsOfFile: "\(path)/live/\(name)", encoding: .utf8)
    }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path + "/live")) ?? []).sorted() }
}

/// The same numbers for the same seed: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(seed)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
