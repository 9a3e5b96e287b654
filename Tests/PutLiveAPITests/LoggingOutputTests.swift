import Logging
import Synchronization
import Testing

@testable import PutLiveAPI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct LoggingOutputTests {
    private let lines = LoggedLines()

    private func logger(_ output: LogOutput) -> Logger {
        Logger(label: "test") { _ in JSONLogHandler(output: output) }
    }

    private var events: [String] {
        lines.texts.compactMap { try? LoggedJSON(parsing: $0.utf8.dropLast())["event"]?.text }
    }

    // MARK: Levels

    @Test func levelIsSharedAndMayChange() {
        let output = LogOutput(level: .warning, writer: lines, clock: { 0 })
        let logger = logger(output)
        logger.info("a")
        logger.warning("b")
        output.level = .debug
        logger.debug("c")
        logger.trace("d")
        for level in Logger.Level.allCases {
            output.level = level
            #expect(output.level == level)
            #expect(logger.logLevel == level)
        }
        #expect(events == ["b", "c"])
    }

    @Test func loggerIsAValue() {
        let output = LogOutput(writer: lines, clock: { 0 })
        var first = logger(output)
        first.logLevel = .error
        first[metadataKey: "only_on"] = "first"
        var second = first
        second.logLevel = .debug
        second[metadataKey: "only_on"] = "second"
        #expect(first.logLevel == .error)
        #expect(second.logLevel == .debug)
        #expect(first[metadataKey: "only_on"] == "first")
        #expect(second[metadataKey: "only_on"] == "second")
        #expect(logger(output).logLevel == .info)
    }

    @Test func nearerMetadataOutdoesFarther() {
        let output = LogOutput(writer: lines, clock: { 0 })
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        var logger = Logger(label: "test") { _ in JSONLogHandler(output: output, metadataProvider: provider) }
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("event", metadata: ["a": "call"])
        #expect(lines.texts[0].hasSuffix(#""event":"event","a":"call","b":"provider","c":"logger"}"# + "\n"))
    }

    @Test func linesAreCountedByLevel() {
        let registry = MetricsRegistry(settings: MetricSettings(maximumStreams: 1, qualities: [], features: .all))
        let output = LogOutput(level: .trace, writer: lines, clock: { 0 }, registry: registry)
        let logger = logger(output)
        for level in Logger.Level.allCases { logger.log(level: level, "event") }
        func count(_ level: String) -> Double {
            registry.counter("putlive_log_messages_total", ["level": level]).value
        }
        #expect(["info", "warning", "error", "critical"].map(count) == [4, 1, 1, 1])
    }

    @Test func theJournalIsToldThePriority() {
        let output = LogOutput(level: .trace, writer: lines, clock: { 0 }, saysPriority: true)
        let logger = logger(output)
        for level in Logger.Level.allCases { logger.log(level: level, "event") }
        #expect(lines.texts.map { $0.prefix(4) } == ["<7>{", "<7>{", "<6>{", "<5>{", "<4>{", "<3>{", "<2>{"])
    }

    @Test func timeIsPassedIn() {
        let output = LogOutput(writer: lines, clock: { 1_767_225_600_123 })
        logger(output).info("event")
        #expect(lines.texts == [#"{"ts":"2026-01-01T00:00:00.123Z","level":"info","event":"event"}"# + "\n"])
    }

    // MARK: Lost lines

    @Test func lostLinesAreToldOfOnceLinesPassAgain() {
        let output = LogOutput(writer: lines, clock: { 0 })
        let logger = logger(output)
        lines.isClosed = true
        for _ in 0..<3 { logger.info("lost") }
        lines.isClosed = false
        logger.info("first")
        logger.info("second")
        #expect(events == ["first", "log_lines_lost", "second"])
        #expect(lines.texts[1].hasSuffix(#""level":"warning","event":"log_lines_lost","count":3}"# + "\n"))
    }

    // MARK: Descriptors

    /// A pipe, or a pair of sockets, that doesn't wait.
    private struct Channel: ~Copyable {
        let reader: Int32
        let writer: Int32

        init(isSocket: Bool) throws {
            var ends: [Int32] = [-1, -1]
            #if canImport(Glibc)
                let stream = Int32(SOCK_STREAM.rawValue)
            #else
                let stream = SOCK_STREAM
            #endif
            let result = isSocket ? socketpair(AF_UNIX, stream, 0, &ends) : pipe(&ends)
            try #require(result == 0)
            reader = ends[0]
            writer = ends[1]
            _ = fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) | O_NONBLOCK)
        }

        deinit {
            close(reader)
            close(writer)
        }

        /// All that is there.
        func readAll() -> [UInt8] {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(reader, &buffer, buffer.count)
                guard count > 0 else { return all }
                all += buffer[..<count]
            }
        }
    }

    private static func line(_ number: Int, _ length: Int) -> [UInt8] {
        let text = "\(number) "
        return Array((text + String(repeating: "x", count: length - text.utf8.count - 1) + "\n").utf8)
    }

    @Test(arguments: [false, true])
    func writesWholeLines(isSocket: Bool) throws {
        let channel = try Channel(isSocket: isSocket)
        let writer = DescriptorLogWriter(descriptor: channel.writer)
        var expected: [UInt8] = []
        for (number, length) in [10, 4_096, 4_097, 16_384, 3].enumerated() {
            let line = Self.line(number, length)
            #expect(writer.accept(line))
            expected += line
        }
        #expect(channel.readAll() == expected)
    }

    /// A reader that doesn't read costs lines, but none is torn apart.
    @Test(arguments: [false, true])
    func fullReaderLosesWholeLines(isSocket: Bool) throws {
        let channel = try Channel(isSocket: isSocket)
        let writer = DescriptorLogWriter(descriptor: channel.writer)
        var accepted: [UInt8] = []
        var lost = 0
        for number in 0..<300 {
            let line = Self.line(number, 5_000)
            if writer.accept(line) { accepted += line } else { lost += 1 }
        }
        #expect(lost > 0)
        var received = channel.readAll()
        // The next line brings the rest of the one that was begun.
        let last = Self.line(9_999, 100)
        #expect(writer.accept(last))
        received += channel.readAll()
        #expect(received == accepted + last)
    }

    @Test func nobodyWhoReadsIsNoError() throws {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        #else
            try #require(socketpair(AF_UNIX, SOCK_STREAM, 0, &ends) == 0)
        #endif
        close(ends[0])
        let writer = DescriptorLogWriter(descriptor: ends[1])
        #expect(!writer.accept(Self.line(1, 100)))
        close(ends[1])
        #expect(!DescriptorLogWriter(descriptor: -1).accept(Self.line(1, 100)))
    }

    @Test func linesOfManyThreadsDoNotMix() async throws {
        let channel = try Channel(isSocket: true)
        let writer = DescriptorLogWriter(descriptor: channel.writer)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for _ in 0..<20 { _ = writer.accept(Self.line(task, 300)) }
                }
            }
        }
        let received = channel.readAll().split(separator: UInt8(ascii: "\n"))
        #expect(received.count == 80)
        for line in received { #expect(line.count == 299) }
    }
}
