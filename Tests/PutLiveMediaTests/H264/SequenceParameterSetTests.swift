import Testing

@testable import PutLiveMedia

@Suite struct SequenceParameterSetTests {
    /// Made by x264.
    @Test(arguments: [
        ("6742c01fd9005005bb0110000003001000000303c0f1832480", 66, 31, 1280, 720),
        ("674d401eeca05017fcb80880000003008000001e078b16cb", 77, 30, 640, 360),
        ("67640028acd940780227e5c044000003000400000300f03c60c658", 100, 40, 1920, 1080),
        // Interlaced: two fields to a frame.
        ("67640028acd94078044fde0220000003002000000783e2c5b2c0", 100, 40, 1920, 1080),
        // 4:4:4 and 4:2:2 are cropped in other units.
        ("67f4000d919b282a33c7c5e022000003000200000300781e28532c", 244, 13, 322, 182),
        ("677a000dbcd941519e222f0110000003001000000303c0f1429960", 122, 13, 322, 182),
        ("6764000bacd942c4ec0440000003004000000f03c50a6580", 100, 11, 176, 144),
        ("6742c015d90110f7af0110000003001000000303c0f162e480", 66, 21, 270, 480),
    ]) func readsWhatEncodersWrite(hex: String, profile: Int, level: Int, width: Int, height: Int) throws {
        let found = try #require(SequenceParameterSet(SPSWriter.bytes(hex)[...]))
        #expect(found.profile == UInt8(profile) && found.level == UInt8(level))
        #expect(found.width == width && found.height == height)
    }

    @Test func readsAnOrderCountOfTypeOne() throws {
        let unit = SPSWriter.baseline {
            $0.ue(1)
            $0.u(1, 0)
            $0.se(-70_000)
            $0.se(3)
            $0.ue(2)
            $0.se(5)
            $0.se(-5)
        } _: {
            $0.ue(39, 29)
            $0.u(1, 1)
            $0.u(1, 1)
            $0.u(1, 0)
        }
        let found = try #require(SequenceParameterSet(unit[...]))
        #expect(found.width == 640 && found.height == 480)
    }

    @Test(arguments: [1, 3]) func readsScalingLists(chroma: Int) throws {
        var writer = SPSWriter()
        writer.u(8, 100)
        writer.u(16, 31)
        writer.ue(0, chroma)
        if chroma == 3 { writer.u(1, 1) }
        writer.ue(0, 0)
        writer.u(2, 1)
        // The first falls back to what is set, the second goes its own way, the seventh has 64 values.
        for list in 0..<(chroma == 3 ? 12 : 8) {
            let isPresent = list < 2 || list == 6
            writer.u(1, isPresent ? 1 : 0)
            if list == 0 { writer.se(-8) }
            if list == 1 { (0..<16).forEach { writer.se($0 % 2 == 0 ? 20 : -20) } }
            if list == 6 { (0..<64).forEach { _ in writer.se(1) } }
        }
        writer.ue(0, 2, 1)
        writer.u(1, 0)
        writer.ue(19, 14)
        writer.u(3, 0b111)
        writer.ue(1, 1, 2, 2)
        let found = try #require(SequenceParameterSet(writer.unit[...]))
        // Separate planes are cropped by single pixels, 4:2:0 by pairs.
        #expect(found.width == (chroma == 3 ? 318 : 316))
        #expect(found.height == (chroma == 3 ? 236 : 232))
    }

    @Test func refusesAllThatIsCutShort() {
        let unit = SPSWriter.bytes("67640028acd940780227e5c044000003000400000300f03c60c658")
        // Eleven bytes tell profile, level and the size; from there on it is about colours and clocks.
        #expect(SequenceParameterSet(unit.prefix(11)) != nil)
        for length in 0..<11 { #expect(SequenceParameterSet(unit.prefix(length)) == nil, "\(length)") }
    }

    @Test func refusesWhatCannotBe() {
        let plain: (inout SPSWriter) -> Void = { $0.ue(0, 0) }
        let end: (inout SPSWriter) -> Void = { $0.u(3, 0b110) }
        let tooWide = SPSWriter.baseline(orderCount: plain) {
            $0.ue(2000, 10)
            end(&$0)
        }
        let tooHigh = SPSWriter.baseline(orderCount: plain) {
            $0.ue(10, 1_000_000)
            end(&$0)
        }
        let cropped = SPSWriter.baseline(orderCount: plain) {
            $0.ue(9, 9)
            $0.u(3, 0b111)
            $0.ue(40, 40, 0, 0)
        }
        let oddOrder = SPSWriter.baseline(orderCount: { $0.ue(3) }) {
            $0.ue(9, 9)
            end(&$0)
        }
        let longOrder = SPSWriter.baseline {
            $0.ue(1)
            $0.u(1, 0)
            $0.ue(0, 0, 256)
        } _: {
            $0.ue(9, 9)
        }
        for unit in [tooWide, tooHigh, cropped, oddOrder, longOrder] {
            #expect(SequenceParameterSet(unit[...]) == nil)
        }
        #expect(SequenceParameterSet([0x68, 1, 2, 3]) == nil)
        #expect(SequenceParameterSet([0x67] + [UInt8](repeating: 0, count: 40)) == nil)
        var high = SPSWriter()
        high.u(8, 100)
        high.u(16, 31)
        high.ue(0, 4)
        #expect(SequenceParameterSet(high.unit[...]) == nil)
    }

    @Test func readsExponentialGolombCodes() {
        var writer = SPSWriter()
        writer.ue(0, 1, 254, 70_000)
        writer.se(-3)
        writer.se(4)
        writer.u(32, 0)
        let unit = writer.unit
        var reader = BitReader(unit.dropFirst())
        #expect([reader.unsignedGolomb(), reader.unsignedGolomb(), reader.unsignedGolomb()] == [0, 1, 254])
        #expect(reader.unsignedGolomb() == 70_000)
        #expect(reader.signedGolomb() == -3)
        #expect(reader.signedGolomb() == 4)
        // No code has 32 zeros.
        #expect(reader.unsignedGolomb() == nil)
    }

    @Test func readsNothingPastTheEnd() {
        var reader = BitReader([0xFF])
        #expect(reader.bits(8) == 0xFF)
        #expect(reader.bit() == nil)
        // An emulation prevention byte with nothing to prevent.
        var zeros = BitReader([0, 0, 3])
        #expect(zeros.bits(16) == 0)
        #expect(zeros.bit() == nil)
    }
}
