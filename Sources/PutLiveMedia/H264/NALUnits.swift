/// The kinds of NAL units that matter here (ITU-T H.264, table 7-1).
enum NALUnitType {
    static let idr: UInt8 = 5
    static let sps: UInt8 = 7
    static let pps: UInt8 = 8
    static let delimiter: UInt8 = 9
}

/// The NAL units of an access unit in which each comes after its length in 4 bytes, big-endian. Ends at the first length
/// that can't be.
struct NALUnits: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Where the next NAL unit is, its length not among it.
    mutating func next() -> Range<Int>? {
        guard bytes.count - position > 4 else { return nil }
        var length = 0
        for offset in position..<position + 4 { length = length << 8 | Int(bytes[offset]) }
        let start = position + 4
        guard length > 0, length <= bytes.count - start else {
            position = bytes.count
            return nil
        }
        position = start + length
        return start..<position
    }
}
