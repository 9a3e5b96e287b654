import Testing

@testable import PutLiveWebRTC

/// Cuts a compound packet into its packets.
func parts(_ compound: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = compound[...]
    while rest.count >= 4 {
        let first = rest.startIndex
        let length = 4 + 4 * (Int(rest[first + 2]) << 8 | Int(rest[first + 3]))
        guard length <= rest.count else { return [] }
        parts.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
    }
    return rest.isEmpty ? parts : []
}

@Suite struct RTCPWriterTests {
    private var writer = RTCPWriter(ssrc: 0x01020304, cname: "ab")
    private let emptyReport: [UInt8] = [0x80, 201, 0, 1, 1, 2, 3, 4]
    private let description: [UInt8] = [0x81, 202, 0, 3, 1, 2, 3, 4, 1, 2, 0x61, 0x62, 0, 0, 0, 0]

    @Test mutating func nothingToSay() {
        #expect(writer.take().isEmpty)
    }

    @Test mutating func eachCompoundBeginsAsItShould() {
        writer.pictureLossIndication(media: 5)
        let compounds = writer.take()
        #expect(compounds == [emptyReport + description + [0x81, 206, 0, 2, 1, 2, 3, 4, 0, 0, 0, 5]])
        #expect(writer.take().isEmpty)
        // Names of other lengths end on 32 bits too, after one zero at least.
        for length in 0...70 {
            var writer = RTCPWriter(ssrc: 1, cname: String(repeating: "x", count: length))
            writer.pictureLossIndication(media: 5)
            let parts = parts(writer.take()[0])
            #expect(parts.count == 3)
            #expect(parts[1].last == 0 && parts[1].count % 4 == 0)
            #expect(Int(parts[1][9]) == min(length, 64))
        }
    }

    @Test mutating func nack() {
        writer.nack(media: 5, [65534, 65535, 0, 14, 15, 40])
        let fields: [UInt8] = [0xFF, 0xFE, 0x80, 0x03, 0, 15, 0, 0, 0, 40, 0, 0]
        #expect(parts(writer.take()[0])[2] == [0x81, 205, 0, 5, 1, 2, 3, 4, 0, 0, 0, 5] + fields)
    }

    @Test mutating func maximumBitrate() {
        writer.maximumBitrate(2_500_000, for: [5])
        // 2 500 000 = 156 250 << 4.
        let rate: [UInt8] = [1, 4 << 2 | 2, 0x62, 0x5A]
        #expect(
            parts(writer.take()[0])[2] == [0x8F, 206, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0] + Array("REMB".utf8) + rate
                + [0, 0, 0, 5])
        writer.maximumBitrate(-1, for: [])
        #expect(parts(writer.take()[0])[2].suffix(4) == [0, 0, 0, 0])
        writer.maximumBitrate(.max, for: [])
        #expect(parts(writer.take()[0])[2].suffix(4) == [0, 45 << 2 | 3, 0xFF, 0xFF])
    }

    @Test mutating func reports() {
        let block = ReceptionReport.Block(
            ssrc: 5, fractionLost: 64, lost: -2, highestSequence: 0x0001_0002, jitter: 3, lastSenderReport: 4,
            delaySinceSenderReport: 6)
        let bytes: [UInt8] =
            [0, 0, 0, 5, 64, 0xFF, 0xFF, 0xFE, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 6]
        writer.receiverReport([block])
        writer.referenceTime(0x0102_0304_0506_0708)
        let reference: [UInt8] = [0x80, 207, 0, 4, 1, 2, 3, 4, 4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(writer.take() == [[0x81, 201, 0, 7, 1, 2, 3, 4] + bytes + description + reference])
        // Not the first of its compound: the empty one before it stays.
        writer.pictureLossIndication(media: 5)
        writer.receiverReport([block])
        let second = parts(writer.take()[0])
        #expect(second.map { $0[1] } == [201, 202, 206, 201])
        #expect(second[3] == [0x81, 201, 0, 7, 1, 2, 3, 4] + bytes)
    }

    @Test mutating func feedbackIsPadded() {
        for length in 8...12 {
            let content = [UInt8](repeating: 7, count: length)
            writer.transportFeedback(media: 5, content)
            let packet = parts(writer.take()[0])[2]
            let padding = packet[0] & 0x20 != 0 ? Int(packet[packet.count - 1]) : 0
            #expect(packet[0] & 0x1F == 15)
            #expect(Array(packet[12..<(packet.count - padding)]) == content)
            #expect(packet.count % 4 == 0)
        }
    }

    @Test mutating func longCompoundsAreSplit() {
        for _ in 0..<200 { writer.pictureLossIndication(media: 5) }
        let compounds = writer.take()
        #expect(compounds.count == 3)
        #expect(compounds.allSatisfy { $0.count <= 1200 && parts($0).map { $0[1] }.starts(with: [201, 202]) })
        #expect(compounds.map { parts($0).count - 2 }.reduce(0, +) == 200)
    }
}
