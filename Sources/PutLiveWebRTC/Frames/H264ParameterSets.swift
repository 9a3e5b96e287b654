/// The sequence and picture parameter sets (SPS, PPS) that a decoder of the stream needs, by their numbers.
struct H264ParameterSets: Sendable, Equatable {
    /// Far more than the few dozen bytes that encoders write.
    static let maximumBytes = 4096
    static let maximumSequenceSets = 32
    static let maximumPictureSets = 64

    private struct ParameterSet: Sendable, Equatable {
        var id: UInt32
        var bytes: [UInt8]
    }

    private var sequenceSets: [ParameterSet] = []
    private var pictureSets: [ParameterSet] = []

    /// At least one of each kind is known.
    var isComplete: Bool { !sequenceSets.isEmpty && !pictureSets.isEmpty }

    /// Bytes of `write`.
    var writtenCount: Int { (sequenceSets + pictureSets).reduce(0) { $0 + 4 + $1.bytes.count } }

    /// Keeps an SPS or a PPS in place of the one with its number. False if its number can't be read.
    mutating func remember(_ unit: UnsafeRawBufferPointer) -> Bool {
        guard let header = unit.first, unit.count <= Self.maximumBytes else { return false }
        let isSequenceSet = header & 0x1F == H264UnitType.sequenceParameterSet
        // ITU-T H.264 sections 7.3.2.1.1 and 7.3.2.2: an SPS has profile and level before its number, a PPS nothing.
        guard let id = Self.number(in: unit.dropFirst(isSequenceSet ? 4 : 1)) else { return false }
        let new = ParameterSet(id: id, bytes: Array(unit))
        if isSequenceSet {
            Self.put(new, into: &sequenceSets, maximum: Self.maximumSequenceSets)
        } else {
            Self.put(new, into: &pictureSets, maximum: Self.maximumPictureSets)
        }
        return true
    }

    /// Takes over all that `newer` has.
    mutating func merge(_ newer: H264ParameterSets) {
        for each in newer.sequenceSets { Self.put(each, into: &sequenceSets, maximum: Self.maximumSequenceSets) }
        for each in newer.pictureSets { Self.put(each, into: &pictureSets, maximum: Self.maximumPictureSets) }
    }

    /// Appends all, each after its length: the SPSs first, since PPSs refer to them.
    func write(into data: inout [UInt8]) {
        for each in sequenceSets + pictureSets {
            data.append(contentsOf: [0, 0, UInt8(each.bytes.count >> 8), UInt8(each.bytes.count & 0xFF)])
            data.append(contentsOf: each.bytes)
        }
    }

    private static func put(_ new: ParameterSet, into sets: inout [ParameterSet], maximum: Int) {
        if let place = sets.firstIndex(where: { $0.id == new.id }) {
            sets[place] = new
        } else {
            if sets.count >= maximum { sets.removeFirst() }
            sets.append(new)
        }
    }

    /// The Exp-Golomb number (ITU-T H.264 section 9.1) at the start; nil above 255, the greatest that a PPS may have.
    private static func number(in bytes: Slice<UnsafeRawBufferPointer>) -> UInt32? {
        var bits: UInt32 = 0
        for (place, byte) in bytes.prefix(3).enumerated() { bits |= UInt32(byte) << (24 - 8 * place) }
        let zeros = bits.leadingZeroBitCount
        guard zeros <= 8 else { return nil }
        let number = (bits >> (31 - 2 * zeros)) - 1
        return number <= 255 ? number : nil
    }
}
