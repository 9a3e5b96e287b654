/// H.264 as a byte stream (ITU-T H.264, annex B), which MPEG-TS carries.
enum AnnexB {
    private static let startCode: [UInt8] = [0, 0, 0, 1]
    /// ISO 13818-1, section 2.14.1, wants one before each access unit. Any slice may follow.
    private static let delimiter: [UInt8] = [0, 0, 0, 1, 9, 0xf0]

    /// SPS and PPS of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, section 5.3.3.1), each after a start code.
    static func parameterSets(_ avcC: [UInt8]) throws(MediaError) -> [UInt8] {
        try AVCConfiguration.units(avcC).flatMap { startCode + $0 }
    }

    /// Appends an access unit whose NAL units stand each after its length in 4 bytes.
    static func append(
        _ unit: [UInt8], parameterSets: [UInt8], to output: inout [UInt8]
    ) throws(MediaError) {
        output += delimiter
        output += parameterSets
        let first = output.count
        output += unit
        // A start code is as long as a length, so each takes the other's place.
        let end = output.count
        let isWhole = output.withUnsafeMutableBufferPointer { bytes in
            var offset = first
            while offset + 4 < end {
                let length =
                    Int(bytes[offset]) << 24 | Int(bytes[offset + 1]) << 16 | Int(bytes[offset + 2]) << 8
                    | Int(bytes[offset + 3])
                (bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]) = (0, 0, 0, 1)
                guard length > 0, length <= end - offset - 4 else { return false }
                offset += 4 + length
            }
            return offset == end && end > first
        }
        guard isWhole else { throw MediaError(.malformed, "a picture's NAL units aren't readable") }
    }
}
