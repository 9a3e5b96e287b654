import FuzzSupport
import PutLiveWebRTC

/// One input: any bytes at all, first as one RTP packet, then as a series of packets that a receiver is given. What must
/// hold for every one of them is checked here; what crashes, overflows or never ends, libFuzzer and the address sanitizer
/// find. `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRTP(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    checkHeader(bytes)
    checkReceiver(bytes)
    return 0
}

private let extensions = HeaderExtensionIDs(mid: 1, transportCC: 2)

private func checkHeader(_ bytes: UnsafeRawBufferPointer) {
    guard let header = RTPHeader(bytes, extensions: extensions) else { return }
    require(header.payload.lowerBound >= 12 && header.payload.upperBound <= bytes.count, "a payload elsewhere")
    if let mid = header.mid {
        require(!mid.isEmpty && mid.lowerBound > 12, "a mid elsewhere")
        require(mid.upperBound <= header.payload.lowerBound, "a mid in the payload")
    }
}

/// The input as a script: of each packet, how much later it comes, its bytes' count, and the bytes.
private func checkReceiver(_ script: UnsafeRawBufferPointer) {
    let sound = NegotiatedTrack(
        mid: "0", kind: .audio, payloads: [NegotiatedPayload(payloadType: 111, codec: .opus)], usesTransportCC: true)
    let picture = NegotiatedTrack(
        mid: "1", kind: .video,
        payloads: [
            NegotiatedPayload(payloadType: 96, codec: .vp8, rtxPayloadType: 97),
            NegotiatedPayload(payloadType: 102, codec: .h264, rtxPayloadType: 103),
        ], ssrc: 1, rtxSSRC: 2, usesNACK: true, usesPLI: true, usesTransportCC: true, usesREMB: true)
    var now = MonotonicTime(microseconds: 0)
    var receiver = MediaReceiver(
        tracks: [sound, picture], extensions: extensions,
        settings: ReceiverSettings(localSSRC: 9, cname: "x", maxBitrate: 1_000_000, keyframeInterval: 2_000_000),
        now: now)
    var last: [MediaKind: Int64] = [:]
    var offset = 0
    while offset + 2 <= script.count {
        now = now.adding(microseconds: Int64(script[offset]) * Int64(script[offset]) * 100)
        let end = min(offset + 2 + Int(script[offset + 1]), script.count)
        let packet = UnsafeRawBufferPointer(rebasing: script[offset + 2..<end])
        if packet.count > 1, (200...207).contains(packet[1]) {
            receiver.receiveRTCP(packet, at: now)
        } else {
            receiver.receiveRTP(packet, at: now)
        }
        offset = end
        check(&receiver, &last)
    }
    // In the end nothing may wait any more, or ask for time without end.
    for _ in 0..<2000 where receiver.nextDeadline.microseconds < now.microseconds + 10_000_000 {
        receiver.tick(at: max(now, receiver.nextDeadline))
        check(&receiver, &last)
    }
    require(receiver.nextDeadline.microseconds >= now.microseconds + 10_000_000, "it never comes to rest")
}

private func check(_ receiver: inout MediaReceiver, _ last: inout [MediaKind: Int64]) {
    for frame in receiver.takeFrames() {
        require(!frame.data.isEmpty, "an empty frame")
        require(frame.presentationTime > last[frame.kind] ?? -1, "back in time to \(frame.presentationTime)")
        last[frame.kind] = frame.presentationTime
    }
    for compound in receiver.takeRTCP() {
        require(compound.count <= 1200 && compound.count % 4 == 0, "\(compound.count) bytes of RTCP")
        let readable = compound.withUnsafeBytes { RTCPPacket.parse($0) }
        require(readable?.first == .receiverReport(ssrc: 9), "a compound that isn't one")
    }
}

/// The entry point.
@_cdecl("fuzz_rtp_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzRTP($0, $1) }
}
