/// Turns VP8 into H.264, for a broadcaster that can't send H.264. `EncoderAdmission` says whether there is room for one.
///
/// A browser changes the size of its pictures with the bandwidth that it finds. The output follows it up, and to another
/// shape; smaller pictures of the same shape are made as large as before, so that viewers' players see no change each time.
public final class VideoTranscoder {
    private let settings: TranscodeSettings
    private let decoder: VP8Decoder
    private var encoder: H264Encoder?
    private var parameters = ParameterSets()
    private var pace: FramePace
    private var hasKeyframe = false

    /// Throws if libavcodec can't decode VP8. Memory for the encoder is taken with the first picture.
    public init(_ settings: TranscodeSettings = TranscodeSettings()) throws(MediaError) {
        self.settings = settings
        decoder = try VP8Decoder()
        pace = FramePace(settings)
    }

    /// Of what came out last; nil before that. It changes with a keyframe only.
    public var format: VideoFormat? { parameters.format }
    /// Nothing comes out until a keyframe goes in.
    public var needsKeyframe: Bool { !hasKeyframe }

    /// The next access unit is to be a keyframe: decoders have lost what it would build on.
    func encodeKeyframe() {
        pace.requestKeyframe()
    }

    /// Takes a frame of VP8, and answers at most one access unit of H.264, without SPS and PPS: these are in `format`.
    /// After an error nothing comes out until a keyframe.
    public func encode(_ frame: MediaFrame) throws(MediaError) -> [EncodedPacket] {
        guard frame.codec == .vp8, hasKeyframe || frame.isKeyframe else { return [] }
        do throws(MediaError) {
            hasKeyframe = true
            // Also those that are left out: others are built on them.
            guard let picture = try decoder.decode(frame.data) else { return [] }
            return try encode(picture, at: frame.presentationTime)
        } catch {
            hasKeyframe = false
            throw error
        }
    }

    private func encode(_ picture: FFFrame, at time: Int64) throws(MediaError) -> [EncodedPacket] {
        guard pace.takes(time) else { return [] }
        let wanted = settings.fitted(width: picture.size.width, height: picture.size.height)
        if let current = encoder?.size, !wanted.hasShape(of: current) || wanted.width > current.width {
            encoder = nil
        }
        var isFirst = false
        if encoder == nil {
            encoder = try H264Encoder(wanted, settings)
            isFirst = true
        }
        let isKeyframe = pace.isKeyframe(time) || isFirst
        guard var packets = try encoder?.encode(picture, time: time, isKeyframe: isKeyframe) else { return [] }
        for index in packets.indices where packets[index].isKeyframe {
            pace.didEncodeKeyframe(packets[index].presentationTime)
            if parameters.take(from: &packets[index].data) == .unusable {
                throw MediaError(.codec, "libx264's parameters can't be understood")
            }
        }
        return packets
    }
}
