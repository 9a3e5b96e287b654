import Testing

@testable import PutLiveWebRTC

/// NAL units of a made-up stream: only their first bytes mean something.
private enum Unit {
    static let sps: [UInt8] = [0x67, 0x42, 0xE0, 0x1F, 0x8C, 0x68]
    static let otherSPS: [UInt8] = [0x67, 0x42, 0xE0, 0x28, 0x8C, 0x69, 0x70]
    static let pps: [UInt8] = [0x68, 0xCE, 0x3C, 0x80]
    static let keyframe: [UInt8] = [0x65, 0x88, 1, 2, 3]
    static let delta: [UInt8] = [0x41, 0x9A, 4, 5]
    /// `first_mb_in_slice` isn't 0.
    static let laterKeyframeSlice: [UInt8] = [0x65, 0x40, 6]
}

private struct Reader {
    var depacketizer = H264Depacketizer()
    var frames: [AssembledFrame] = []

    mutating func feed(_ payload: [UInt8], at timestamp: UInt32, marker: Bool = false, gap: Bool = false) {
        payload.withUnsafeBytes {
            depacketizer.receive($0, timestamp: timestamp, marker: marker, followsGap: gap, into: &frames)
        }
    }

    /// A whole keyframe in two packets.
    mutating func feedKeyframe(at timestamp: UInt32, gap: Bool = false) {
        feed(aggregate(Unit.sps, Unit.pps), at: timestamp, gap: gap)
        feed(Unit.keyframe, at: timestamp, marker: true)
    }
}

/// The units as `AssembledFrame.data` has them.
private func written(_ units: [UInt8]...) -> [UInt8] {
    units.flatMap { [0, 0, UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
}

private func aggregate(_ units: [UInt8]...) -> [UInt8] {
    [0x78] + units.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
}

/// FU-A payloads of a unit, with so many bytes each.
private func fragments(_ unit: [UInt8], of size: Int) -> [[UInt8]] {
    let pieces = stride(from: 1, to: unit.count, by: size).map { unit[$0..<min($0 + size, unit.count)] }
    return pieces.enumerated().map { place, piece in
        let first: UInt8 = place == 0 ? 0x80 : 0
        let last: UInt8 = place == pieces.count - 1 ? 0x40 : 0
        return [unit[0] & 0x60 | 28, first | last | unit[0] & 0x1F] + piece
    }
}

@Suite struct H264DepacketizerTests {
    private var reader = Reader()

    @Test mutating func parameterSetsFromElsewhere() {
        reader.depacketizer = H264Depacketizer(parameterSets: [Unit.sps, [0x67], [], Unit.pps])
        reader.feed(Unit.keyframe, at: 1000, marker: true)
        reader.feed(Unit.delta, at: 4000, marker: true)
        #expect(reader.frames.map(\.data) == [written(Unit.sps, Unit.pps, Unit.keyframe), written(Unit.delta)])
        // Those that come in packets take their place.
        reader.feed(aggregate(Unit.otherSPS, Unit.pps), at: 7000)
        reader.feed(Unit.keyframe, at: 7000, marker: true)
        reader.feed(Unit.keyframe, at: 10_000, marker: true)
        let other = written(Unit.otherSPS, Unit.pps, Unit.keyframe)
        #expect(reader.frames.dropFirst(2).map(\.data) == [other, other])
        #expect(!reader.depacketizer.lacksParameterSets)
    }

    @Test mutating func parameterSetsThatNeverCome() {
        reader.feed(Unit.delta, at: 1000, marker: true)
        #expect(!reader.depacketizer.lacksParameterSets)
        reader.feed(Unit.keyframe, at: 4000, marker: true)
        reader.feed(Unit.delta, at: 7000, marker: true)
        #expect(reader.depacketizer.lacksParameterSets && reader.frames.isEmpty)
        reader.feed(aggregate(Unit.sps), at: 10_000)
        reader.feed(Unit.keyframe, at: 10_000, marker: true)
        #expect(reader.depacketizer.lacksParameterSets && reader.frames.isEmpty)
        reader.feedKeyframe(at: 13_000)
        #expect(!reader.depacketizer.lacksParameterSets && reader.frames.count == 1)
    }

    @Test mutating func singleUnitsAndAggregates() {
        #expect(reader.depacketizer.needsKeyframe)
        reader.feedKeyframe(at: 1000)
        #expect(!reader.depacketizer.needsKeyframe)
        reader.feed(aggregate(Unit.delta, Unit.delta), at: 4000, marker: true)
        #expect(
            reader.frames == [
                AssembledFrame(
                    timestamp: 1000, isKeyframe: true, followsLoss: false,
                    data: written(Unit.sps, Unit.pps, Unit.keyframe)),
                AssembledFrame(
                    timestamp: 4000, isKeyframe: false, followsLoss: false, data: written(Unit.delta, Unit.delta)),
            ])
        #expect(reader.depacketizer.packetsIgnored == 0)
    }

    @Test(arguments: [1, 2, 7, 999]) mutating func fragmentsOfEverySize(size: Int) {
        let keyframe: [UInt8] = [0x65, 0x88] + (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        reader.feed(aggregate(Unit.sps, Unit.pps), at: 1)
        let packets = fragments(keyframe, of: size)
        for (place, packet) in packets.enumerated() { reader.feed(packet, at: 1, marker: place == packets.count - 1) }
        #expect(reader.frames.map(\.data) == [written(Unit.sps, Unit.pps, keyframe)])
        #expect(reader.frames.first?.isKeyframe == true)
    }

    @Test mutating func parameterSetsInFragmentsAndSingleUnits() {
        for packet in fragments(Unit.sps, of: 2) { reader.feed(packet, at: 1) }
        reader.feed(Unit.pps, at: 1)
        reader.feed(Unit.keyframe, at: 1, marker: true)
        #expect(reader.frames.map(\.data) == [written(Unit.sps, Unit.pps, Unit.keyframe)])
    }

    @Test mutating func frameEndsWhereTheTimestampChanges() {
        reader.feedKeyframe(at: 1)
        reader.feed(Unit.delta, at: 2)
        #expect(reader.frames.count == 1)
        reader.feed(Unit.delta, at: 3, marker: true)
        #expect(reader.frames.map(\.timestamp) == [1, 2, 3])
        #expect(reader.depacketizer.framesDropped == 0)
    }

    @Test mutating func keyframeWithoutItsSetsGetsTheKnownOnes() {
        // Sent once, as a frame of their own.
        reader.feed(aggregate(Unit.sps, Unit.pps), at: 1, marker: true)
        #expect(reader.frames.isEmpty)
        #expect(reader.depacketizer.framesDropped == 0)
        reader.feed(Unit.keyframe, at: 2, marker: true)
        reader.feed(Unit.keyframe, at: 3, marker: true)
        let whole = written(Unit.sps, Unit.pps, Unit.keyframe)
        #expect(reader.frames.map(\.data) == [whole, whole])
    }

    @Test mutating func keyframeWithoutAnySetsIsOfNoUse() {
        reader.feed(Unit.keyframe, at: 1, marker: true)
        reader.feed(Unit.sps, at: 2)
        reader.feed(Unit.keyframe, at: 2, marker: true)
        #expect(reader.frames.isEmpty)
        #expect(reader.depacketizer.needsKeyframe)
        #expect(reader.depacketizer.framesDropped == 2)
    }

    @Test mutating func newResolutionForgetsTheOldSets() {
        reader.feedKeyframe(at: 1)
        // Another number of SPS: 1 (Exp-Golomb 010).
        var second = Unit.otherSPS
        second[4] = 0x4C
        reader.feed(aggregate(second, Unit.pps), at: 2)
        reader.feed(Unit.keyframe, at: 2, marker: true)
        #expect(reader.frames.last?.data == written(second, Unit.pps, Unit.keyframe))
        // The same number again, in place of it.
        reader.feed(aggregate(Unit.sps, Unit.pps), at: 3)
        reader.feed(Unit.keyframe, at: 3, marker: true)
        reader.feed(aggregate(Unit.otherSPS, Unit.pps), at: 4)
        reader.feed(Unit.keyframe, at: 4, marker: true)
        #expect(reader.frames.last?.data == written(Unit.otherSPS, Unit.pps, Unit.keyframe))
    }

    @Test mutating func changedSetsComeWithTheNextPicture() {
        reader.feedKeyframe(at: 1)
        let changed: [UInt8] = [0x68, 0xCE, 0x3C, 0x81]
        reader.feed(changed, at: 2)
        reader.feed(Unit.delta, at: 2, marker: true)
        reader.feed(changed, at: 3)
        reader.feed(Unit.delta, at: 3, marker: true)
        #expect(
            reader.frames.dropFirst().map(\.data) == [
                written(Unit.sps, changed, Unit.delta), written(Unit.delta),
            ])
    }

    @Test mutating func delimitersAndFillerAreLeftOut() {
        let supplement: [UInt8] = [0x06, 5, 1, 0x80]
        reader.feed(aggregate([0x09, 0xF0], Unit.sps, Unit.pps, supplement), at: 1)
        reader.feed([0x0C, 0xFF, 0x80], at: 1)
        reader.feed(Unit.keyframe, at: 1)
        reader.feed([0x0B], at: 1, marker: true)
        #expect(reader.frames.map(\.data) == [written(Unit.sps, Unit.pps, supplement, Unit.keyframe)])
        #expect(reader.depacketizer.packetsIgnored == 0)
    }

    @Test mutating func paddingBeginsNoFrame() {
        reader.feedKeyframe(at: 1)
        reader.feed([], at: 1)
        reader.feed([], at: 2)
        reader.feed(Unit.delta, at: 3, marker: true)
        #expect(reader.frames.map(\.timestamp) == [1, 3])
        // It may be what tells of the loss.
        reader.feed([], at: 3, gap: true)
        #expect(reader.depacketizer.needsKeyframe)
        reader.feed(Unit.delta, at: 4, marker: true)
        #expect(reader.frames.count == 2)
    }

    @Test mutating func unknownPayloadsAreIgnoredAndCounted() {
        reader.feedKeyframe(at: 1)
        for type: UInt8 in [0, 30, 31] { reader.feed([0x60 | type, 1, 2, 3], at: 2) }
        reader.feed(Unit.delta, at: 2, marker: true)
        #expect(reader.frames.map(\.timestamp) == [1, 2])
        #expect(reader.depacketizer.packetsIgnored == 3)
    }
}

@Suite struct H264LossTests {
    private var reader = Reader()

    @Test mutating func nothingButAKeyframeAfterALoss() {
        reader.feedKeyframe(at: 1)
        reader.feed(Unit.delta, at: 3, marker: true, gap: true)
        #expect(reader.depacketizer.needsKeyframe)
        reader.feed(Unit.delta, at: 4, marker: true)
        #expect(reader.frames.count == 1)
        #expect(reader.depacketizer.framesDropped == 2)
        reader.feedKeyframe(at: 5)
        reader.feed(Unit.delta, at: 6, marker: true)
        #expect(reader.frames.map(\.timestamp) == [1, 5, 6])
        #expect(reader.frames.map(\.followsLoss) == [false, true, false])
        #expect(!reader.depacketizer.needsKeyframe)
    }

    @Test mutating func keyframeRightAfterTheGap() {
        reader.feedKeyframe(at: 1)
        reader.feedKeyframe(at: 9, gap: true)
        #expect(reader.frames.map(\.timestamp) == [1, 9])
        #expect(reader.frames.last?.followsLoss == true)
        #expect(!reader.depacketizer.needsKeyframe)
    }

    /// Each packet of a keyframe lost in turn: the frame never gets through.
    @Test(arguments: 0..<7) func keyframeThatMissesAPart(lost: Int) {
        let slice: [UInt8] = [0x65, 0x88] + Array(repeating: 7, count: 40)
        let packets = [Unit.sps, Unit.pps] + fragments(slice, of: 10)
        #expect(packets.count == 7)
        var reader = Reader()
        reader.feedKeyframe(at: 1)
        var gap = false
        for (place, packet) in packets.enumerated() {
            if place == lost {
                gap = true
                continue
            }
            reader.feed(packet, at: 2, marker: place == packets.count - 1, gap: gap)
            gap = false
        }
        reader.feed(Unit.delta, at: 3, marker: true, gap: gap)
        // A lost PPS or SPS leaves a picture that looks whole, but for the habit of this sender to send both.
        #expect(reader.frames.map(\.timestamp) == [1])
        #expect(reader.depacketizer.needsKeyframe)
        #expect(reader.depacketizer.packetsIgnored == 0)
        reader.feedKeyframe(at: 4)
        #expect(reader.frames.map(\.timestamp) == [1, 4])
    }

    @Test mutating func laterSliceAloneIsNoKeyframe() {
        reader.feed(aggregate(Unit.sps, Unit.pps), at: 1, marker: true)
        reader.feed(Unit.keyframe, at: 2, marker: true)
        reader.feed(Unit.laterKeyframeSlice, at: 3, marker: true, gap: true)
        #expect(reader.frames.map(\.timestamp) == [2])
        // A sender without sets in its keyframes can't have lost them.
        reader.feed(Unit.keyframe, at: 4, marker: true, gap: true)
        #expect(reader.frames.map(\.timestamp) == [2, 4])
    }

    @Test mutating func beginningInTheMiddle() {
        reader.feed(fragments([0x65] + Array(repeating: 1, count: 20), of: 10)[1], at: 1, marker: true)
        reader.feed(Unit.delta, at: 2, marker: true)
        #expect(reader.frames.isEmpty)
        #expect(reader.depacketizer.framesDropped == 2)
        reader.feedKeyframe(at: 3)
        // Nothing that the reader has seen is lost.
        #expect(reader.frames.map(\.followsLoss) == [false])
    }

    static let malformed: [[UInt8]] = [
        [0x78, 0, 9, 0x41], [0x78, 0], [0x78, 0, 0], [0x78, 0, 2, 0x5C, 1], [0x41], [0xC1, 0x9A, 1], [0x42, 1, 2],
        [0x7C], [0x7C, 0x85], [0x7C, 0x9C, 1], [0xFC, 0xC1, 1], [0x79, 0, 0, 1, 2], [0x67, 1], [0x68, 0, 0, 1],
    ]

    @Test(arguments: malformed) mutating func malformedPayloadsAreALoss(payload: [UInt8]) {
        reader.feedKeyframe(at: 1)
        reader.feed(payload, at: 2)
        reader.feed(Unit.delta, at: 2, marker: true)
        reader.feed(Unit.delta, at: 3, marker: true)
        #expect(reader.frames.map(\.timestamp) == [1])
        #expect(reader.depacketizer.packetsIgnored == 1)
        #expect(reader.depacketizer.needsKeyframe)
        reader.feedKeyframe(at: 4)
        #expect(reader.frames.map(\.followsLoss) == [false, true])
    }

    @Test mutating func fragmentsThatDontFitTogether() {
        let pieces = fragments(Unit.delta + [1, 2, 3, 4], of: 2)
        // Begun twice, of two types, never ended, with another unit between.
        let mixtures: [[[UInt8]]] = [
            [pieces[0], pieces[0], pieces[3]], [pieces[0], [0x7C, 0x45, 1]], [pieces[0]], [pieces[3]],
            [pieces[0], Unit.delta, pieces[3]],
        ]
        for (place, mixture) in mixtures.enumerated() {
            let time = UInt32(place * 10)
            reader.feedKeyframe(at: time)
            for (place, packet) in mixture.enumerated() {
                reader.feed(packet, at: time + 1, marker: place == mixture.count - 1)
            }
            #expect(reader.frames.count == place + 1)
            #expect(reader.depacketizer.needsKeyframe)
        }
    }

    @Test mutating func memoryOfAFrameIsBounded() {
        reader.feedKeyframe(at: 1)
        let slice = Unit.delta + Array(repeating: 0, count: 60_000)
        for _ in 0..<80 { reader.feed(slice, at: 2) }
        reader.feed([], at: 2, marker: true)
        reader.feedKeyframe(at: 3)
        #expect(reader.frames.map(\.timestamp) == [1, 3])

        for fragment in fragments(Unit.delta + Array(repeating: 0, count: 5 << 20), of: 60_000) {
            reader.feed(fragment, at: 4)
        }
        reader.feedKeyframe(at: 5)
        #expect(reader.frames.map(\.timestamp) == [1, 3, 5])

        for count in [512, 513] {
            for _ in 1..<count { reader.feed(Unit.delta, at: UInt32(count)) }
            reader.feed(Unit.delta, at: UInt32(count), marker: true)
        }
        #expect(reader.frames.map(\.timestamp) == [1, 3, 5, 512])
    }
}

@Suite struct H264ParameterSetsTests {
    private func remember(_ bytes: [UInt8], in sets: inout H264ParameterSets) -> Bool {
        bytes.withUnsafeBytes { sets.remember($0) }
    }

    @Test func numbersAreExpGolomb() {
        var sets = H264ParameterSets()
        // 0, 1, 2, 6 and 255, and beyond what there may be.
        for first: [UInt8] in [[0x80], [0x40], [0x60], [0x38], [0x00, 0x80, 0x00]] {
            #expect(remember([0x68] + first, in: &sets))
        }
        #expect(sets.writtenCount == 4 * 6 + 8)
        #expect(!remember([0x68, 0x00, 0x80, 0x80], in: &sets))
        #expect(!remember([0x68, 0, 0, 0], in: &sets))
        #expect(!remember([0x68], in: &sets))
        #expect(!remember([], in: &sets))
        #expect(!sets.isComplete)
    }

    @Test func theirNumberAndSizeAreBounded() {
        var sets = H264ParameterSets()
        for id in 1...255 {
            // So many zeros as the number has bits after its first, then the number.
            let zeros = 31 - UInt32(id + 1).leadingZeroBitCount
            let bits = UInt32(id + 1) << (23 - 2 * zeros)
            let bytes = [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
            #expect(remember([0x67, 0x42, 0, 0x1F] + bytes, in: &sets))
            #expect(remember([0x68] + bytes, in: &sets))
        }
        #expect(sets.writtenCount == 32 * 11 + 64 * 8)
        #expect(sets.isComplete)
        #expect(!remember([0x68] + Array(repeating: 0x80, count: 4096), in: &sets))
        #expect(remember([0x68] + Array(repeating: 0x80, count: 4095), in: &sets))
    }
}
