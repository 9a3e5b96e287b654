import Testing

@testable import PutLiveMedia

@Suite struct OpusToAACTests {
    private func encode(_ frames: [MediaFrame], _ coder: OpusToAAC) throws -> [EncodedPacket] {
        var packets: [EncodedPacket] = []
        for frame in frames { try coder.encode(frame, into: &packets) }
        try coder.finish(into: &packets)
        return packets
    }

    private func isRising(_ times: [Int64]) -> Bool { zip(times, times.dropFirst()).allSatisfy { $0 < $1 } }

    /// A beep of 100 ms at each full second.
    private func beeps(_ sample: Int) -> Float { sample % 48_000 < 4800 ? OpusSample.tone(sample) : 0 }

    @Test(arguments: ["audio", "voip"]) func keepsTheToneAndTheTime(application: String) throws {
        let coder = try OpusToAAC()
        let frames = try OpusSample(application: application).frames(seconds: 3, OpusSample.tone)
        let packets = try encode(frames, coder)
        #expect(coder.format.audioSpecificConfig.prefix(2) == [0x11, 0x90])
        let reading = try AACReading(coder.format, packets)
        #expect(packets.count == 142 || packets.count == 141)
        #expect(isRising(reading.times))
        #expect(zip(reading.times, reading.times.dropFirst()).allSatisfy { (21_333...21_334).contains($1 - $0) })
        #expect(abs(reading.power(500..<2500) - 0.133) < 0.02)
        #expect(coder.malformedPackets == 0)
    }

    @Test(arguments: [Int32(1), 2]) func makesOneChannel(channels: Int32) throws {
        let coder = try OpusToAAC(channels: 1)
        let frames = try OpusSample(channels: channels).frames(seconds: 3, OpusSample.tone)
        let packets = try encode(frames, coder)
        #expect(coder.format.audioSpecificConfig.prefix(2) == [0x11, 0x88] && coder.format.channels == 1)
        #expect(abs(try AACReading(coder.format, packets).power(500..<2500) - 0.133) < 0.02)
    }

    @Test(arguments: [(10, Int32(2)), (20, 1), (60, 2), (60, 1)])
    func takesPacketsOfEachLength(milliseconds: Int, channels: Int32) throws {
        let coder = try OpusToAAC()
        let frames = try OpusSample(milliseconds: milliseconds, channels: channels).frames(seconds: 4, beeps)
        let reading = try AACReading(coder.format, try encode(frames, coder))
        let onsets = reading.onsets()
        #expect(onsets.count == 4)
        // libopus begins 6.5 ms late, which RTP doesn't tell.
        for (index, onset) in onsets.enumerated() { #expect(abs(onset - Double(index) * 1000 - 6.5) < 4) }
    }

    @Test func keepsTimeAcrossLossAndPauses() throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 10, beeps)
        // Single packets, a third of a second, a whole second; and a pause of 20 s.
        frames.removeAll { (300_000..<320_000).contains($0.presentationTime) }
        frames.removeAll { (1_400_000..<1_740_000).contains($0.presentationTime) }
        frames.removeAll { (2_200_000..<3_200_000).contains($0.presentationTime) }
        for index in frames.indices where frames[index].presentationTime >= 6_500_000 {
            frames[index].presentationTime += 20_000_000
        }
        let packets = try encode(frames, coder)
        let reading = try AACReading(coder.format, packets)
        #expect(isRising(reading.times))
        let expected: [Double] = [0, 1000, 2000, 4000, 5000, 6000, 27_000, 28_000, 29_000]
        let onsets = reading.onsets()
        #expect(onsets.count == expected.count)
        for (found, expected) in zip(onsets, expected) { #expect(abs(found - expected - 6.5) < 4) }
        // The pause isn't written.
        #expect(packets.count < 11 * 47)
    }

    @Test func concealsWithoutAClick() throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 2, OpusSample.tone)
        frames.remove(at: 50)
        let reading = try AACReading(coder.format, try encode(frames, coder))
        #expect(reading.power(1001..<1008) > 0.03, "it fades, it doesn't stop")
        let steps = zip(reading.samples[4800..<91_200], reading.samples[4801..<91_201]).map { abs($0 - $1) }
        // A tone of 480 Hz and 0.5 changes by 0.04 from sample to sample.
        #expect((steps.max() ?? 1) < 0.12)
    }

    /// Where packets are told to be lost, something is made of them; where they aren't sent, there is silence.
    @Test(arguments: [true, false]) func mendsLosses(isTold: Bool) throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 3, OpusSample.tone)
        let whole = try AACReading(coder.format, try encode(frames, coder))
        for index in stride(from: 120, to: 20, by: -10) {
            frames.remove(at: index)
            frames[index].followsLoss = isTold
        }
        let again = try OpusToAAC()
        let reading = try AACReading(again.format, try encode(frames, again))
        #expect(reading.times == whole.times)
        // The second half of a lost packet, when what is heard in its place has faded.
        for index in stride(from: 30, through: 120, by: 10) {
            let start = index * 20 + 17
            #expect(isTold ? reading.power(start..<start + 6) > 0.1 : reading.power(start..<start + 6) < 0.06)
        }
        // The timeline has moved a little meanwhile.
        let steps = zip(reading.samples[4800..<136_000], reading.samples[4801..<136_001]).map { abs($0 - $1) }
        if isTold { #expect((steps.max() ?? 1) < 0.08) }
    }

    @Test func mendsWhatComesAfterDamage() throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 2, OpusSample.tone)
        frames[50].data = [0xFF, 0]
        let reading = try AACReading(coder.format, try encode(frames, coder))
        #expect(coder.malformedPackets == 1)
        #expect(reading.power(1012..<1022) > 0.1)
    }

    /// The picture went on alone, so nobody waits for what was lost.
    @Test func doesNotMendWhatIsOver() throws {
        let coder = try OpusToAAC()
        let frames = try OpusSample().frames(seconds: 3, OpusSample.tone)
        var packets: [EncodedPacket] = []
        for frame in frames[..<50] { try coder.encode(frame, into: &packets) }
        try coder.catchUp(to: 1_700_000, into: &packets)
        for var frame in frames[66...] {
            frame.followsLoss = frame.presentationTime == 66 * 20_000
            try coder.encode(frame, into: &packets)
        }
        try coder.finish(into: &packets)
        let reading = try AACReading(coder.format, packets)
        #expect(isRising(reading.times))
        #expect(reading.power(1100..<1300) < 0.001)
        #expect(abs((reading.onsets().last ?? 0) - 1326.5) < 8)
    }

    @Test func followsAClockThatDrifts() throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 60, beeps)
        // The broadcaster's sound card is 0.1 % slow: 60 ms in all.
        for index in frames.indices { frames[index].presentationTime += frames[index].presentationTime / 1000 }
        let reading = try AACReading(coder.format, try encode(frames, coder))
        let onsets = reading.onsets()
        #expect(onsets.count == 60)
        for (index, onset) in onsets.enumerated() { #expect(abs(onset - Double(index) * 1001 - 6.5) < 16) }
    }

    @Test func takesDamagedPacketsAsLost() throws {
        let coder = try OpusToAAC()
        var frames = try OpusSample().frames(seconds: 3, OpusSample.tone)
        // A frame count of zero in code 3 (RFC 6716, section 3.2.5), and nothing at all.
        frames[60].data = [0xFF, 0]
        frames[90].data = []
        let packets = try encode(frames, coder)
        let reading = try AACReading(coder.format, packets)
        #expect(coder.malformedPackets >= 1)
        #expect(isRising(reading.times))
        #expect(abs(reading.power(2000..<2900) - 0.133) < 0.02)
    }

    @Test func goesOnInSilenceWithThePicture() throws {
        let coder = try OpusToAAC()
        let frames = try OpusSample().frames(seconds: 1, OpusSample.tone)
        var packets: [EncodedPacket] = []
        try coder.catchUp(to: 5_000_000, into: &packets)
        #expect(packets.isEmpty, "no sound has come yet")
        for frame in frames { try coder.encode(frame, into: &packets) }
        try coder.catchUp(to: 1_500_000, into: &packets)
        let before = packets.count
        // The picture goes on alone.
        for time in stride(from: Int64(1_500_000), through: 4_000_000, by: 33_333) {
            try coder.catchUp(to: time, into: &packets)
        }
        #expect(packets.count > before + 80)
        // Sound comes back, and is in time.
        for frame in try OpusSample().frames(seconds: 1, from: 4_000_000, OpusSample.tone) {
            try coder.encode(frame, into: &packets)
        }
        try coder.finish(into: &packets)
        let reading = try AACReading(coder.format, packets)
        #expect(isRising(reading.times))
        let onsets = reading.onsets()
        #expect(onsets.count == 2)
        #expect(abs((onsets.last ?? 0) - 4006.5) < 8)
    }

    @Test func leavesNothingBehindWhenItJumps() throws {
        let coder = try OpusToAAC()
        var packets: [EncodedPacket] = []
        for frame in try OpusSample().frames(seconds: 1, OpusSample.tone) { try coder.encode(frame, into: &packets) }
        let before = packets.count
        try coder.catchUp(to: 60_000_000, into: &packets)
        // All that was heard is out, with the time that it was heard at.
        #expect((2...4).contains(packets.count - before))
        let end = packets.last.map { $0.presentationTime + $0.duration } ?? 0
        #expect((980_000..<1_020_000).contains(end))
        try coder.catchUp(to: 60_300_000, into: &packets)
        try coder.finish(into: &packets)
        let reading = try AACReading(coder.format, packets)
        #expect(isRising(reading.times))
        #expect(reading.power(900..<970) > 0.1 && reading.power(59_000..<61_000) < 0.001)
    }

    /// By the broadcaster's clock the picture is far ahead from some moment on: sound that comes is heard all the same.
    @Test(arguments: [Int64(1_000_000), 4_000_000]) func keepsSoundThatIsLate(lateness: Int64) throws {
        let coder = try OpusToAAC()
        var packets: [EncodedPacket] = []
        for frame in try OpusSample().frames(seconds: 12, beeps) {
            try coder.encode(frame, into: &packets)
            let isAhead = frame.presentationTime > 2_500_000
            try coder.catchUp(to: frame.presentationTime + (isAhead ? lateness : 0), into: &packets)
        }
        try coder.finish(into: &packets)
        let reading = try AACReading(coder.format, packets)
        #expect(isRising(reading.times))
        // What comes right after that moment may be lost.
        let onsets = reading.onsets().filter { $0 > 6900 }
        #expect(onsets.count == 5)
        for (index, onset) in onsets.enumerated() { #expect(abs(onset - Double(index) * 1000 - 7006.5) < 4) }
    }
}
