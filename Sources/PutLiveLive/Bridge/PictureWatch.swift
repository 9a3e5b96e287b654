import PutLiveStore
import PutLiveWebRTC

/// Notices a picture that arrives and that nobody can be shown, for a player begins at a keyframe with its parameter sets.
struct PictureWatch: Sendable {
    /// What is waited for in vain.
    enum Missing: Sendable, Equatable {
        case keyframe
        case parameterSets

        /// For the log.
        var words: String {
            switch self {
            case .keyframe: "no whole keyframe came"
            case .parameterSets: "keyframes came without SPS and PPS, in the stream as in the offer"
            }
        }

        /// What who sends it may do.
        var remedy: String {
            switch self {
            case .keyframe: "have the encoder make keyframes, at least every few seconds, and when it is asked to (PLI)"
            case .parameterSets:
                "have the encoder repeat them with each keyframe (GStreamer: h264parse config-interval=-1)"
            }
        }
    }

    /// How long it may arrive so, in milliseconds.
    private static let patience: UnixMilliseconds = 5000

    /// Nil while there is a picture, or it isn't known yet whether there is one.
    private(set) var missing: Missing?
    private var bytes = 0
    private var frames = 0
    private var lookedAt: UnixMilliseconds?
    /// How long it has arrived since the last frame. Where nothing arrives, nothing is waited for.
    private var arriving: UnixMilliseconds = 0

    /// Looks at what has arrived by now. Returns what is missing, once, when it is noticed.
    mutating func look(at video: ReceiverStatistics.Track, now: UnixMilliseconds) -> Missing? {
        defer { (bytes, frames, lookedAt) = (video.payloadBytes, video.frames, now) }
        if video.frames > frames {
            (missing, arriving) = (nil, 0)
            return nil
        }
        guard video.payloadBytes > bytes, let lookedAt else { return nil }
        arriving += max(0, now - lookedAt)
        guard missing == nil, arriving >= Self.patience else { return nil }
        missing = video.lacksParameterSets ? .parameterSets : .keyframe
        return missing
    }
}
