import Testing

@testable import PutLiveMedia

@Suite struct OpusCopiesTests {
    /// RFC 6716, section 4.2.3. A packet begins with five bits of configuration, one for stereo, two for the frames.
    @Test(
        arguments: [
            // SILK of 20 ms: the second bit.
            ([0x08, 0x40], true), ([0x08, 0xBF], false),
            // Of two channels: the second of either.
            ([0x0C, 0x40], true), ([0x0C, 0x10], true), ([0x0C, 0xAF], false),
            // 10 ms, 40 ms, 60 ms: after as many bits as there are parts of 20 ms.
            ([0x00, 0x40], true), ([0x10, 0x20], true), ([0x10, 0xDF], false), ([0x18, 0x10], true),
            ([0x18, 0xEF], false),
            ([0x14, 0x04], true), ([0x14, 0xDB], false), ([0x1C, 0x01], true), ([0x1C, 0xEE], false),
            // Hybrid.
            ([0x68, 0x40], true), ([0x68, 0xBF], false),
            // CELT.
            ([0x80, 0xFF], false), ([0xFC, 0xFF, 0xFF], false),
            // Two frames of which the second has one; three, and one of no bytes.
            ([0x09, 0x80, 0x40], true), ([0x09, 0x80, 0x80], false), ([0x0B, 0x03, 0x00, 0x00, 0x40], true),
            ([0x0A, 0x00, 0x40], true),
            // Nothing, a pause, and malformed ones.
            ([], false), ([0x08], false), ([0x09, 0x40], false), ([0x0B, 0x00], false), ([0x0A, 0x40, 0x40], false),
        ] as [([UInt8], Bool)])
    func findsThem(packet: [UInt8], exist: Bool) {
        #expect(OpusCopies.exist(in: packet) == exist)
    }

    @Test(
        arguments: [
            ([0x08, 0], 960), ([0x00, 0], 480), ([0x18, 0], 2880), ([0x09, 0, 0], 1920), ([0x1B, 0x02, 0, 0], 5760),
            ([0xE0, 0], 120), ([0x1B, 0x03, 0, 0, 0], 0), ([0x0B], 0), ([], 0),
        ] as [([UInt8], Int)])
    func measuresPackets(packet: [UInt8], length: Int) {
        #expect(OpusCopies.length(of: packet) == length)
    }

    @Test(arguments: [true, false]) func knowsWhatLibopusMakes(hasCopies: Bool) throws {
        let voice = Voice.samples(seconds: 3)
        for (milliseconds, channels) in [(10, Int32(1)), (20, 2), (40, 1), (60, 2)] {
            let frames = try OpusSample(
                milliseconds: milliseconds, channels: channels, application: "voip", bitRate: 32_000, copies: hasCopies
            ).frames(seconds: 3) { voice[$0] }
            let count = frames.count { OpusCopies.exist(in: $0.data) }
            #expect(hasCopies ? count > frames.count / 4 : count == 0)
        }
    }
}
