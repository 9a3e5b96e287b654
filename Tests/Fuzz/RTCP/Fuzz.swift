import FuzzSupport
import PutLiveWebRTC

/// One input: any bytes at all, as the RTCP that a peer sends once its SRTCP is taken off. What must hold for every one of
/// them is checked here; what crashes, overflows or never ends, libFuzzer and the address sanitizer find. `scripts/fuzz`
/// runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRTCP(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    if let packets = RTCPPacket.parse(bytes) {
        require(!packets.isEmpty && packets.count <= 128, "\(packets.count) packets")
        require(packets.count * 4 <= size || packets.contains(where: \.isBlock), "more packets than bytes")
    }
    checkReceiver(bytes)
    return 0
}

extension RTCPPacket {
    /// Of these, one packet has many.
    fileprivate var isBlock: Bool {
        if case .delaySinceReference = self { true } else { false }
    }
}

/// A receiver with a stream that the input may speak of: SSRC 1, we being 2.
private func checkReceiver(_ bytes: UnsafeRawBufferPointer) {
    let track = NegotiatedTrack(
        mid: "0", kind: .video, payloads: [NegotiatedPayload(payloadType: 96, codec: .vp8)], ssrc: 1, usesNACK: true,
        usesPLI: true, usesREMB: true)
    var now = MonotonicTime(microseconds: 3_000_000)
    var receiver = MediaReceiver(
        tracks: [track], extensions: HeaderExtensionIDs(),
        settings: ReceiverSettings(localSSRC: 2, cname: "x", maxBitrate: 1_000_000, keyframeInterval: 2_000_000),
        now: now)
    let picture: [UInt8] = [0x80, 0xE0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0x10, 0x10, 0, 0, 0x9D, 1, 0x2A, 1, 0, 1, 0, 7]
    receiver.receiveRTCP(bytes, at: now)
    for number: UInt8 in [1, 2, 4] {
        var picture = picture
        picture[3] = number
        picture[7] = number
        picture.withUnsafeBytes { receiver.receiveRTP($0, at: now) }
        receiver.receiveRTCP(bytes, at: now)
        now = now.adding(milliseconds: 700)
        receiver.tick(at: now)
    }
    if let roundTrip = receiver.statistics.roundTripSeconds { require((0...5).contains(roundTrip), "\(roundTrip) s") }
    for compound in receiver.takeRTCP() {
        require(compound.count <= 1200, "\(compound.count) bytes of RTCP")
        let readable = compound.withUnsafeBytes { RTCPPacket.parse($0) }
        require(readable?.first == .receiverReport(ssrc: 2), "a compound that isn't one")
    }
}

/// The entry point.
@_cdecl("fuzz_rtcp_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzRTCP($0, $1) }
}
