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

    private static func append(_ unit: ArraySlice<UInt8>, to record: inout [UInt8]) {
        record.append(UInt8(truncatingIfNeeded: unit.count >> 8))
        record.append(UInt8(truncatingIfNeeded: unit.count))
        record.append(contentsOf: unit)
    }
}
