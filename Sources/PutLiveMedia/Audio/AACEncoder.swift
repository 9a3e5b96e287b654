import CFFmpeg

/// Samples to AAC-LC, 48 kHz, by libavcodec.
///
/// It costs more than all the rest of a stream, so it is set for speed, at what no viewer hears at 128 kbit/s: the "fast"
/// coder without noise substitution, noise shaping and joint stereo, up to 16 kHz. The default takes three to five times
/// as long. The quality is constant, not the bit rate: to meet a bit rate the encoder codes simple sounds, like a tone,
/// ten times over. Measured: 4 to 6 ms of CPU a second of sound, half of it with one channel.
final class AACEncoder {
    /// Samples of each channel in a frame.
    static let frameSize = 1024
    /// So many samples must follow a frame until it comes out: one frame that it overlaps with, and one to look ahead.
    static let held = 2 * frameSize

    let format: AudioFormat
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: FFPacket

    init(bitRate: Int, channels: Int) throws(MediaError) {
        packet = try FFPacket()
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_AAC), let context = avcodec_alloc_context3(codec) else {
            throw MediaError(.codec, "there is no AAC encoder in libavcodec")
        }
        var opened: UnsafeMutablePointer<AVCodecContext>? = context
        do {
            frame = try Self.open(context, codec, bitRate: bitRate, channels: channels)
        } catch {
            avcodec_free_context(&opened)
            throw error
        }
        self.context = context
        format = AudioFormat(
            audioSpecificConfig: Array(
                UnsafeBufferPointer(start: context.pointee.extradata, count: Int(context.pointee.extradata_size))),
            sampleRate: AudioClock.rate, channels: channels, bitRate: bitRate)
    }

    deinit {
        var (context, frame): (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVFrame>?) = (context, frame)
        avcodec_free_context(&context)
        av_frame_free(&frame)
    }

    private static func open(
        _ context: UnsafeMutablePointer<AVCodecContext>, _ codec: UnsafePointer<AVCodec>, bitRate: Int,
        channels: Int
    ) throws(MediaError) -> UnsafeMutablePointer<AVFrame> {
        context.pointee.sample_rate = Int32(AudioClock.rate)
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        // A quality of 1 makes 128 kbit/s of noise in two channels, and less of all else.
        context.pointee.global_quality = Int32(clamping: Int(FF_QP2LAMBDA) * bitRate / 128_000)
        context.pointee.cutoff = 16_000
        context.pointee.time_base = AVRational(num: 1, den: Int32(AudioClock.rate))
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        context.pointee.thread_count = 1
        av_channel_layout_default(&context.pointee.ch_layout, Int32(channels))
        for (name, value) in [
            ("aac_coder", "fast"), ("aac_pns", "0"), ("aac_tns", "0"), ("aac_is", "0"), ("aac_ms", "0"),
        ] {
            try FFmpeg.check(av_opt_set(context.pointee.priv_data, name, value, 0), "set \(name) of the AAC encoder")
        }
        try FFmpeg.check(avcodec_open2(context, codec, nil), "open the AAC encoder")
        guard let frame = av_frame_alloc() else { throw MediaError(.codec, "can't get memory for sound") }
        frame.pointee.nb_samples = Int32(frameSize)
        frame.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        frame.pointee.sample_rate = Int32(AudioClock.rate)
        av_channel_layout_default(&frame.pointee.ch_layout, Int32(channels))
        let result = av_frame_get_buffer(frame, 0)
        if result < 0 {
            var unused: UnsafeMutablePointer<AVFrame>? = frame
            av_frame_free(&unused)
            try FFmpeg.check(result, "get memory for sound")
        }
        return frame
    }

    /// Lends the samples of the next frame: left, right, `frameSize` each; the same if there is one channel. What was written there stays until `encode`.
    func withSamples(
        _ body: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(MediaError) {
        try FFmpeg.check(av_frame_make_writable(frame), "get memory for sound")
        guard let left = frame.pointee.extended_data[0],
            let right = frame.pointee.extended_data[format.channels - 1]
        else { return }
        left.withMemoryRebound(to: Float.self, capacity: Self.frameSize) { left in
            right.withMemoryRebound(to: Float.self, capacity: Self.frameSize) { right in
                body(
                    UnsafeMutableBufferPointer(start: left, count: Self.frameSize),
                    UnsafeMutableBufferPointer(start: right, count: Self.frameSize))
            }
        }
    }

    /// Encodes the frame. `start` is where its first sample is, in samples. What comes out lags by `held`.
    func encode(start: Int64, into packets: inout [EncodedPacket]) throws(MediaError) {
        frame.pointee.pts = start
        try FFmpeg.check(avcodec_send_frame(context, frame), "encode AAC")
        try receive(into: &packets)
    }

    /// Gives out what is left. Nothing can be encoded after it.
    func finish(into packets: inout [EncodedPacket]) throws(MediaError) {
        try FFmpeg.check(avcodec_send_frame(context, nil), "end AAC")
        try receive(into: &packets)
    }

    private func receive(into packets: inout [EncodedPacket]) throws(MediaError) {
        while true {
            let result = avcodec_receive_packet(context, packet.pointer)
            if result == FFmpeg.again || result == FFmpeg.endOfFile { return }
            try FFmpeg.check(result, "encode AAC")
            let start = packet.pointer.pointee.pts
            packets.append(
                EncodedPacket(
                    track: .audio, presentationTime: AudioClock.microseconds(ofSamples: start),
                    duration: AudioClock.microseconds(ofSamples: Int64(Self.frameSize)), data: packet.bytes))
            av_packet_unref(packet.pointer)
        }
    }
}
