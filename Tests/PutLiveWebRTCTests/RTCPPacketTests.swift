import Testing

@testable import PutLiveWebRTC

private func parse(_ bytes: [UInt8]) -> [RTCPPacket]? { bytes.withUnsafeBytes { RTCPPacket.parse($0) } }

@Suite struct RTCPPacketTests {
    private let senderReport: [UInt8] =
        [0x80, 200, 0, 6, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 100] + [UInt8](repeating: 0, count: 8)

    @Test func compound() {
        let description: [UInt8] = [0x81, 202, 0, 2, 0, 0, 0, 9, 1, 1, 0x61, 0]
        let goodbye: [UInt8] = [0x82, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 8]
        let other: [UInt8] = [0x80, 210, 0, 0]
        #expect(
            parse(senderReport + description + goodbye + other) == [
                .senderReport(ssrc: 9, ntp: 0x0102_0304_0506_0708, rtpTimestamp: 100), .sourceDescription,
                .goodbye([9, 8]), .other(type: 210),
            ])
    }

    @Test func receiverReportsWithBlocks() {
        let block = [UInt8](repeating: 0, count: 24)
        #expect(parse([0x81, 201, 0, 7, 0, 0, 0, 7] + block) == [.receiverReport(ssrc: 7)])
        #expect(parse([0x82, 201, 0, 7, 0, 0, 0, 7] + block) == nil)
        #expect(parse([0x81, 200] + senderReport.dropFirst(2)) == nil)
    }

    @Test func delaysSinceReference() {
        // A block of another kind, then one with two parts, then one that is cut off.
        let blocks: [UInt8] =
            [4, 0, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2, 5, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
            + [0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 5, 0, 0, 3]
        let packet: [UInt8] = [0x80, 207, 0, UInt8(1 + blocks.count / 4), 0, 0, 0, 7] + blocks
        #expect(
            parse(packet) == [
                .delaySinceReference(ssrc: 1, reference: 2, delay: 3),
                .delaySinceReference(ssrc: 4, reference: 5, delay: 6),
            ])
        #expect(parse([0x80, 207, 0, 0]) == nil)
    }

    @Test func whatIsCutOffIsRefused() {
        for length in senderReport.indices { #expect(parse(Array(senderReport[..<length])) == nil) }
        #expect(parse([0x40] + senderReport.dropFirst()) == nil)
        // Says that it is shorter than any sender report, and the same of goodbye.
        #expect(parse([0x80, 200, 0, 1, 0, 0, 0, 9]) == nil)
        #expect(parse([0x82, 203, 0, 1, 0, 0, 0, 9]) == nil)
        // Far more packets than anybody has to say.
        #expect(parse([UInt8]((0..<200).flatMap { _ in [0x80, 210, 0, 0] as [UInt8] })) == nil)
        let many: [UInt8] = [0x80, 207, 1, 0x91, 0, 0, 0, 7, 5, 0, 1, 0x8F] + [UInt8](repeating: 0, count: 4 * 399)
        #expect(parse(many)?.count == 128)
    }
}
