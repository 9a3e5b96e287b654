@testable import PutLiveWebRTC

/// A receiver and what is known of what it did.
struct ReceiverHarness {
    static let audio = NegotiatedTrack(
        mid: "0", kind: .audio, payloads: [NegotiatedPayload(payloadType: 111, codec: .opus)], usesTransportCC: true)
    static let video = NegotiatedTrack(
        mid: "1", kind: .video,
        payloads: [
            NegotiatedPayload(payloadType: 102, codec: .h264, rtxPayloadType: 103),
            NegotiatedPayload(payloadType: 96, codec: .vp8, rtxPayloadType: 97),
        ],
        ssrc: 0xB0, rtxSSRC: 0xB1, usesNACK: true, usesPLI: true, usesTransportCC: true, usesREMB: true)

    var receiver: MediaReceiver
    var frames: [ReceivedFrame] = []
    /// The packets of all RTCP compounds, but for the receiver report and the description at the start of each.
    var feedback: [[UInt8]] = []
    /// The first packet of each compound.
    var reports: [[UInt8]] = []
    private var now = 0

    init(
        _ tracks: [NegotiatedTrack] = [audio, video], keyframeInterval: Int64 = 2_000_000, maxBitrate: Int = 2_500_000
    ) {
        receiver = MediaReceiver(
            tracks: tracks, extensions: HeaderExtensionIDs(mid: 4, transportCC: 3),
            settings: ReceiverSettings(
                localSSRC: 0xCC, cname: "putlive", maxBitrate: maxBitrate, keyframeInterval: keyframeInterval),
            now: time(0))
    }

    /// Lets time pass, with all ticks that are due in it.
    mutating func pass(to milliseconds: Int) {
        while receiver.nextDeadline <= time(milliseconds) {
            let due = receiver.nextDeadline
            receiver.tick(at: max(due, time(now)))
            collect()
            guard receiver.nextDeadline > due || receiver.nextDeadline > time(now) else { break }
        }
        now = milliseconds
    }

    mutating func receive(_ packet: RTPPacketBuilder, at milliseconds: Int) {
        pass(to: milliseconds)
        packet.bytes.withUnsafeBytes { receiver.receiveRTP($0, at: time(milliseconds)) }
        collect()
    }

    mutating func receiveRTCP(_ bytes: [UInt8], at milliseconds: Int) {
        pass(to: milliseconds)
        bytes.withUnsafeBytes { receiver.receiveRTCP($0, at: time(milliseconds)) }
        collect()
    }

    mutating func collect() {
        frames += receiver.takeFrames()
        for compound in receiver.takeRTCP() {
            let packets = parts(compound)
            reports.append(packets[0])
            feedback += packets.dropFirst(2)
        }
    }

    /// The feedback packets of a type and format, which are forgotten here.
    mutating func take(_ type: UInt8, _ format: UInt8) -> [[UInt8]] {
        defer { feedback.removeAll { $0[1] == type && $0[0] & 0x1F == format } }
        return feedback.filter { $0[1] == type && $0[0] & 0x1F == format }
    }

    mutating func takePLIs() -> Int { take(206, 1).count }

    /// Sequence numbers that were asked for again, of packets named by one field each.
    mutating func takeNACKs() -> [Int] {
        take(205, 1).flatMap { packet in
            stride(from: 12, to: packet.count, by: 4).map { Int(packet[$0]) << 8 | Int(packet[$0 + 1]) }
        }
    }
}

extension RTPPacketBuilder {
    /// 20 ms of sound.
    static func sound(_ number: Int, ssrc: UInt32 = 0xA0) -> RTPPacketBuilder {
        RTPPacketBuilder(
            payloadType: 111, sequence: UInt16(truncatingIfNeeded: number),
            timestamp: UInt32(truncatingIfNeeded: 960 * number), ssrc: ssrc, payload: [0x78, UInt8(number & 0xFF)])
    }

    /// A picture in one packet, at 25 a second.
    static func picture(_ number: Int, isKeyframe: Bool = false, ssrc: UInt32 = 0xB0) -> RTPPacketBuilder {
        // STAP-A of SPS, PPS and IDR slice; a slice.
        let keyframe: [UInt8] = [0x78, 0, 5, 0x67, 0x42, 0xE0, 0x1F, 0x8C, 0, 2, 0x68, 0xCE, 0, 2, 0x65, 0x88]
        return RTPPacketBuilder(
            payloadType: 102, marker: true, sequence: UInt16(truncatingIfNeeded: number),
            timestamp: UInt32(truncatingIfNeeded: 3600 * number), ssrc: ssrc,
            payload: isKeyframe ? keyframe : [0x41, 0x9A, UInt8(number & 0xFF)])
    }

    /// The same, sent again (RFC 4588, section 4).
    var sentAgain: RTPPacketBuilder {
        var packet = self
        packet.payload = [UInt8(sequence >> 8), UInt8(sequence & 0xFF)] + payload
        packet.payloadType = payloadType + 1
        packet.ssrc = ssrc + 1
        packet.sequence = sequence &+ 500
        return packet
    }
}
