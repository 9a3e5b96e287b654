import Testing

@testable import PutLiveMedia

@Suite struct HLSElementaryStreamTests {
    @Test func takesParameterSetsOutOfTheirRecord() throws {
        let record: [UInt8] = [1, 66, 0, 31, 0xff, 0xe1, 0, 3, 0x67, 1, 2, 1, 0, 2, 0x68, 3]
        #expect(try AnnexB.parameterSets(record) == [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3])
        // Whatever the high profiles have behind is left.
        #expect(try AnnexB.parameterSets(record + [0xfd, 0xf8]).count == 13)
        for length in 0..<record.count {
            #expect(throws: MediaError.self) { try AnnexB.parameterSets(Array(record.prefix(length))) }
        }
        for (index, byte) in [(0, UInt8(0)), (4, 0xfd), (7, 0), (6, 9)] {
            var broken = record
            broken[index] = byte
            #expect(throws: MediaError.self) { try AnnexB.parameterSets(broken) }
        }
    }

    @Test func putsStartCodesInThePlaceOfLengths() throws {
        var bytes: [UInt8] = [9, 9]
        try AnnexB.append([0, 0, 0, 2, 0x65, 1, 0, 0, 0, 1, 0x41], parameterSets: [7, 7], to: &bytes)
        #expect(bytes == [9, 9, 0, 0, 0, 1, 9, 0xf0, 7, 7, 0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x41])
    }

    @Test(
        arguments: [
            [], [0, 0, 0, 1], [0, 0, 0, 2, 0x65], [0, 0, 0, 0, 0x65], [0, 0, 0, 1, 0x65, 0],
            [0xff, 0xff, 0xff, 0xff, 0x65],
            [0, 0, 0, 1, 0x65, 0, 0, 0, 1],
        ] as [[UInt8]]) func refusesLengthsThatCannotBe(unit: [UInt8])
    {
        var bytes: [UInt8] = []
        #expect(throws: MediaError.self) { try AnnexB.append(unit, parameterSets: [], to: &bytes) }
    }

    @Test func headsSoundWithADTS() throws {
        // AAC-LC, 48 kHz, two channels.
        let header = try ADTSHeader([0x11, 0x90])
        var bytes: [UInt8] = [1]
        try header.append([UInt8](repeating: 5, count: 2050), to: &bytes)
        #expect(bytes.prefix(9) == [1, 0xff, 0xf1, 0x4c, 0x81, 0x01, 0x3f, 0xfc, 5])
        #expect(throws: MediaError.self) { try header.append([UInt8](repeating: 5, count: 8185), to: &bytes) }
        for config: [UInt8] in [[], [0x11], [0x29, 0x90], [0x16, 0x90], [0x11, 0x80], [0x01, 0x90]] {
            #expect(throws: MediaError.self) { try ADTSHeader(config) }
        }
    }
}
