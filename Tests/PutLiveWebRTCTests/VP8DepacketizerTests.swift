import Testing

@testable import PutLiveWebRTC

private let keyframe: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01, 0xAB]
private let delta: [UInt8] = [0x11, 0x02, 0x00, 0xCD]

private struct Reader {
    var depacketizer = VP8Depacketizer()
    var frames: [AssembledFrame] = []

    mutating func feed(_ payload: [UInt8], at timestamp: UInt32, marker: Bool = true, gap: Bool = false) {
        payload.withUnsafeBytes {
            depacketizer.receive($0, timestamp: timestamp, marker: marker, followsGap: gap, into: &frames)
        }
    }
}

/// A descriptor with a picture number of 15 bits, as browsers send it.
private func numbered(_ number: UInt16, _ bytes: [UInt8]) -> [UInt8] {
    [0x90, 0x80, 0x80 | UInt8(number >> 8), UInt8(number & 0xFF)] + bytes
}

@Suite struct VP8DepacketizerTests {
    private var reader = Reader()

    @Test mutating func framesOfOneAndOfManyPackets() {
        #expect(reader.depacketizer.needsKeyframe)
        reader.feed([0x10] + keyframe[..<4], at: 1, marker: false)
        reader.feed([0x00] + keyframe[4..<8], at: 1, marker: false)
        // A second partition.
        reader.feed([0x11] + keyframe[8...], at: 1)
        reader.feed([0x10] + delta, at: 2)
        #expect(
            reader.frames == [
                AssembledFrame(timestamp: 1, isKeyframe: true, followsLoss: false, data: keyframe),
                AssembledFrame(timestamp: 2, isKeyframe: false, followsLoss: false, data: delta),
            ])
        #expect(!reader.depacketizer.needsKeyframe)
        #expect(reader.depacketizer.framesDropped == 0)
    }

    @Test mutating func framesEndWithoutMarker() {
        reader.feed([0x10] + keyframe, at: 1, marker: false)
        reader.feed([0x10] + delta, at: 2, marker: false)
        // The same timestamp, but a beginning.
        reader.feed([0x10] + delta, at: 2, marker: false)
        #expect(reader.frames.map(\.timestamp) == [1, 2])
        reader.feed([], at: 3, marker: true)
        #expect(reader.frames.count == 2)
    }

    @Test mutating func nothingButAKeyframeAfterALoss() {
        reader.feed([0x10] + keyframe, at: 1)
        reader.feed([0x10] + delta, at: 3, gap: true)
        reader.feed([0x10] + delta, at: 4)
        #expect(reader.frames.count == 1)
        #expect(reader.depacketizer.needsKeyframe)
        #expect(reader.depacketizer.framesDropped == 2)
        reader.feed([0x10] + keyframe, at: 5)
        #expect(reader.frames.map(\.followsLoss) == [false, true])
    }

    @Test(arguments: 0..<3) func keyframeThatMissesAPart(lost: Int) {
        let packets = [[0x10] + keyframe[..<4], [0x00] + keyframe[4..<8], [0x00] + keyframe[8...]]
        var reader = Reader()
        reader.feed([0x10] + keyframe, at: 1)
        var gap = false
        for (place, packet) in packets.enumerated() where place != lost {
            gap = place == lost + 1
            reader.feed(packet, at: 2, marker: place == 2, gap: gap)
        }
        reader.feed([0x10] + delta, at: 3, gap: lost == 2)
        #expect(reader.frames.map(\.timestamp) == [1])
        #expect(reader.depacketizer.needsKeyframe)
    }

    @Test mutating func lostPaddingIsNoLoss() {
        reader.feed(numbered(0x7FFE, keyframe), at: 1)
        reader.feed(numbered(0x7FFF, delta), at: 2, gap: true)
        reader.feed(numbered(0, delta), at: 3, gap: true)
        #expect(reader.frames.map(\.timestamp) == [1, 2, 3])
        #expect(reader.frames.allSatisfy { !$0.followsLoss })
        reader.feed(numbered(2, delta), at: 4, gap: true)
        #expect(reader.frames.count == 3)
        #expect(reader.depacketizer.needsKeyframe)
    }

    @Test mutating func shortPictureNumbersAreNotTrusted() {
        reader.feed([0x90, 0x80, 5] + keyframe, at: 1)
        reader.feed([0x90, 0x80, 6] + delta, at: 2, gap: true)
        #expect(reader.frames.count == 1)
        reader.feed(numbered(7, keyframe), at: 3)
        reader.feed([0x90, 0x80, 8] + delta, at: 4, gap: true)
        #expect(reader.frames.map(\.timestamp) == [1, 3])
    }

    @Test(
        arguments: [[0x90], [0x10], [0x90, 0x80], [0x90, 0x80, 0x80], [0x90, 0xC0, 1], [0x90, 0x20]] as [[UInt8]])
    mutating func malformedPayloadsAreALoss(payload: [UInt8]) {
        reader.feed([0x10] + keyframe, at: 1)
        reader.feed([0x10] + delta, at: 2, marker: false)
        reader.feed(payload, at: 2)
        reader.feed([0x10] + delta, at: 3)
        #expect(reader.frames.map(\.timestamp) == [1])
        #expect(reader.depacketizer.packetsIgnored == 1)
        #expect(reader.depacketizer.framesDropped == 2)
        #expect(reader.depacketizer.needsKeyframe)
    }

    @Test mutating func malformedPayloadsSpoilKeyframesAndWhatFollows() {
        reader.feed([0x10] + keyframe, at: 1, marker: false)
        reader.feed([0x90], at: 1)
        #expect(reader.frames.isEmpty)
        reader.feed([0x10] + keyframe, at: 2)
        // Perhaps a frame of its own.
        reader.feed([0x90], at: 3)
        reader.feed([0x10] + delta, at: 4)
        #expect(reader.frames.map(\.timestamp) == [2])
    }

    @Test mutating func frameWithoutItsBeginningIsDropped() {
        reader.feed([0x10] + keyframe, at: 1)
        reader.feed([0x00] + delta, at: 2)
        #expect(reader.frames.count == 1)
        #expect(reader.depacketizer.framesDropped == 1)
    }

    @Test mutating func keyframeWithoutStartCodeIsNone() {
        reader.feed([0x10, 0x10, 0x02, 0x00, 1, 2, 3, 4, 5, 6, 7], at: 1)
        reader.feed([0x10] + keyframe[..<9], at: 2)
        #expect(reader.frames.isEmpty)
        #expect(reader.depacketizer.framesDropped == 2)
    }

    @Test mutating func memoryOfAFrameIsBounded() {
        reader.feed([0x10] + keyframe, at: 1, marker: false)
        for _ in 0..<80 { reader.feed([0x00] + Array(repeating: 0, count: 60_000), at: 1, marker: false) }
        reader.feed([0x10] + keyframe, at: 2)
        #expect(reader.frames.map(\.timestamp) == [2])
    }

    @Test func descriptors() throws {
        func descriptor(_ bytes: [UInt8]) -> VP8Descriptor? { bytes.withUnsafeBytes { VP8Descriptor($0) } }
        let plain = try #require(descriptor([0x35, 1]))
        #expect(plain.count == 1 && plain.beginsPartition && plain.partition == 5 && plain.isDiscardable)
        #expect(!plain.beginsFrame && plain.pictureID == nil && plain.baseLayerIndex == nil)
        let full = try #require(descriptor([0x90, 0xF0, 0x81, 0x02, 0x33, 0xC5, 1]))
        #expect(full.count == 6 && full.beginsFrame && !full.isDiscardable)
        #expect(full.pictureID == 0x102 && full.hasLongPictureID)
        #expect(full.baseLayerIndex == 0x33 && full.temporalLayer == 3)
        let onlyKeyIndex = try #require(descriptor([0x90, 0x90, 0x7F, 0xC5, 1]))
        #expect(onlyKeyIndex.count == 4 && onlyKeyIndex.pictureID == 0x7F && onlyKeyIndex.temporalLayer == nil)
        #expect(descriptor([]) == nil)
    }
}
