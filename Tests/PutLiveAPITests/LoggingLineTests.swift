import Logging
import Synchronization
import Testing

@testable import PutLiveAPI

/// Keeps lines in memory; while it is `isClosed`, it loses them.
final class LoggedLines: LogWriter {
    private let state = Mutex((lines: [[UInt8]](), isClosed: false))

    func accept(_ line: [UInt8]) -> Bool {
        state.withLock { state in
            if !state.isClosed { state.lines.append(line) }
            return !state.isClosed
        }
    }

    var isClosed: Bool {
        get { state.withLock { $0.isClosed } }
        set { state.withLock { $0.isClosed = newValue } }
    }

    var texts: [String] { state.withLock { $0.lines.map { String(decoding: $0, as: UTF8.self) } } }
}

/// 2026-01-01T00:00:00Z, in milliseconds.
private let newYear: Int64 = 1_767_225_600_000

@Suite struct LoggingLineTests {
    private let lines = LoggedLines()
    private let logger: Logger
    private let output: LogOutput

    init() {
        let output = LogOutput(level: .trace, writer: lines, clock: { newYear })
        logger = Logger(label: "test") { _ in JSONLogHandler(output: output) }
        self.output = output
    }

    private func parsed() throws -> LoggedJSON {
        let line = try #require(lines.texts.last)
        #expect(line.hasSuffix("\n"))
        #expect(line.utf8.count <= 16_384)
        #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
        return try LoggedJSON(parsing: line.utf8.dropLast())
    }

    // MARK: The contract

    @Test func failedLoginIsTheContractsLine() throws {
        logger.warning(
            "login_failed", metadata: ["request_id": "01JGFJJZ00", "user": "admin", "ip": "203.0.113.7"])
        logger.warning("stream_key_rejected", metadata: ["stream": "stream", "ip": "203.0.113.7"])
        let document = try PackageFiles.text("docs/logs.md")
        for line in lines.texts { #expect(document.contains("\n    \(line)")) }
    }

    /// fail2ban's filters are tested with these lines; so they must be what is written.
    @Test(arguments: ["login", "stream-key"])
    func linesThatFilterAreTestedWithAreWritten(_ name: String) throws {
        let text = try PackageFiles.text("Tests/Native/fail2ban/\(name).log")
        var count = 0
        for line in text.split(separator: "\n") where line.hasPrefix("{") {
            let members = try LoggedJSON(parsing: line.utf8).members
            var metadata: Logger.Metadata = [:]
            for member in members.dropFirst(3) { metadata[member.key] = .string(try #require(member.value.text)) }
            let time = try #require(members.first?.value.text)
            let output = LogOutput(
                writer: lines, clock: { Self.milliseconds(time) ?? -1 })
            let event = try #require(members[2].value.text)
            Logger(label: "test") { _ in JSONLogHandler(output: output) }.warning("\(event)", metadata: metadata)
            #expect(lines.texts.last == line + "\n")
            count += 1
        }
        #expect(count >= 5)
    }

    private static func milliseconds(_ time: String) -> Int64? {
        guard let seconds = RFC3339.parse(time), let fraction = Int64(time.dropLast().suffix(3)) else { return nil }
        return seconds * 1_000 + fraction
    }

    @Test func fieldsStandInOrder() throws {
        var logger = logger
        logger[metadataKey: "zebra"] = "z"
        logger[metadataKey: "user"] = "overwritten"
        logger.info(
            "something_happened",
            metadata: [
                "b": "2", "a": "1", "request_id": "r", "stream": "s", "user": "u", "ip": "192.0.2.1",
            ])
        #expect(
            lines.texts == [
                #"{"ts":"2026-01-01T00:00:00.000Z","level":"info","event":"something_happened","ip":"192.0.2.1","#
                    + #""user":"u","stream":"s","request_id":"r","a":"1","b":"2","zebra":"z"}"# + "\n"
            ])
    }

    @Test func sentenceBecomesAMessageAfterTheAddress() throws {
        logger.error("It's \"broken\"\n", metadata: ["ip": "192.0.2.1", "user": "u", "message": "mine"])
        #expect(
            lines.texts == [
                #"{"ts":"2026-01-01T00:00:00.000Z","level":"error","event":"message","ip":"192.0.2.1","#
                    + #""message":"It's \"broken\"\n","user":"u","message_":"mine"}"# + "\n"
            ])
    }

    @Test(arguments: ["", "Upper", "two words", "umläut", "dash-ed", String(repeating: "a", count: 65)])
    func whatIsNoEventNameIsAMessage(_ message: String) throws {
        logger.notice("\(message)")
        let line = try parsed()
        #expect(line["event"] == .string("message"))
        #expect(line["message"] == .string(message))
        #expect(line["level"] == .string("notice"))
    }

    @Test func placeIsToldAtDebugAlone() throws {
        logger.info("event", metadata: ["file": "f", "source": "s"])
        #expect(try parsed()["file"] == .string("f"))
        #expect(try parsed()["source"] == .string("s"))
        for level in [Logger.Level.debug, .trace] {
            logger.log(level: level, "event", metadata: ["file": "f", "source": "s"])
            let line = try parsed()
            #expect(line["level"] == .string("debug"))
            #expect(line["source"] == .string("PutLiveAPITests"))
            #expect(line["file"]?.text?.hasPrefix("PutLiveAPITests/LoggingLineTests.swift:") == true)
            #expect(line["file_"] == .string("f"))
            #expect(line.members.suffix(2).map(\.key) == ["source", "file"])
        }
    }

    @Test func noFieldTakesThePlaceOfAnother() throws {
        logger.info("event", metadata: ["ts": "1", "level": "2", "event": "3", "truncated": "4"])
        #expect(
            try parsed().members.map(\.key)
                == ["ts", "level", "event", "event_", "level_", "truncated_", "ts_"])
    }

    @Test func errorIsAField() throws {
        struct Broken: Error, CustomStringConvertible { let description = "it broke" }
        logger.error("event", error: Broken())
        #expect(try parsed()["error"] == .string("it broke"))
        logger.error("event", error: Broken(), metadata: ["error": "told better"])
        #expect(try parsed()["error"] == .string("told better"))
    }

    // MARK: Values

    @Test func numbersAndTruthStayWhatTheyAre() throws {
        logger.info(
            "event",
            metadata: [
                "a": .stringConvertible(-5), "b": .stringConvertible(Int64.max), "c": .stringConvertible(true),
                "d": .stringConvertible(0.5), "e": .stringConvertible(Double.nan),
                "f": .stringConvertible(UInt8(3)), "g": "7", "h": .stringConvertible(1e300),
            ])
        #expect(
            lines.texts.last?.contains(
                #""a":-5,"b":9223372036854775807,"c":true,"d":0.5,"e":"nan","f":"3","g":"7","h":1e+300}"#) == true)
        _ = try parsed()
    }

    @Test func nestedValuesAreObjectsAndArrays() throws {
        logger.info(
            "event",
            metadata: [
                "a": ["z": "1", "y": ["1", ["x": "2"]], "password": "hunter22"], "b": [], "c": [:],
                "d": [[[[["deep"]]]]],
            ])
        #expect(
            lines.texts.last?.hasSuffix(
                #""a":{"password":"***","y":["1",{"x":"2"}],"z":"1"},"b":[],"c":{},"d":[[[["…"]]]]}"# + "\n") == true)
        _ = try parsed()
    }

    @Test func anyTextComesBackAsItWas() throws {
        var random = MetricsRandom(state: 3)
        for _ in 0..<400 {
            let text = random.text(upTo: 40)
            let key = "k" + random.text(upTo: 8)
            logger.info("event", metadata: ["user": .string(text), key: .array([.string(text)])])
            let line = try parsed()
            #expect(line["user"] == .string(text))
            #expect(line.members.last == .init(key: key, value: .array([.string(text)])))
        }
    }

    @Test func controlCharactersAreEscaped() {
        logger.info(
            "event", metadata: ["a": .string(String(String.UnicodeScalarView((0..<0x20).map { Unicode.Scalar($0)! })))])
        #expect(
            lines.texts.last?.contains(
                #""a":"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011"#
                    + #"\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#) == true
        )
    }

    // MARK: Size

    @Test(arguments: ["a", "\"", "\u{1}", "€", "😀", "\\€"])
    func longTextIsCut(_ unit: String) throws {
        let text = String(repeating: unit, count: 20_000)
        logger.info("event", metadata: ["ip": "192.0.2.1", "user": .string(text), "z": "kept"])
        let line = try parsed()
        let user = try #require(line["user"]?.text)
        #expect(user.hasSuffix("…"))
        #expect(text.hasPrefix(user.dropLast()))
        #expect(user.utf8.count > 2_000)
        #expect((line["z"] == .string("kept")) != (line["truncated"] == .bool(true)))
    }

    @Test func whatFindsNoRoomIsLeftOut() throws {
        let long = String(repeating: "x", count: 9_000)
        logger.info(
            "event",
            metadata: [
                "a": .string(long), "b": .array(.init(repeating: "y", count: 100_000)), "c": .string(long),
                "d": .dictionary(.init(uniqueKeysWithValues: (0..<5_000).map { ("\($0)", "v") })), "e": .string(long),
            ])
        let line = try parsed()
        #expect(line["a"]?.text?.utf8.count == 8_192 + 3)
        #expect(line["b"] == nil)
        #expect(line["c"]?.text?.hasSuffix("x…") == true)
        #expect(line["d"] == nil)
        #expect(line["truncated"] == .bool(true))
    }

    @Test func everySizeIsWithinBounds() throws {
        for count in stride(from: 7_900, to: 8_300, by: 13) {
            logger.info(
                "event",
                metadata: [
                    "a": .string(String(repeating: "\n", count: count / 2)),
                    "b": .string(String(repeating: "€", count: count)),
                    "c": .string(String(repeating: "x", count: count % 50)), "secret": "s",
                ])
            _ = try parsed()
        }
    }

    @Test func longKeyIsCut() throws {
        logger.info("event", metadata: [String(repeating: "k", count: 100): "v"])
        #expect(try parsed().members.last?.key == String(repeating: "k", count: 64) + "…")
    }
}
