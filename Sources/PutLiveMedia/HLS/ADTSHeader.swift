/// The head of each AAC frame in MPEG-TS (ISO/IEC 13818-7, section 6.2: an ADTS fixed and variable header, without CRC).
struct ADTSHeader: Sendable, Equatable {
    private let bytes: [UInt8]
    private static let size = 7

    /// For an AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1).
    init(_ config: [UInt8]) throws(MediaError) {
        guard config.count >= 2 else { throw MediaError(.malformed, "the sound's parameters aren't readable") }
        let objectType = config[0] >> 3
        let frequencyIndex = (config[0] & 7) << 1 | config[1] >> 7
        let channels = config[1] >> 3 & 0x0f
        guard (1...4).contains(objectType), frequencyIndex < 13, (1...7).contains(channels) else {
            throw MediaError(.malformed, "the sound's parameters aren't any that ADTS knows")
        }
        bytes = [
            0xff, 0xf1, (objectType - 1) << 6 | frequencyIndex << 2 | channels >> 2, (channels & 3) << 6, 0,
            // The buffer's fullness isn't told.
            0x1f, 0xfc,
        ]
    }

    /// Appends a frame, with its head.
    func append(_ frame: [UInt8], to output: inout [UInt8]) throws(MediaError) {
        let length = frame.count + Self.size
        guard length < 1 << 13 else { throw MediaError(.malformed, "a frame of sound is too large") }
        let start = output.count
        output += bytes
        output[start + 3] |= UInt8(truncatingIfNeeded: length >> 11)
        output[start + 4] = UInt8(truncatingIfNeeded: length >> 3)
        output[start + 5] |= UInt8(truncatingIfNeeded: length << 5)
        output += frame
    }
}
