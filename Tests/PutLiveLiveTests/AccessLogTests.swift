import Testing

@testable import PutLiveLive

@Suite struct AccessLogTests {
    static let json =
        #"{"event":"hls","time":1795356380.613,"ip":"203.0.113.7","status":200,"bytes":345678,"seconds":0.012,"#
        + #""country":"DE","uri":"/live/stream_480p-1795356343694-0.ts","host":"example.org","referer":"","#
        + #""user_agent":"Mozilla/5.0 (X11; \"x\")"}"#

    private func parse(_ text: String) -> ViewerHit? { AccessLogLine.parse(Array(text.utf8)) }

    @Test(arguments: ["<190>Nov 22 14:06:20 putlive: ", "<190>Nov  2 14:06:20 origin putlive: "])
    func linesOfNginx(_ head: String) throws {
        let hit = try #require(parse(head + Self.json))
        #expect(hit.time == 1_795_356_380_613 && hit.address == "203.0.113.7" && hit.status == 200)
        #expect(hit.bytes == 345_678 && hit.seconds == 0.012 && hit.country == "DE")
        #expect(hit.kind == .segment && hit.stream == name("stream"))
        #expect(hit.userAgent == "Mozilla/5.0 (X11; \"x\")")
    }

    @Test func withoutCountry() throws {
        let hit = try #require(parse("<190>x putlive: " + Self.json.replacing(#""country":"DE","#, with: "")))
        #expect(hit.country == nil)
    }

    @Test func escapes() throws {
        let text = Self.json.replacing(
            #"Mozilla/5.0 (X11; \"x\")"#, with: #"\u0001\u00e4\\\/\b\f\n\r\t\ud800{}"#)
        let hit = try #require(parse("<190>x putlive: " + text))
        #expect(hit.userAgent == "\u{1}ä\\/\u{8}\u{c}\n\r\t\u{fffd}{}")
    }

    /// What stands in a good line, and what makes it a bad one.
    static let faults: [(String, String)] = [
        ("\"hls\"", "\"request\""), ("200", "-200"), ("200", "\"200\""), ("200", "null"), ("200", "[200]"),
        ("345678", "99999999999999999999999"), ("345678", "9999999999999999999"), ("0.012", "0.0.12"),
        (#"\"x\""#, #"\x"#), (#"\"x\""#, #"\u00"#), (#"\"x\""#, #"\u00zz"#), (#"\"x\""#, "\u{1}"),
        ("203.0.113.7", ""), ("\"uri\"", "\"url\""), ("\"time\":", "\"time\" "), (",\"ip\"", ";\"ip\""),
    ]

    @Test(arguments: faults)
    func faulty(_ good: String, _ bad: String) {
        #expect(parse("<190>x putlive: " + Self.json) != nil)
        #expect(parse("<190>x putlive: " + Self.json.replacing(good, with: bad)) == nil)
    }

    static let others: [String] = [
        "", "<190>", "<190>x putlive: ", "x putlive: {}", "<190>x nginx: \(json)", "<190>x putlive: {}",
        "<190>x putlive: \(json)x", "<190>x putlive: \(json.dropLast())", "<190>x putlive: {\(json)",
        "<190>x putlive: {\"a", "<190>x putlive: {\"a\\", "<190>x putlive: {\"a\":",
    ]

    @Test(arguments: others)
    func malformed(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func bounds() {
        let long = Self.json.replacing("example.org", with: String(repeating: "a", count: 8000))
        #expect(parse("<190>x putlive: " + long) == nil)
        #expect(parse("<190>" + String(repeating: "x", count: 400) + " putlive: " + Self.json) == nil)
        let many = (0..<100).map { "\"n\($0)\":1" }.joined(separator: ",")
        #expect(parse("<190>x putlive: {\(many)," + Self.json.dropFirst()) == nil)
    }

    @Test func everyPrefixAndEveryFlippedByteIsSurvived() {
        let line = Array(("<190>Nov 22 14:06:20 putlive: " + Self.json).utf8)
        for count in 0..<line.count { #expect(AccessLogLine.parse(Array(line.prefix(count))) == nil) }
        for index in line.indices {
            for change: UInt8 in [0x00, 0x22, 0x5c, 0x7b, 0xff] {
                var changed = line
                changed[index] = change
                if let hit = AccessLogLine.parse(changed) { #expect(hit.bytes >= 0 && hit.time >= 0) }
            }
        }
    }

    @Test func numbers() {
        func thousandths(_ text: String) -> Int64? {
            Array(text.utf8).withUnsafeBytes { FlatJSON.thousandths($0[...]) }
        }
        #expect(thousandths("0") == 0)
        #expect(thousandths("1.5") == 1500)
        #expect(thousandths("1.2345") == 1234)
        #expect(thousandths("") == nil)
        #expect(thousandths("1-2") == nil)
    }

    @Test func datagramsAreCounted() {
        let house = TestHouse()
        let clock = house.clock
        let socket = AccessLogSocket(
            descriptor: -1, viewers: house.viewers, metrics: house.liveMetrics, logger: house.log.logger,
            linesPerSecond: 3, clock: { clock.now })
        let line = Array(("<190>x putlive: " + Self.json).utf8)
        func receive(_ bytes: [UInt8]) { bytes.withUnsafeBytes { socket.receive($0) } }
        receive(line)
        receive(Array("nonsense".utf8))
        receive(line)
        receive(line)
        receive(line)
        #expect(house.metrics["putlive_access_log_messages_total{result=accepted}"] == 2)
        #expect(house.metrics["putlive_access_log_messages_total{result=malformed}"] == 1)
        #expect(house.metrics["putlive_access_log_messages_total{result=dropped}"] == 2)
        clock.advance(1000)
        receive(line)
        #expect(house.metrics["putlive_access_log_messages_total{result=accepted}"] == 3)
        #expect(house.viewers.of(name("stream")).now == 1)
    }
}
