/// `sprop-parameter-sets` (RFC 6184 section 8.1): parameter sets of H.264 in base64, with commas between them. A sender may
/// name them here alone, and never in its stream.
enum SpropParameterSets {
    /// An encoder has one of each kind, few have two.
    private static let most = 16

    /// The NAL units. What isn't a parameter set is left out, and the rest still counts.
    static func units(_ text: String) -> [[UInt8]] {
        text.utf8.split(separator: UInt8(ascii: ","), maxSplits: most).prefix(most).compactMap { part in
            guard part.count <= 2 * H264ParameterSets.maximumBytes, let unit = base64(part), let header = unit.first
            else { return nil }
            let isParameterSet = [H264UnitType.sequenceParameterSet, H264UnitType.pictureParameterSet].contains(
                header & 0x1F)
            return isParameterSet && header & 0x80 == 0 ? unit : nil
        }
    }

    /// RFC 4648 section 4, with its padding or without; nil for anything else.
    private static func base64(_ text: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        var rest = text[...]
        for _ in 0..<2 where rest.last == UInt8(ascii: "=") { rest = rest.dropLast() }
        for character in rest {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // Six bits that are left over are half of a byte that isn't there.
        return count < 6 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case 0x41...0x5A: UInt32(character) - 0x41
        case 0x61...0x7A: UInt32(character) - 0x61 + 26
        case 0x30...0x39: UInt32(character) - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
