/// The header of an RTP packet (RFC 3550, section 5.1) and those of its extensions (RFC 8285) that are of use here.
public struct RTPHeader: Sendable, Equatable {
    /// 0 to 127.
    public var payloadType: UInt8
    /// With video, the last packet of a frame.
    public var marker: Bool
    /// One more with each packet, modulo 2^16.
    public var sequence: UInt16
    /// In ticks of the payload's clock.
    public var timestamp: UInt32
    /// Names the stream.
    public var ssrc: UInt32
    /// The transport-wide sequence number, if the packet bears one.
    public var transportSequence: UInt16?
    /// Where in the packet the media section's id is, if it bears one.
    public var mid: Range<Int>?
    /// Where in the packet the payload is, padding taken off; it may be empty.
    public var payload: Range<Int>

    /// Nil for what isn't an RTP packet.
    ///
    /// - Parameters:
    ///   - packet: Decrypted.
    ///   - extensions: The numbers that offer and answer gave to the header extensions.
    public init?(_ packet: UnsafeRawBufferPointer, extensions: HeaderExtensionIDs) {
        guard packet.count >= 12, packet[0] >> 6 == 2 else { return nil }
        let first = packet[0]
        let second = packet[1]
        marker = second & 0x80 != 0
        payloadType = second & 0x7F
        sequence = packet.bigEndian16(at: 2)
        timestamp = packet.bigEndian32(at: 4)
        ssrc = packet.bigEndian32(at: 8)

        var start = 12 + 4 * Int(first & 0x0F)
        var extended: (profile: UInt16, range: Range<Int>)?
        if first & 0x10 != 0 {
            guard start + 4 <= packet.count else { return nil }
            let end = start + 4 + 4 * Int(packet.bigEndian16(at: start + 2))
            guard end <= packet.count else { return nil }
            extended = (packet.bigEndian16(at: start), start + 4..<end)
            start = end
        }
        var end = packet.count
        if first & 0x20 != 0 {
            guard start < end else { return nil }
            let padding = Int(packet[end - 1])
            guard padding > 0, start + padding <= end else { return nil }
            end -= padding
        }
        guard start <= end else { return nil }
        payload = start..<end
        if let extended { readExtensions(packet, extended.profile, extended.range, extensions) }
    }

    /// A damaged extension ends the reading and costs no more than what comes after it: the payload is sound.
    private mutating func readExtensions(
        _ packet: UnsafeRawBufferPointer, _ profile: UInt16, _ range: Range<Int>, _ extensions: HeaderExtensionIDs
    ) {
        // Sections 4.2 and 4.3 of RFC 8285.
        let isOneByte = profile == 0xBEDE
        guard isOneByte || profile & 0xFFF0 == 0x1000 else { return }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let first = packet[offset]
            offset += 1
            // Padding between elements.
            if first == 0 { continue }
            let id: UInt8
            let length: Int
            if isOneByte {
                id = first >> 4
                length = Int(first & 0x0F) + 1
                // Reserved: what follows must not be read.
                if id == 15 { return }
            } else {
                guard offset < range.upperBound else { return }
                id = first
                length = Int(packet[offset])
                offset += 1
            }
            guard offset + length <= range.upperBound else { return }
            if id == extensions.transportCC, length >= 2 {
                transportSequence = packet.bigEndian16(at: offset)
            } else if id == extensions.mid, length > 0 {
                mid = offset..<offset + length
            }
            offset += length
        }
    }
}
