/// Follows the SPS and PPS that come in front of keyframes, and takes them out of the access units: FLV and MP4 carry
/// them aside, as avcC (ISO/IEC 14496-15, section 5.3.3).
struct ParameterSets {
    /// What the last keyframe brought; nil before the first.
    private(set) var format: VideoFormat?

    enum Update: Equatable {
        /// As before.
        case same
        /// Another format begins with this access unit.
        case changed
        /// A keyframe whose SPS isn't there or can't be understood: nothing can be done with what follows.
        case unusable
    }

    /// Reads what a keyframe has in front, and takes it out of `unit`.
    mutating func take(from unit: inout [UInt8]) -> Update {
        var (sps, pps): ([Range<Int>], [Range<Int>]) = ([], [])
        var kept: [Range<Int>] = []
        var keptBytes = 0
        for range in NALUnits(unit) {
            switch unit[range.lowerBound] & 0x1F {
            case NALUnitType.sps: sps.append(range)
            case NALUnitType.pps: pps.append(range)
            case NALUnitType.delimiter: break
            default:
                kept.append(range)
                keptBytes += range.count + 4
            }
        }
        guard !kept.isEmpty else { return .unusable }
        var update = Update.same
        if !sps.isEmpty && !pps.isEmpty {
            update = use(sps.map { unit[$0] }, pps.map { unit[$0] })
        } else if format == nil {
            update = .unusable
        }
        if update != .unusable && keptBytes != unit.count {
            var rest: [UInt8] = []
            rest.reserveCapacity(keptBytes)
            for range in kept { rest.append(contentsOf: unit[range.lowerBound - 4..<range.upperBound]) }
            unit = rest
        }
        return update
    }

    private mutating func use(_ sps: [ArraySlice<UInt8>], _ pps: [ArraySlice<UInt8>]) -> Update {
        guard let first = sps.first, let record = AVCConfiguration.record(sps: sps, pps: pps) else { return .unusable }
        if record == format?.avcC { return .same }
        guard let parsed = SequenceParameterSet(first) else { return .unusable }
        format = VideoFormat(avcC: record, width: parsed.width, height: parsed.height)
        return .changed
    }
}
