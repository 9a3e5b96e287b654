/// `nal_unit_type` (ITU-T H.264 table 7-1), and the types that RFC 6184 section 5.2 adds.
enum H264UnitType {
    static let slice: UInt8 = 1
    static let slicePartitions: ClosedRange<UInt8> = 2...4
    static let keyframeSlice: UInt8 = 5
    static let supplementalInformation: UInt8 = 6
    static let sequenceParameterSet: UInt8 = 7
    static let pictureParameterSet: UInt8 = 8
    /// The last of those that ITU-T H.264 gives a meaning or keeps for itself.
    static let lastPlain: UInt8 = 23
    static let aggregate: UInt8 = 24
    static let fragment: UInt8 = 28
    /// Of the interleaved mode, which no answer of ours offers: STAP-B, MTAP16, MTAP24 and FU-B.
    static let interleaved: Set<UInt8> = [25, 26, 27, 29]
}

/// The picture whose packets are coming: its NAL units, each after its length, and its parameter sets apart.
struct H264AccessUnit: Sendable {
    static let maximumBytes = 4 << 20
    static let maximumUnits = 512

    /// RTP timestamp of its packets.
    let timestamp: UInt32
    /// Parameter sets that came with it.
    private(set) var parameterSets = H264ParameterSets()
    /// Its NAL units, without the parameter sets. Empty once it is damaged.
    private(set) var data: [UInt8] = []
    /// Has a slice of a picture that a decoder can begin with (IDR).
    private(set) var isKeyframe = false
    /// Has a slice at all, so that it is a picture.
    private(set) var hasSlice = false
    /// Its first slice is the picture's first (`first_mb_in_slice` is 0): nothing of it can be missing before.
    private(set) var beginsAtFirstSlice = false
    /// A part is missing or not understood.
    private(set) var isDamaged = false
    private var unitCount = 0
    /// Where in `data` the unit begins whose fragments (FU-A) are coming.
    private var fragmentStart: Int?

    init(timestamp: UInt32, expectedBytes: Int) {
        self.timestamp = timestamp
        data.reserveCapacity(expectedBytes)
    }

    /// Every unit that began has ended.
    var isWhole: Bool { !isDamaged && fragmentStart == nil }

    /// Gives up the picture, and its memory with it.
    mutating func damage() {
        isDamaged = true
        fragmentStart = nil
        data = []
    }

    /// Takes a whole NAL unit. False if it can't be one.
    mutating func append(_ unit: UnsafeRawBufferPointer) -> Bool {
        guard fragmentStart == nil, let header = unit.first, header & 0x80 == 0 else { return false }
        switch header & 0x1F {
        case H264UnitType.slice, H264UnitType.keyframeSlice:
            guard unit.count >= 2 else { return false }
            noteSlice(header: header, next: unit[1])
            write(unit)
        case H264UnitType.supplementalInformation:
            // It may hold captions.
            write(unit)
        case H264UnitType.sequenceParameterSet, H264UnitType.pictureParameterSet:
            return parameterSets.remember(unit)
        case H264UnitType.slicePartitions, 0, (H264UnitType.lastPlain + 1)...:
            return false
        default:
            // Delimiters, filler, ends of sequence and the layers of scalable video: no decoder misses them.
            break
        }
        return true
    }

    /// Takes the payload of an FU-A (RFC 6184 section 5.8). False if it doesn't fit to what came before.
    mutating func appendFragment(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard payload.count >= 3, payload[0] & 0x80 == 0 else { return false }
        let (isFirst, isLast) = (payload[1] & 0x80 != 0, payload[1] & 0x40 != 0)
        let header = payload[0] & 0x60 | payload[1] & 0x1F
        // The rest of a picture that is given up already.
        guard !isDamaged else { return true }
        if isFirst {
            guard fragmentStart == nil, header & 0x1F <= H264UnitType.lastPlain, hasRoom(for: 5) else { return false }
            fragmentStart = data.count
            // The length is not known yet.
            withUnsafeBytes(of: UInt32(0)) { data.append(contentsOf: $0) }
            data.append(header)
            if header & 0x1F == H264UnitType.slice || header & 0x1F == H264UnitType.keyframeSlice {
                noteSlice(header: header, next: payload[2])
            }
        }
        guard let start = fragmentStart else {
            // The rest of a unit whose beginning is lost.
            damage()
            return true
        }
        guard data[start + 4] & 0x1F == header & 0x1F else { return false }
        guard data.count + payload.count <= Self.maximumBytes else { return false }
        data.append(contentsOf: UnsafeRawBufferPointer(rebasing: payload[2...]))
        return isLast ? endFragment(from: start) : true
    }

    private mutating func endFragment(from start: Int) -> Bool {
        fragmentStart = nil
        let type = data[start + 4] & 0x1F
        if type == H264UnitType.slice || type == H264UnitType.keyframeSlice {
            let count = UInt32(data.count - start - 4)
            for place in 0..<4 { data[start + place] = UInt8(truncatingIfNeeded: count >> (24 - 8 * place)) }
            unitCount += 1
            return true
        }
        // Not what is usually cut in pieces; it goes the way of a whole one.
        let unit = Array(data[(start + 4)...])
        data.removeSubrange(start...)
        return unit.withUnsafeBytes { append($0) }
    }

    private mutating func noteSlice(header: UInt8, next: UInt8) {
        if !hasSlice { beginsAtFirstSlice = next & 0x80 != 0 }
        hasSlice = true
        if header & 0x1F == H264UnitType.keyframeSlice { isKeyframe = true }
    }

    private func hasRoom(for more: Int) -> Bool {
        unitCount < Self.maximumUnits && data.count + 4 + more <= Self.maximumBytes
    }

    private mutating func write(_ unit: UnsafeRawBufferPointer) {
        guard !isDamaged else { return }
        guard hasRoom(for: unit.count) else { return damage() }
        let count = UInt32(unit.count)
        withUnsafeBytes(of: count.bigEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: unit)
        unitCount += 1
    }
}
