import Testing

@testable import PutLiveMedia

@Suite struct ParameterSetsTests {
    static let sps = SPSWriter.bytes("6742c01fd9005005bb0110000003001000000303c0f1832480")
    static let otherSPS = SPSWriter.bytes("6742c015d90110f7af0110000003001000000303c0f162e480")
    static let pps: [UInt8] = [0x68, 0xCE, 0x3C, 0x80]
    static let idr: [UInt8] = [0x65, 1, 2, 3, 4]

    /// NAL units, each after its length.
    static func accessUnit(_ units: [[UInt8]]) -> [UInt8] {
        units.flatMap { [0, 0, UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }

    @Test func takesThemOutOfAKeyframe() throws {
        var sets = ParameterSets()
        var unit = Self.accessUnit([[0x09, 0xF0], Self.sps, Self.pps, [0x06, 5, 1, 0], Self.idr])
        #expect(sets.take(from: &unit) == .changed)
        #expect(unit == Self.accessUnit([[0x06, 5, 1, 0], Self.idr]))
        let format = try #require(sets.format)
        #expect(format.width == 1280 && format.height == 720)
        let length = UInt8(Self.sps.count)
        #expect(
            format.avcC == [1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1, 0, length] + Self.sps + [1, 0, 4] + Self.pps)
    }

    @Test func tellsWhenTheyChange() {
        var sets = ParameterSets()
        var first = Self.accessUnit([Self.sps, Self.pps, Self.idr])
        var second = first
        var third = Self.accessUnit([Self.otherSPS, Self.pps, Self.idr])
        var without = Self.accessUnit([Self.idr])
        #expect(sets.take(from: &first) == .changed)
        #expect(sets.take(from: &second) == .same)
        #expect(sets.take(from: &without) == .same)
        #expect(without == Self.accessUnit([Self.idr]))
        #expect(sets.take(from: &third) == .changed)
        #expect(sets.format?.width == 270)
    }

    @Test func keepsSeveral() throws {
        var sets = ParameterSets()
        var unit = Self.accessUnit([Self.sps, Self.pps, [0x68, 0x5B, 0x80], Self.idr])
        #expect(sets.take(from: &unit) == .changed)
        let record = try #require(sets.format?.avcC)
        #expect(record.suffix(3 + 2 + 4 + 2 + 1) == [2, 0, 4] + Self.pps + [0, 3, 0x68, 0x5B, 0x80])
    }

    @Test func refusesWhatCannotBeDecoded() {
        var sets = ParameterSets()
        var units = [
            [], [0, 0, 0], Self.accessUnit([Self.idr]), Self.accessUnit([Self.sps, Self.idr]),
            Self.accessUnit([Self.sps, Self.pps]), Self.accessUnit([[0x67, 1, 2, 3], Self.pps, Self.idr]),
            Self.accessUnit([[0x67], Self.pps, Self.idr]),
        ]
        for index in units.indices { #expect(sets.take(from: &units[index]) == .unusable) }
        #expect(sets.format == nil)
    }

    @Test func tellsChromaOfHighProfiles() throws {
        let high = SPSWriter.bytes("67640028acd940780227e5c044000003000400000300f03c60c658")
        let record = try #require(AVCConfiguration.record(sps: [high[...]], pps: [Self.pps[...]]))
        #expect(record.suffix(4) == [0xFD, 0xF8, 0xF8, 0])
        #expect(AVCConfiguration.record(sps: [], pps: [Self.pps[...]]) == nil)
        #expect(AVCConfiguration.record(sps: [high[...]], pps: []) == nil)
        #expect(AVCConfiguration.record(sps: Array(repeating: high[...], count: 32), pps: [Self.pps[...]]) == nil)
    }

    @Test func walksOverNALUnits() {
        #expect(Array(NALUnits(Self.accessUnit([[1], [2, 3]]))) == [4..<5, 9..<11])
        // A length of nothing, of too much, and one that is cut.
        #expect(Array(NALUnits([0, 0, 0, 0, 1])).isEmpty)
        #expect(Array(NALUnits([0, 0, 0, 1, 7, 0xFF, 0xFF, 0xFF, 0xFF, 1])) == [4..<5])
        #expect(Array(NALUnits([0, 0, 0, 1, 7, 0, 0])) == [4..<5])
    }
}
