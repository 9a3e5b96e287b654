/// What an offer says of an H.264 payload type (RFC 6184 section 8.1).
struct H264Parameters {
    /// 0: single NAL units; 1: with aggregation and fragments.
    let packetizationMode: Int
    /// Six hexadecimal digits as they were offered; nil if they weren't.
    let profileLevelID: String?
    /// Each direction may have a level of its own.
    let allowsLevelAsymmetry: Bool
    /// NAL units that may come in no packet; empty if none were offered.
    let parameterSets: [[UInt8]]

    /// Nil for what can't be received here. Each variant of Baseline, Main and High is good, whatever its constraint
    /// flags and its level, since pictures are passed on as they come: an offer must not fail because of a digit.
    init?(_ parameters: FormatParameters) {
        // Absent means 0 (section 8.1), and Safari does leave it out. Mode 2 is interleaved: it needs another receiver.
        guard let mode: Int = SDPText.number(parameters["packetization-mode"] ?? "0"), mode <= 1 else { return nil }
        packetizationMode = mode
        profileLevelID = parameters["profile-level-id"]
        allowsLevelAsymmetry = parameters["level-asymmetry-allowed"] == "1"
        parameterSets = parameters["sprop-parameter-sets"].map(SpropParameterSets.units) ?? []
        if let profileLevelID, !Self.isKnown(profileLevelID) { return nil }
    }

    /// The answer repeats the profile, and the level too: pictures are passed on, so every level will do. An offer
    /// without a profile means Baseline at level 1, which its sender will hardly keep to; that is left unsaid.
    var answer: String {
        (allowsLevelAsymmetry ? "level-asymmetry-allowed=1;" : "") + "packetization-mode=\(packetizationMode)"
            + (profileLevelID.map { ";profile-level-id=\($0)" } ?? "")
    }

    /// profile_idc, the constraint flags, level_idc (table 5).
    private static func isKnown(_ text: String) -> Bool {
        guard text.utf8.count == 6, text.utf8.first != 0x2B, let number = UInt32(text, radix: 16) else { return false }
        return switch number >> 16 {
        case 0x42, 0x4D, 0x64: true
        // Extended, if a decoder of Baseline can decode it: constraint_set0_flag.
        case 0x58: number & 0x8000 != 0
        default: false
        }
    }
}
