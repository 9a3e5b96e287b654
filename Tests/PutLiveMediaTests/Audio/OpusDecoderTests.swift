import Testing

@testable import PutLiveMedia

/// What libavcodec and libopus make of packets together, against what libopus makes of all packets alone.
@Suite struct OpusDecoderTests {
    private static let seconds = 3
    private static let voice = Voice.samples(seconds: seconds)

    /// Speech in packets.
    struct Speech: CustomTestStringConvertible, Sendable {
        var milliseconds = 20
        var channels = 1
        var application = "voip"
        var bitRate: Int64 = 32_000
        var hasCopies = true

        var count: Int { milliseconds * 48 }
        var testDescription: String {
            "\(milliseconds) ms, \(channels) channels, \(bitRate / 1000) kbit/s\(hasCopies ? ", copies" : "")"
        }

        func packets() throws -> [[UInt8]] {
            try OpusSample(
                milliseconds: milliseconds, channels: Int32(channels), application: application, bitRate: bitRate,
                copies: hasCopies
            ).frames(seconds: Double(OpusDecoderTests.seconds)) { OpusDecoderTests.voice[$0] }.map(\.data)
        }
    }

    /// All lengths that there are copies for; SILK alone, and with CELT for what is high.
    static let everySpeech = [(10, 32_000), (20, 20_000), (20, 32_000), (40, 32_000), (60, 20_000)].flatMap {
        milliseconds, rate in
        [(1, true), (1, false), (2, true), (2, false)].map {
            Speech(milliseconds: milliseconds, channels: $0, bitRate: Int64(rate), hasCopies: $1)
        }
    }

    /// Each packet that is lost.
    private let lost = { (index: Int) in index % 15 == 7 }

    /// What is heard on the last channel of all packets but the lost ones, which are silence if nothing mends them.
    private func heard(
        _ speech: Speech, lost: (Int) -> Bool = { _ in false }, mendsLoss: Bool = true,
        each: (Int, OpusDecoder) -> Void = { _, _ in }
    ) throws -> [Float] {
        let decoder = try OpusDecoder(channels: speech.channels)
        var samples: [Float] = []
        var missing = 0
        for (index, packet) in try speech.packets().enumerated() {
            guard !lost(index) else {
                missing += speech.count
                continue
            }
            if missing > 0 && mendsLoss {
                try decoder.recover(missing, before: packet) { _, right in
                    samples += Array(repeating: 0, count: missing - right.count) + right
                    missing = 0
                }
            }
            samples += Array(repeating: 0, count: missing)
            missing = 0
            try decoder.decode(packet) { _, right in samples += right }
            each(index, decoder)
        }
        return samples
    }

    /// What libopus alone makes of it.
    private func wanted(_ speech: Speech) throws -> [Float] {
        let decoder = try LibopusDecoder(channels: speech.channels)
        var samples: [Float] = []
        for packet in try speech.packets() {
            let count = try decoder.decode(packet)
            try decoder.lend(count) { _, right in samples += right }
        }
        return samples
    }

    /// Signal to error: 1 is as bad as silence, 10 are 10 dB.
    private func quality(_ heard: [Float], _ wanted: [Float], at places: [Range<Int>]) -> Double {
        var (signal, error) = (0.0, 1e-12)
        for place in places {
            for (heard, wanted) in zip(heard[place], wanted[place]) {
                signal += Double(wanted * wanted)
                error += Double((heard - wanted) * (heard - wanted))
            }
        }
        return signal / error
    }

    /// Where packets are heard that come so many after a lost one.
    private func places(_ speech: Speech, after lost: (Int) -> Bool, _ later: Int = 0) -> [Range<Int>] {
        let packets = 1000 * Self.seconds / speech.milliseconds
        return (later..<packets).filter { lost($0 - later) }.map { $0 * speech.count..<($0 + 1) * speech.count }
    }

    /// libavcodec alone makes noise of most of those with copies.
    @Test(arguments: everySpeech) func hearsAll(speech: Speech) throws {
        let wanted = try wanted(speech)
        var switches = 0
        var isRecovering = false
        let heard = try heard(
            speech,
            each: { _, decoder in
                if decoder.isRecovering != isRecovering { switches += 1 }
                isRecovering = decoder.isRecovering
            })
        #expect(heard.count == wanted.count)
        #expect(quality(heard, wanted, at: [0..<wanted.count]) > 15)
        #expect(speech.hasCopies ? switches > 0 : switches == 0, "libopus is used for copies only")
    }

    /// A copy is of 20 ms at most, so longer packets are mended in part only.
    @Test(arguments: everySpeech.filter { $0.hasCopies && $0.milliseconds <= 20 })
    func mendsLosses(speech: Speech) throws {
        let wanted = try wanted(speech)
        let mended = try heard(speech, lost: lost)
        let torn = try heard(speech, lost: lost, mendsLoss: false)
        #expect(mended.count == wanted.count)
        #expect(quality(mended, wanted, at: places(speech, after: lost)) > 3)
        #expect(quality(torn, wanted, at: places(speech, after: lost)) < 1.001, "it is silence")
        let next = places(speech, after: lost, 1)
        #expect(quality(mended, wanted, at: next) > 8)
        #expect(quality(torn, wanted, at: next) < 3)
        // Nor does the change to libavcodec leave anything.
        for later in 2..<8 { #expect(quality(mended, wanted, at: places(speech, after: lost, later)) > 15) }
    }

    @Test(arguments: everySpeech.filter { $0.milliseconds > 20 || !$0.hasCopies })
    func mendsWhatFollowsLosses(speech: Speech) throws {
        let wanted = try wanted(speech)
        let mended = try heard(speech, lost: lost)
        #expect(mended.count == wanted.count)
        #expect(quality(mended, wanted, at: places(speech, after: lost)) > 0.7, "hardly worse than silence")
        let next = places(speech, after: lost, 1)
        #expect(quality(mended, wanted, at: next) > (speech.hasCopies ? 12 : 1.7))
        for later in 4..<8 { #expect(quality(mended, wanted, at: places(speech, after: lost, later)) > 15) }
    }

    /// The voice goes on a little where there is no copy, and music too.
    @Test(arguments: [
        Speech(hasCopies: false), Speech(channels: 2, hasCopies: false),
        Speech(channels: 2, application: "lowdelay", bitRate: 64_000, hasCopies: false),
    ])
    func goesOnWithoutCopies(speech: Speech) throws {
        let (wanted, mended) = (try wanted(speech), try heard(speech, lost: lost))
        #expect(quality(mended, wanted, at: places(speech, after: lost)) > 1.4)
    }

    @Test(arguments: 2...6) func mendsTheLastOfSeveral(count: Int) throws {
        let speech = Speech()
        let many = { $0 % 20 >= 10 && $0 % 20 < 10 + count }
        let last = { $0 % 20 == 9 + count }
        let wanted = try wanted(speech)
        let mended = try heard(speech, lost: many)
        #expect(mended.count == wanted.count)
        #expect(quality(mended, wanted, at: places(speech, after: last)) > 1.5)
        #expect(quality(mended, wanted, at: places(speech, after: last, 1)) > 6)
    }

    @Test func leavesTheRestToOthers() throws {
        let packets = try Speech().packets()
        let decoder = try OpusDecoder(channels: 1)
        var lengths: [Int] = []
        func recover(_ missing: Int) throws {
            try decoder.recover(missing, before: packets[101]) { left, _ in lengths.append(left.count) }
        }
        func decode(_ range: Range<Int>) throws {
            for packet in packets[range] { try decoder.decode(packet) { _, _ in } }
        }
        // Nothing is known yet.
        try recover(960)
        try decode(0..<100)
        // More than 120 ms, less than nothing, hardly anything.
        try recover(7 * 960)
        try decode(0..<100)
        try recover(-960)
        try decode(0..<100)
        try recover(100)
        #expect(lengths == [])
        // The timeline has moved a little.
        try decode(0..<100)
        try recover(6 * 960 - 200)
        try recover(960 + 200)
        #expect(lengths == [5760, 960])
        try decode(0..<100)
        decoder.forget()
        try recover(960)
        #expect(lengths.count == 2 && !decoder.isRecovering)
    }

    /// 60 ms after the loss it is over, or a packet later.
    @Test(arguments: [(10, 6), (20, 3), (40, 2), (60, 1)])
    func ends(milliseconds: Int, after: Int) throws {
        let speech = Speech(milliseconds: milliseconds, hasCopies: false)
        var recovering: Set<Int> = []
        _ = try heard(
            speech, lost: { $0 == 20 },
            each: { index, decoder in
                if decoder.isRecovering { recovering.insert(index) }
            })
        #expect(recovering == Set((21..<21 + after).dropLast()))
    }

    @Test func changesThePacketsLength() throws {
        let short = try Speech(milliseconds: 20).packets()
        let long = try Speech(milliseconds: 60, bitRate: 20_000).packets()
        let decoder = try OpusDecoder(channels: 1)
        var count = 0
        for packet in short.prefix(59) { try decoder.decode(packet) { left, _ in count += left.count } }
        // The sixtieth is lost.
        try decoder.recover(960, before: long[20]) { left, _ in count += left.count }
        for packet in long[20..<29] { try decoder.decode(packet) { left, _ in count += left.count } }
        try decoder.recover(2880, before: short[90]) { left, _ in count += left.count }
        for packet in short[90...] { try decoder.decode(packet) { left, _ in count += left.count } }
        #expect(count == Self.seconds * 48_000)
    }

    /// Anything may come in.
    @Test func takesDamage() throws {
        var chance = Chance(state: 1)
        let kinds = try [Speech(), Speech(milliseconds: 60, channels: 2, bitRate: 20_000)].map { try $0.packets() }
        let decoder = try OpusDecoder(channels: 2)
        var samples = 0
        var malformed = 0
        for _ in 0..<4000 {
            var packet = kinds[Int.random(in: 0...1, using: &chance)].randomElement(using: &chance) ?? []
            switch Int.random(in: 0..<4, using: &chance) {
            case 0: packet = Array(packet.prefix(.random(in: 0...packet.count, using: &chance)))
            case 1: packet = (0..<Int.random(in: 0..<200, using: &chance)).map { _ in chance.byte() }
            case 2: packet[.random(in: 0..<packet.count, using: &chance)] = chance.byte()
            default: break
            }
            do throws(MediaError) {
                if Bool.random(using: &chance) {
                    let missing = Int.random(in: -2000..<8000, using: &chance)
                    try decoder.recover(missing, before: packet) { left, right in samples += left.count }
                }
                try decoder.decode(packet) { left, right in
                    #expect(left.count == right.count)
                    samples += left.count
                }
            } catch {
                #expect(error.kind == .malformed)
                malformed += 1
            }
        }
        #expect(samples > 4000 * 480 && malformed > 100)
    }
}

/// The same numbers each time (SplitMix64).
private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func byte() -> UInt8 { .random(in: 0...255, using: &self) }
}
