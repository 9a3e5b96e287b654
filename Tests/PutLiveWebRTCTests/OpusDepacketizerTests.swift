import Testing

@testable import PutLiveWebRTC

private func opus(_ bytes: [UInt8]) -> OpusPacket? { bytes.withUnsafeBytes { OpusPacket($0) } }

@Suite struct OpusPacketTests {
    /// RFC 6716 table 2.
    @Test func lengthsOfAllConfigurations() {
        let silk = [480, 960, 1920, 2880]
        let celt = [120, 240, 480, 960]
        let all = silk + silk + silk + [480, 960, 480, 960] + celt + celt + celt + celt
        for (configuration, samples) in all.enumerated() {
            #expect(opus([UInt8(configuration << 3), 1])?.sampleCount == samples)
        }
        #expect(opus([0xFC, 1])?.isStereo == true)
        #expect(opus([0xF8, 1])?.isStereo == false)
    }

    @Test func twoFrames() {
        #expect(opus([0xF9, 1, 2])?.sampleCount == 1920)
        #expect(opus([0xF9, 1]) == nil)
        #expect(opus([0xFA, 1, 7, 8])?.sampleCount == 1920)
        #expect(opus([0xFA, 3, 7, 8]) == nil)
        #expect(opus([0xFA]) == nil)
        // A length in two bytes: 252 + 4 x 1.
        #expect(opus([0xFA, 252, 1] + Array(repeating: 0, count: 256))?.sampleCount == 1920)
        #expect(opus([0xFA, 252, 1] + Array(repeating: 0, count: 255)) == nil)
        #expect(opus([0xFA, 252]) == nil)
    }

    @Test func signalledFrames() {
        // Three of one length, none, 49 of 2.5 ms and 48 of them.
        #expect(opus([0xFB, 3, 1, 2, 3])?.sampleCount == 2880)
        #expect(opus([0xFB, 3, 1, 2]) == nil)
        #expect(opus([0xFB, 0, 1]) == nil)
        #expect(opus([0xFB]) == nil)
        #expect(opus([0xE3, 49]) == nil)
        #expect(opus([0xE3, 48])?.sampleCount == 5760)
        // Of lengths of their own.
        #expect(opus([0xFB, 0x83, 1, 2, 9, 8, 8, 7])?.sampleCount == 2880)
        #expect(opus([0xFB, 0x83, 1, 4, 9, 8, 8]) == nil)
        #expect(opus([0xFB, 0x83, 1]) == nil)
        // Padding of 2, and of 254 + 1.
        #expect(opus([0xFB, 0x41, 2, 5, 0, 0])?.sampleCount == 960)
        #expect(opus([0xFB, 0x41, 2, 0]) == nil)
        #expect(opus([0xFB, 0x41, 255, 1] + Array(repeating: 0, count: 255))?.sampleCount == 960)
        #expect(opus([0xFB, 0x41, 255]) == nil)
    }

    @Test func greatestFrame() {
        for toc: UInt8 in [0xF8, 0xFB] {
            let count: [UInt8] = toc == 0xF8 ? [] : [1]
            #expect(opus([toc] + count + Array(repeating: 0, count: 1275)) != nil)
            #expect(opus([toc] + count + Array(repeating: 0, count: 1276)) == nil)
        }
        #expect(opus([0xF9] + Array(repeating: 0, count: 2552)) == nil)
    }
}

@Suite struct OpusDepacketizerTests {
    private var depacketizer = OpusDepacketizer()
    private var frames: [AssembledFrame] = []

    private mutating func feed(_ payload: [UInt8], at timestamp: UInt32, gap: Bool = false) {
        payload.withUnsafeBytes {
            depacketizer.receive($0, timestamp: timestamp, marker: false, followsGap: gap, into: &frames)
        }
    }

    @Test mutating func eachPacketIsAFrame() {
        #expect(depacketizer.lastSampleCount == 0)
        feed([0xFC, 1, 2], at: 960)
        #expect(depacketizer.lastSampleCount == 960)
        // DTX: a pause, then a packet of nothing but its first byte.
        feed([0xF8], at: 48_000)
        #expect(
            frames == [
                AssembledFrame(timestamp: 960, isKeyframe: true, followsLoss: false, data: [0xFC, 1, 2]),
                AssembledFrame(timestamp: 48_000, isKeyframe: true, followsLoss: false, data: [0xF8]),
            ])
        #expect(!depacketizer.needsKeyframe)
    }

    @Test mutating func lossesAreTold() {
        feed([0xFC, 1], at: 0, gap: true)
        feed([], at: 0, gap: true)
        feed([0xFC, 1], at: 1920)
        feed([0xF9, 1], at: 2880)
        feed([0xFC, 1], at: 3840)
        feed([0xFC, 1], at: 4800)
        #expect(frames.map(\.timestamp) == [0, 1920, 3840, 4800])
        #expect(frames.map(\.followsLoss) == [false, true, true, false])
        #expect(depacketizer.framesDropped == 1)
        #expect(depacketizer.packetsIgnored == 1)
    }
}
