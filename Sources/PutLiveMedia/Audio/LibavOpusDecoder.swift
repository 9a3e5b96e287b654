import CFFmpeg

/// Opus packets to samples, by libavcodec's own decoder: a third of libopus's cost.
///
/// It must not see packets that hold copies of what came before (in-band FEC): libavcodec 59 skips those wrongly when
/// there are two channels or frames of more than 20 ms, and makes loud noise of all that follows.
final class LibavOpusDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: FFPacket

    private let channels: Int

    /// With 1 or 2 channels, whatever the packets have: one is heard on both, two are mixed (RFC 7587, section 3.4).
    init(channels: Int) throws(MediaError) {
        packet = try FFPacket()
        guard let codec = avcodec_find_decoder_by_name("opus"), let context = avcodec_alloc_context3(codec) else {
            throw MediaError(.codec, "there is no Opus decoder in libavcodec")
        }
        guard let frame = av_frame_alloc() else {
            var unused: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&unused)
            throw MediaError(.codec, "can't get memory for sound")
        }
        self.channels = channels
        self.context = context
        self.frame = frame
        context.pointee.sample_rate = Int32(AudioClock.rate)
        context.pointee.thread_count = 1
        av_channel_layout_default(&context.pointee.ch_layout, Int32(channels))
        try FFmpeg.check(avcodec_open2(context, codec, nil), "open the Opus decoder")
    }

    deinit {
        var (context, frame): (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVFrame>?) = (context, frame)
        avcodec_free_context(&context)
        av_frame_free(&frame)
    }

    /// Decodes a packet and lends the samples to `body`: left, right, both of one length, and the same if there is
    /// one channel. No call for a packet of which nothing comes.
    func decode(
        _ data: [UInt8], _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) throws(MediaError) -> Void
    ) throws(MediaError) {
        try packet.fill(data)
        try FFmpeg.check(avcodec_send_packet(context, packet.pointer), "decode Opus", as: .malformed)
        while true {
            let result = avcodec_receive_frame(context, frame)
            if result == FFmpeg.again || result == FFmpeg.endOfFile { return }
            try FFmpeg.check(result, "decode Opus", as: .malformed)
            defer { av_frame_unref(frame) }
            guard frame.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue, frame.pointee.nb_samples > 0,
                let left = frame.pointee.extended_data[0], let right = frame.pointee.extended_data[channels - 1]
            else { throw MediaError(.codec, "the Opus decoder gave other samples than asked for") }
            let count = Int(frame.pointee.nb_samples)
            try left.withMemoryRebound(to: Float.self, capacity: count) { left throws(MediaError) in
                try right.withMemoryRebound(to: Float.self, capacity: count) { right throws(MediaError) in
                    try body(
                        UnsafeBufferPointer(start: left, count: count), UnsafeBufferPointer(start: right, count: count))
                }
            }
        }
    }
}
