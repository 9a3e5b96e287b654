/// The picture's way through a pipeline: H.264 as it comes, VP8 by the encoder.
final class VideoTrack {
    /// Of what is written now; nil before the first keyframe.
    private(set) var format: VideoFormat?
    /// What the broadcaster sends now.
    private(set) var codec: MediaCodec?
    private(set) var needsKeyframe = true
    private var sets = ParameterSets()
    private let settings: TranscodeSettings
    private var transcoder: VideoTranscoder?
    private var lastTime = Int64.min
    private var still = StillPicture()

    init(_ settings: TranscodeSettings) {
        self.settings = settings
    }

    /// What came of a frame.
    struct Result {
        var packets: [EncodedPacket] = []
        /// `format` is another from the first packet on.
        var formatChanged = false
    }

    /// Takes a frame. One that is of no use, because what it builds on is missing, is dropped, and `needsKeyframe` is set.
    /// Throws if
    /// there is no way to encode the picture.
    func receive(_ frame: MediaFrame) throws(MediaError) -> Result {
        if frame.codec != codec {
            // Another codec begins with a keyframe, too.
            needsKeyframe = true
            codec = frame.codec
            if frame.codec == .h264 { transcoder = nil }
            sets = ParameterSets()
        }
        if frame.isKeyframe { needsKeyframe = false }
        if needsKeyframe { return Result() }
        return frame.codec == .h264 ? pass(frame) : try transcode(frame)
    }

    /// Takes in that sound goes on, at a time of its own. Answers the last keyframe again when no picture has come for long.
    /// What the browser sends next builds on pictures that decoders then have no more: `needsKeyframe` is set, unless
    /// it is encoded here.
    func goOn(withSoundAt time: Int64) -> [EncodedPacket] {
        var packets = still.repetitions(at: time)
        if packets.isEmpty { return packets }
        for index in packets.indices {
            packets[index].presentationTime = rising(packets[index].presentationTime)
            packets[index].decodeTime = packets[index].presentationTime
        }
        if let transcoder { transcoder.encodeKeyframe() } else { needsKeyframe = true }
        return packets
    }

    private func pass(_ frame: MediaFrame) -> Result {
        var data = frame.data
        if frame.isKeyframe && sets.take(from: &data) == .unusable {
            needsKeyframe = true
            return Result()
        }
        let changed = sets.format != format
        format = sets.format
        let time = rising(frame.presentationTime)
        let packet = EncodedPacket(
            track: .video, presentationTime: time, isKeyframe: frame.isKeyframe, data: data)
        still.take(packet)
        return Result(packets: [packet], formatChanged: changed)
    }

    private func transcode(_ frame: MediaFrame) throws(MediaError) -> Result {
        if transcoder == nil { transcoder = try VideoTranscoder(settings) }
        var result = Result()
        guard let transcoder else { return result }
        do throws(MediaError) {
            result.packets = try transcoder.encode(frame)
        } catch {
            guard error.kind == .malformed else { throw error }
            needsKeyframe = true
        }
        for index in result.packets.indices {
            result.packets[index].presentationTime = rising(result.packets[index].presentationTime)
            result.packets[index].decodeTime = result.packets[index].presentationTime
            still.take(result.packets[index])
        }
        if !result.packets.isEmpty, let new = transcoder.format, new != format {
            format = new
            result.formatChanged = true
        }
        return result
    }

    /// FLV counts milliseconds, and no two pictures may be decoded at once.
    private func rising(_ time: Int64) -> Int64 {
        lastTime = max(time, lastTime == Int64.min ? time : lastTime + 1000)
        return lastTime
    }
}
