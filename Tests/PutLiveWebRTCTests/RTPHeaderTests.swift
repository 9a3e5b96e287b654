import Testing

@testable import PutLiveWebRTC

@Suite struct RTPHeaderTests {
    @Test func plain() {
        let packet = RTPPacketBuilder(
            payloadType: 96, marker: true, sequence: 0xFFFE, timestamp: 0x8000_0001, ssrc: 0xDEAD_BEEF, payload: [1, 2])
        let header = header(of: packet.bytes)
        #expect(header?.payloadType == 96)
        #expect(header?.marker == true)
        #expect(header?.sequence == 0xFFFE)
        #expect(header?.timestamp == 0x8000_0001)
        #expect(header?.ssrc == 0xDEAD_BEEF)
        #expect(header?.payload == 12..<14)
        #expect(header?.transportSequence == nil)
        #expect(header?.mid == nil)
    }

    @Test func extensionsCSRCsAndPadding() {
        let packet = RTPPacketBuilder(
            csrcs: [1, 2], extensions: [(3, [0x12, 0x34]), (9, [0]), (4, Array("video".utf8))], payload: [7, 8, 9],
            padding: 5)
        let bytes = packet.bytes
        let header = header(of: bytes)
        #expect(header?.transportSequence == 0x1234)
        #expect(header?.mid.map { Array(bytes[$0]) } == Array("video".utf8))
        #expect(header?.payload.map { bytes[$0] } == [7, 8, 9])
        // Numbers that weren't agreed on mean nothing.
        let other = RTPHeader.self
        let unknown = bytes.withUnsafeBytes { other.init($0, extensions: HeaderExtensionIDs()) }
        #expect(unknown?.transportSequence == nil && unknown?.mid == nil)
    }

    @Test func onlyPadding() {
        let header = header(of: RTPPacketBuilder(padding: 255).bytes)
        #expect(header?.payload.isEmpty == true)
    }

    @Test func twoByteExtensions() {
        var bytes: [UInt8] = [0x90, 96] + [UInt8](repeating: 0, count: 10) + [0x10, 0x05, 0, 3]
        bytes += [0, 4, 1, 0x61, 7, 0, 3, 3, 0xAB, 0xCD, 1, 0] + [0xFF]
        let header = header(of: bytes)
        #expect(header?.mid == 19..<20)
        #expect(header?.transportSequence == 0xABCD)
        #expect(header?.payload == 28..<29)
    }

    @Test func damagedExtensionsLeaveThePayload() {
        func extended(_ profile: [UInt8], _ elements: [UInt8]) -> RTPHeader? {
            header(
                of: [0x90, 96] + [UInt8](repeating: 0, count: 10) + profile + [0, UInt8(elements.count / 4)] + elements
                    + [0x42])
        }
        // Longer than the extension; number 15; too short for a transport sequence number; another profile; an element
        // of two bytes without its second.
        #expect(extended([0xBE, 0xDE], [0x3F, 1, 2, 3])?.transportSequence == nil)
        #expect(extended([0xBE, 0xDE], [0xF0, 0x31, 2, 3])?.transportSequence == nil)
        #expect(extended([0xBE, 0xDE], [0x30, 1, 0, 0])?.transportSequence == nil)
        #expect(extended([0xAB, 0xCD], [0x31, 1, 2, 0])?.transportSequence == nil)
        #expect(extended([0x10, 0x00], [0, 0, 0, 3])?.transportSequence == nil)
        #expect(extended([0x10, 0x00], [3, 9, 0, 3])?.transportSequence == nil)
        #expect(extended([0x10, 0x00], [4, 0, 0, 0])?.mid == nil)
        #expect(extended([0xBE, 0xDE], [0x31, 1, 2, 0])?.transportSequence == 0x0102)
        #expect(extended([0xBE, 0xDE], [0x3F, 1, 2, 3])?.payload == 20..<21)
    }

    @Test func whatIsCutOffIsRefused() {
        let whole = RTPPacketBuilder(csrcs: [1], extensions: [(3, [1, 2])], payload: [], padding: 3).bytes
        #expect(header(of: whole) != nil)
        for length in whole.indices { #expect(header(of: Array(whole[..<length])) == nil) }
        // Another version; padding that says 0, or more than there is.
        #expect(header(of: [0x40] + RTPPacketBuilder().bytes.dropFirst()) == nil)
        #expect(header(of: [0xA0] + RTPPacketBuilder(payload: [1, 0]).bytes.dropFirst()) == nil)
        #expect(header(of: [0xA0] + RTPPacketBuilder(payload: [1, 3]).bytes.dropFirst()) == nil)
        #expect(header(of: [0xA0] + RTPPacketBuilder().bytes.dropFirst()) == nil)
    }
}
