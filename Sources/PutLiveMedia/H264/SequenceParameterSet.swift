/// What a sequence parameter set says that is of use here (ITU-T H.264, section 7.3.2.1.1).
public struct SequenceParameterSet: Sendable, Equatable {
    /// profile_idc
    public var profile: UInt8
    /// The constraint_set flags and the reserved bits, as one byte.
    public var constraints: UInt8
    /// level_idc: ten times the level.
    public var level: UInt8
    /// Of the picture as shown, in pixels.
    public var width: Int
    /// Of the picture as shown, in pixels.
    public var height: Int

    /// No encoder of a browser goes beyond level 6.2, in which a side has at most 16880 pixels (section A.3.1).
    static let maxSide = 16_880

    /// From a NAL unit, its header byte among it. Nil if it is none, or says what can't be.
    public init?(_ unit: ArraySlice<UInt8>) {
        guard let header = unit.first, header & 0x1F == NALUnitType.sps else { return nil }
        var reader = BitReader(unit.dropFirst())
        guard let profile = reader.bits(8), let constraints = reader.bits(8), let level = reader.bits(8),
            reader.unsignedGolomb() != nil, let chroma = Self.readChroma(&reader, profile: profile),
            Self.skipOrderCount(&reader),
            reader.unsignedGolomb() != nil, reader.bit() != nil,  // max_num_ref_frames, gaps_in_frame_num_allowed
            let columns = reader.unsignedGolomb(), let rows = reader.unsignedGolomb(),
            let isFrameOnly = reader.bit(), isFrameOnly == 1 || reader.bit() != nil,
            reader.bit() != nil,  // direct_8x8_inference
            columns < Self.maxSide / 16, rows < Self.maxSide / 16
        else { return nil }
        let unitHeight = 2 - Int(isFrameOnly)
        var (width, height) = ((Int(columns) + 1) * 16, (Int(rows) + 1) * 16 * unitHeight)
        guard let isCropped = reader.bit() else { return nil }
        if isCropped == 1 {
            guard let left = reader.unsignedGolomb(), let right = reader.unsignedGolomb(),
                let top = reader.unsignedGolomb(), let bottom = reader.unsignedGolomb()
            else { return nil }
            width -= (Int(left) + Int(right)) * chroma.cropWidth
            height -= (Int(top) + Int(bottom)) * chroma.cropHeight * unitHeight
        }
        guard width > 0, height > 0 else { return nil }
        self.profile = UInt8(profile)
        self.constraints = UInt8(constraints)
        self.level = UInt8(level)
        self.width = width
        self.height = height
    }

    /// What chroma_format_idc makes of the units of cropping (table 6-1).
    private struct Chroma {
        var cropWidth = 2
        var cropHeight = 2
    }

    /// The profiles whose SPS tells of chroma, bit depths and scaling.
    private static let highProfiles: Set<UInt32> = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]

    private static func readChroma(_ reader: inout BitReader, profile: UInt32) -> Chroma? {
        guard highProfiles.contains(profile) else { return Chroma() }
        guard let format = reader.unsignedGolomb(), format <= 3 else { return nil }
        var isSeparate = false
        if format == 3 {
            guard let flag = reader.bit() else { return nil }
            isSeparate = flag == 1
        }
        guard reader.unsignedGolomb() != nil, reader.unsignedGolomb() != nil, reader.bit() != nil,
            let hasScaling = reader.bit()
        else { return nil }
        if hasScaling == 1 {
            for list in 0..<(format == 3 ? 12 : 8) {
                guard let isPresent = reader.bit() else { return nil }
                if isPresent == 1 && !skipScalingList(&reader, count: list < 6 ? 16 : 64) { return nil }
            }
        }
        return Chroma(
            cropWidth: (format == 1 || format == 2) && !isSeparate ? 2 : 1, cropHeight: format == 1 ? 2 : 1)
    }

    /// Section 7.3.2.1.1.1
    private static func skipScalingList(_ reader: inout BitReader, count: Int) -> Bool {
        var (last, next) = (Int32(8), Int32(8))
        for _ in 0..<count {
            if next != 0 {
                guard let delta = reader.signedGolomb(), (-128...127).contains(delta) else { return false }
                next = (last + delta + 256) % 256
            }
            last = next == 0 ? last : next
        }
        return true
    }

    /// pic_order_cnt_type and what belongs to it, after log2_max_frame_num.
    private static func skipOrderCount(_ reader: inout BitReader) -> Bool {
        guard reader.unsignedGolomb() != nil, let type = reader.unsignedGolomb() else { return false }
        switch type {
        case 0: return reader.unsignedGolomb() != nil
        case 1:
            guard reader.bit() != nil, reader.signedGolomb() != nil, reader.signedGolomb() != nil,
                let count = reader.unsignedGolomb(), count <= 255
            else { return false }
            for _ in 0..<count where reader.signedGolomb() == nil { return false }
            return true
        case 2: return true
        default: return false
        }
    }
}
