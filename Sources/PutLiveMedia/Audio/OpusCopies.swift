import COpus

/// What the first bytes of an Opus packet tell of its length, and of copies of what came before it (in-band FEC:
/// RFC 6716, section 2.1.7). Of a malformed packet they tell nothing.
enum OpusCopies {
    /// Most frames of a packet: 48 of 2.5 ms (RFC 6716, section 3.2.5).
    private static let mostFrames = 48

    /// Samples of a packet, by its first bytes; 0 if it is malformed.
    static func length(of packet: [UInt8]) -> Int {
        max(0, Int(opus_packet_get_nb_samples(packet, Int32(clamping: packet.count), Int32(AudioClock.rate))))
    }

    /// Whether a packet has a copy of what came before it.
    static func exist(in packet: [UInt8]) -> Bool {
        // CELT, the upper half of the configurations, has none (RFC 6716, section 3.1).
        guard let first = packet.first, first < 128 else { return false }
        let isStereo = first & 4 != 0
        // SILK's frames have 20 ms at most, a packet's up to three of them.
        let parts = max(1, Int(opus_packet_get_samples_per_frame(packet, Int32(AudioClock.rate))) / 960)
        return packet.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: mostFrames) { frames in
                withUnsafeTemporaryAllocation(of: Int16.self, capacity: mostFrames) { sizes in
                    guard let start = bytes.baseAddress, let frame = frames.baseAddress, let size = sizes.baseAddress
                    else { return false }
                    let count = opus_packet_parse(start, Int32(clamping: bytes.count), nil, frame, size, nil)
                    return (0..<max(0, Int(count))).contains { index in
                        guard sizes[index] > 0, let header = frames[index]?.pointee else { return false }
                        return hasFlag(header, parts: parts, isStereo: isStereo)
                    }
                }
            }
        }
    }

    /// RFC 6716, section 4.2.3: a bit of voice activity for each part, then one for copies; then the same of the side
    /// channel.
    private static func hasFlag(_ header: UInt8, parts: Int, isStereo: Bool) -> Bool {
        let mid = header >> (7 - parts) & 1
        let side = isStereo ? header >> (6 - 2 * parts) & 1 : 0
        return mid | side == 1
    }
}
