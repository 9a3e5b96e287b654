import Testing

@testable import PutLiveWebRTC

/// A feedback packet as its receiver reads it.
private struct Feedback: Equatable {
    var media: UInt32
    var base: UInt16
    var reference: Int64
    var number: UInt8
    /// Of each packet from `base` on: when it came, in 250 µs; nil if it didn't.
    var arrivals: [Int64?] = []

    init?(_ packet: [UInt8]) {
        guard packet.count >= 20, packet[1] == 205, packet[0] & 0x1F == 15 else { return nil }
        let end = packet[0] & 0x20 != 0 ? packet.count - Int(packet[packet.count - 1]) : packet.count
        func number16(_ offset: Int) -> Int { Int(packet[offset]) << 8 | Int(packet[offset + 1]) }
        media = UInt32(number16(8)) << 16 | UInt32(number16(10))
        base = UInt16(number16(12))
        let count = number16(14)
        reference = Int64(number16(16)) << 8 | Int64(packet[18])
        number = packet[19]
        var offset = 20
        var symbols: [Int] = []
        while symbols.count < count {
            guard offset + 2 <= end else { return nil }
            let chunk = number16(offset)
            offset += 2
            if chunk & 0x8000 == 0 {
                symbols += [Int](repeating: chunk >> 13, count: chunk & 0x1FFF)
            } else if chunk & 0x4000 == 0 {
                for bit in 0..<14 { symbols.append(chunk >> (13 - bit) & 1) }
            } else {
                for pair in 0..<7 { symbols.append(chunk >> (12 - 2 * pair) & 3) }
            }
        }
        var time = reference * 256
        for symbol in symbols.prefix(count) {
            switch symbol {
            case 0:
                arrivals.append(nil)
                continue
            case 1:
                time += Int64(packet[offset])
                offset += 1
            case 2:
                time += Int64(Int16(truncatingIfNeeded: number16(offset)))
                offset += 2
            default: return nil
            }
            arrivals.append(time)
        }
        guard offset == end else { return nil }
    }
}

@Suite struct RTCPTransportFeedbackTests {
    private var feedback = TransportFeedback()
    private var writer = RTCPWriter(ssrc: 1, cname: "x")

    private mutating func report() throws -> [Feedback] {
        feedback.report(about: 77, to: &writer)
        let compounds = writer.take()
        for compound in compounds { #expect(compound.count <= 1200) }
        return try compounds.flatMap { try parts($0).dropFirst(2).map { try #require(Feedback($0)) } }
    }

    @Test mutating func promptAndExact() throws {
        #expect(feedback.due == .never)
        #expect(try report().isEmpty)
        feedback.record(10, at: MonotonicTime(microseconds: 1_000_100))
        #expect(feedback.due == MonotonicTime(microseconds: 1_050_100))
        feedback.record(11, at: MonotonicTime(microseconds: 1_003_000))
        feedback.record(14, at: MonotonicTime(microseconds: 1_023_456))
        #expect(feedback.due == MonotonicTime(microseconds: 1_050_100))
        let first = try #require(try report().first)
        #expect(first.media == 77)
        #expect(first.base == 10)
        // 64 ms each, rounded down.
        #expect(first.reference == 15)
        #expect(first.number == 0)
        #expect(first.arrivals == [4000, 4012, nil, nil, 4093])
        #expect(feedback.due == .never)

        // What is missing at the end is reported with what comes after it, and the count goes on.
        feedback.record(17, at: MonotonicTime(microseconds: 1_060_000))
        let second = try #require(try report().first)
        #expect(second.base == 15)
        #expect(second.number == 1)
        #expect(second.arrivals == [nil, nil, 4240])
    }

    @Test mutating func manyDoNotWait() throws {
        for number in 0..<31 { feedback.record(UInt16(number), at: time(5)) }
        #expect(feedback.due == time(55))
        feedback.record(31, at: time(6))
        #expect(feedback.due == time(6))
        feedback.record(32, at: time(7))
        #expect(feedback.due == time(6))
        #expect(try report().first?.arrivals.count == 33)
    }

    @Test mutating func reorderedWithinAReport() throws {
        feedback.record(5, at: time(100))
        feedback.record(7, at: time(101))
        feedback.record(6, at: time(103))
        feedback.record(6, at: time(104))
        #expect(try report().map { $0.arrivals } == [[400, 412, 404]])
    }

    @Test mutating func lateAfterItsReport() throws {
        for number: UInt16 in [1, 2, 4, 5] { feedback.record(number, at: time(Int(number))) }
        #expect(try report().first?.arrivals == [4, 8, nil, 16, 20])
        feedback.record(3, at: time(60))
        let again = try #require(try report().first)
        #expect(again.base == 3)
        #expect(again.arrivals == [240, 16, 20])
        // Earlier than the very first.
        feedback.record(0, at: time(61))
        #expect(try report().first?.arrivals == [244, 4, 8, 240, 16, 20])
        // From here on as before.
        feedback.record(6, at: time(62))
        #expect(try report().first?.base == 6)
    }

    @Test mutating func wrapsOfNumbersAndOfTheReference() throws {
        // 2^24 x 64 ms.
        let wrap: Int64 = 1 << 24 * 64_000
        feedback.record(65535, at: MonotonicTime(microseconds: wrap - 1000))
        feedback.record(0, at: MonotonicTime(microseconds: wrap + 1000))
        let packet = try #require(try report().first)
        #expect(packet.base == 65535)
        #expect(packet.reference == 0xFF_FFFF)
        #expect(packet.arrivals[1]! - packet.arrivals[0]! == 8)
    }

    @Test mutating func packetCountWraps() throws {
        for number in 0..<300 {
            feedback.record(UInt16(number), at: time(number))
            #expect(try report().first?.number == UInt8(number % 256))
        }
    }

    /// 16 bits of 250 µs are 8.192 s.
    @Test mutating func longPausesNeedAReferenceOfTheirOwn() throws {
        feedback.record(1, at: time(0))
        feedback.record(2, at: time(8191))
        feedback.record(4, at: time(20_000))
        let reports = try report()
        #expect(reports.map { $0.base } == [1, 3])
        #expect(reports.map { $0.arrivals } == [[0, 32764], [nil, 80_000]])
        #expect(reports.map { $0.number } == [0, 1])
    }

    @Test mutating func whatIsTooOldIsForgotten() throws {
        feedback.record(2000, at: time(0))
        _ = try report()
        feedback.record(2000 - 1024, at: time(1))
        #expect(try report().isEmpty)
        feedback.record(2000 - 1023, at: time(1))
        #expect(try report().first?.base == 2000 - 1023)
        // A leap beyond all that is remembered begins anew.
        feedback.record(20_000, at: time(2))
        #expect(try report().map { $0.base } == [20_000])
        // One just within it says what is missing.
        feedback.record(21_023, at: time(3))
        #expect(try report().first?.arrivals.count == 1023)
    }

    @Test mutating func unreportedWindowIsBounded() throws {
        feedback.record(0, at: time(0))
        feedback.record(1000, at: time(0))
        feedback.record(1500, at: time(0))
        let reports = try report()
        #expect(reports.first?.base == 477)
        #expect(reports.reduce(0) { $0 + $1.arrivals.count } == 1024)
    }

    /// Losses, reordering and pauses at random: read back, it is what came.
    @Test(arguments: 0..<40) mutating func readBack(seed: UInt64) throws {
        var generator = Lehmer(seed)
        var expected: [UInt16: Int64] = [:]
        var known: [UInt16: Int64] = [:]
        var now: Int64 = 1_000_000
        var number = UInt16(truncatingIfNeeded: seed &* 9973)
        let loss = UInt64(seed % 5) * 20
        for _ in 0..<2000 {
            now += Int64(generator.next() % (generator.next() % 50 == 0 ? 200_000 : 3000))
            number &+= generator.next() % 100 < loss ? UInt16(generator.next() % 4) : 1
            let early = number &+ UInt16(generator.next() % 3)
            if expected[early] == nil {
                expected[early] = now / 250
                feedback.record(early, at: MonotonicTime(microseconds: now))
            }
            guard feedback.due <= MonotonicTime(microseconds: now) else { continue }
            for packet in try report() {
                for (index, arrival) in packet.arrivals.enumerated() {
                    if let arrival { known[packet.base &+ UInt16(index)] = arrival }
                }
                #expect(packet.arrivals.last != .some(nil))
            }
        }
        for packet in try report() {
            for (index, arrival) in packet.arrivals.enumerated() {
                if let arrival { known[packet.base &+ UInt16(index)] = arrival }
            }
        }
        #expect(known == expected)
    }

    @Test func chunksAreFew() {
        func size(_ runs: [(PacketStatusChunks.Symbol, Int)]) -> Int {
            var chunks = PacketStatusChunks()
            for run in runs { chunks.append(run.0, run.1) }
            var bytes: [UInt8] = []
            chunks.write(to: &bytes)
            return bytes.count / 2
        }
        #expect(size([]) == 0)
        #expect(size([(.smallDelta, 300)]) == 1)
        #expect(size([(.absent, 0x1FFF + 1)]) == 2)
        #expect(size([(.smallDelta, 5), (.absent, 3), (.smallDelta, 6)]) == 1)
        #expect(size([(.smallDelta, 5), (.largeDelta, 1), (.smallDelta, 1)]) == 1)
        #expect(size([(.smallDelta, 5), (.largeDelta, 1), (.smallDelta, 8)]) == 2)
        #expect(size([(.largeDelta, 20), (.smallDelta, 1)]) == 2)
    }
}

/// A generator that gives the same numbers each time.
struct Lehmer {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
