/// What peers say about their streams in RTCP (RFC 3550, section 6): what is of use to a receiver, and that the rest was
/// there.
public enum RTCPPacket: Sendable, Equatable {
    /// The clocks of a stream, side by side (section 6.4.1); `ntp` is 32 bits of seconds, then 32 of fraction.
    case senderReport(ssrc: UInt32, ntp: UInt64, rtpTimestamp: UInt32)
    /// Section 6.4.2. Its blocks are about streams of ours, and there are none.
    case receiverReport(ssrc: UInt32)
    /// Section 6.5.
    case sourceDescription
    /// These streams are over (section 6.6).
    case goodbye([UInt32])
    /// The answer to our receiver reference time (RFC 3611, section 4.5): the middle 32 bits of the time that we named,
    /// and how long the peer held it, in 1/65536 s.
    case delaySinceReference(ssrc: UInt32, reference: UInt32, delay: UInt32)
    /// Anything else.
    case other(type: UInt8)

    /// More in one compound packet is nothing that a browser sends.
    private static let limit = 128

    /// Reads a compound packet, or one of reduced size (RFC 5506). Nil for what isn't RTCP, or is cut off.
    ///
    /// - Parameter compound: Decrypted.
    public static func parse(_ compound: UnsafeRawBufferPointer) -> [RTCPPacket]? {
        var packets: [RTCPPacket] = []
        var offset = 0
        while offset < compound.count {
            guard offset + 4 <= compound.count, compound[offset] >> 6 == 2 else { return nil }
            let end = offset + 4 + 4 * Int(compound.bigEndian16(at: offset + 2))
            guard end <= compound.count else { return nil }
            let packet = UnsafeRawBufferPointer(rebasing: compound[offset..<end])
            guard read(packet, into: &packets), packets.count <= limit else { return nil }
            offset = end
        }
        return packets.isEmpty ? nil : packets
    }

    /// False if it is too short for what it says it is. A padded packet holds at least what it counts, so padding needs
    /// no look.
    private static func read(_ packet: UnsafeRawBufferPointer, into packets: inout [RTCPPacket]) -> Bool {
        let count = Int(packet[0] & 0x1F)
        switch packet[1] {
        case RTCPType.senderReport:
            guard packet.count >= 28 + 24 * count else { return false }
            let ntp = UInt64(packet.bigEndian32(at: 8)) << 32 | UInt64(packet.bigEndian32(at: 12))
            packets.append(
                .senderReport(
                    ssrc: packet.bigEndian32(at: 4), ntp: ntp, rtpTimestamp: packet.bigEndian32(at: 16)))
        case RTCPType.receiverReport:
            guard packet.count >= 8 + 24 * count else { return false }
            packets.append(.receiverReport(ssrc: packet.bigEndian32(at: 4)))
        case RTCPType.sourceDescription:
            packets.append(.sourceDescription)
        case RTCPType.goodbye:
            guard packet.count >= 4 + 4 * count else { return false }
            packets.append(.goodbye((0..<count).map { packet.bigEndian32(at: 4 + 4 * $0) }))
        case RTCPType.extendedReport:
            guard packet.count >= 8 else { return false }
            readExtendedReport(packet, into: &packets)
        default:
            packets.append(.other(type: packet[1]))
        }
        return true
    }

    /// RFC 3611, section 3: blocks of a type, a length and a content each.
    private static func readExtendedReport(_ packet: UnsafeRawBufferPointer, into packets: inout [RTCPPacket]) {
        var offset = 8
        while offset + 4 <= packet.count {
            let end = offset + 4 + 4 * Int(packet.bigEndian16(at: offset + 2))
            guard end <= packet.count else { return }
            // Of the DLRR block's parts, 12 bytes each, the one to us is looked for by the caller.
            if packet[offset] == 5 {
                for part in stride(from: offset + 4, through: end - 12, by: 12) where packets.count < limit {
                    packets.append(
                        .delaySinceReference(
                            ssrc: packet.bigEndian32(at: part), reference: packet.bigEndian32(at: part + 4),
                            delay: packet.bigEndian32(at: part + 8)))
                }
            }
            offset = end
        }
    }
}

/// The packet types of RTCP that are read or written.
enum RTCPType {
    static let senderReport: UInt8 = 200
    static let receiverReport: UInt8 = 201
    static let sourceDescription: UInt8 = 202
    static let goodbye: UInt8 = 203
    /// RTPFB (RFC 4585, section 6.2): 1 is NACK, 15 transport-wide congestion control.
    static let transportFeedback: UInt8 = 205
    /// PSFB (section 6.3): 1 is PLI, 15 an application's own, here REMB.
    static let payloadFeedback: UInt8 = 206
    /// RFC 3611.
    static let extendedReport: UInt8 = 207
}
