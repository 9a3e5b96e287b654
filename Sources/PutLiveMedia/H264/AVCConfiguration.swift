/// The AVCDecoderConfigurationRecord (ISO/IEC 14496-15, section 5.3.3.1).
public enum AVCConfiguration {
    /// For NAL units with lengths of 4 bytes. Nil if there is no SPS or no PPS, more than it has room for, or one that is
    /// too long or too short to be such.
    public static func record(sps: [ArraySlice<UInt8>], pps: [ArraySlice<UInt8>]) -> [UInt8]? {
        guard let first = sps.first, (1...31).contains(sps.count), (1...255).contains(pps.count),
            sps.allSatisfy({ (4...65_535).contains($0.count) }), pps.allSatisfy({ (2...65_535).contains($0.count) })
        else { return nil }
        let start = first.startIndex
        let profile = first[start + 1]
        var record: [UInt8] = [1, profile, first[start + 2], first[start + 3], 0xFC | 3, 0xE0 | UInt8(sps.count)]
        for unit in sps { append(unit, to: &record) }
        record.append(UInt8(pps.count))
        for unit in pps { append(unit, to: &record) }
        // The high profiles have chroma and bit depths here; browsers send 4:2:0 with 8 bits.
        if profile == 100 || profile == 110 || profile == 122 || profile == 144 {
            record.append(contentsOf: [0xFC | 1, 0xF8, 0xF8, 0])
        }
        return record
    }

    /// The SPS and PPS of a record, in its order.
    static func units(_ record: [UInt8]) throws(MediaError) -> [ArraySlice<UInt8>] {
        let broken = MediaError(.malformed, "the picture's parameters aren't readable")
        guard record.count >= 7, record[0] == 1, record[4] & 3 == 3 else { throw broken }
        var units: [ArraySlice<UInt8>] = []
        var offset = 5
        for mask in [UInt8(0x1f), 0xff] {
            guard offset < record.count else { throw broken }
            let count = Int(record[offset] & mask)
            offset += 1
            for _ in 0..<count {
                guard offset + 2 <= record.count else { throw broken }
                let length = Int(record[offset]) << 8 | Int(record[offset + 1])
                offset += 2
                guard length > 0, offset + length <= record.count else { throw broken }
                units.append(record[offset..<(offset + length)])
                offset += length
            }
        }
        return units
    }

    private static func append(_ unit: ArraySlice<UInt8>, to record: inout [UInt8]) {
        record.append(UInt8(truncatingIfNeeded: unit.count >> 8))
        record.append(UInt8(truncatingIfNeeded: unit.count))
        record.append(contentsOf: unit)
    }
}
