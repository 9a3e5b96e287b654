import CFFmpeg

/// Decodes VP8 (RFC 6386) by libavcodec.
final class VP8Decoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: FFPacket
    private let frame: FFFrame

    /// The largest side that is decoded, in pixels: nobody sends more, and memory is bounded.
    private static let maxSide = 4096

    init() throws(MediaError) {
        packet = try FFPacket()
        frame = try FFFrame()
        guard let codec = avcodec_find_decoder(AV_CODEC_ID_VP8), let made = avcodec_alloc_context3(codec) else {
            throw MediaError(.codec, "libavcodec has no decoder of VP8")
        }
        context = made
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(Self.maxSide * Self.maxSide / 2)
        try FFmpeg.check(avcodec_open2(context, codec, nil), "open the decoder of VP8")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// The picture, which is good until the next call; nil for one that isn't shown.
    func decode(_ data: [UInt8]) throws(MediaError) -> FFFrame? {
        try packet.fill(data)
        try FFmpeg.check(avcodec_send_packet(context, packet.pointer), "decode a picture of VP8", as: .malformed)
        let code = avcodec_receive_frame(context, frame.pointer)
        if code == FFmpeg.again { return nil }
        try FFmpeg.check(code, "decode a picture of VP8", as: .malformed)
        return frame
    }
}
