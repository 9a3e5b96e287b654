import CFFmpeg

/// Encodes H.264 by libx264: one thread, no frame held back, so pictures come out as they go in.
final class H264Encoder {
    let size: PictureSize
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: FFPacket
    private let scaler: PictureScaler

    init(_ size: PictureSize, _ settings: TranscodeSettings) throws(MediaError) {
        self.size = size
        packet = try FFPacket()
        scaler = try PictureScaler(to: size)
        guard let codec = avcodec_find_encoder_by_name("libx264"), let made = avcodec_alloc_context3(codec) else {
            throw MediaError(.codec, "libavcodec has no libx264")
        }
        context = made
        let framesPerSecond = Int32(clamping: max(1, settings.maxFramesPerSecond))
        let bitRate = Int64(min(max(settings.videoKilobits, 50), 50_000)) * 1000
        context.pointee.width = Int32(clamping: size.width)
        context.pointee.height = Int32(clamping: size.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = FFmpeg.microseconds
        context.pointee.framerate = AVRational(num: framesPerSecond, den: 1)
        context.pointee.bit_rate = bitRate
        context.pointee.rc_max_rate = bitRate
        // Bits of a second: as much as a keyframe may be ahead.
        context.pointee.rc_buffer_size = Int32(clamping: bitRate)
        context.pointee.max_b_frames = 0
        context.pointee.thread_count = 1
        // Keyframes are asked for by time; this is only for a clock that stands.
        context.pointee.gop_size = Int32(clamping: Int(framesPerSecond) * 60)
        context.pointee.profile = FF_PROFILE_H264_MAIN
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "preset", "superfast", 0)
        av_dict_set(&options, "tune", "zerolatency", 0)
        av_dict_set(&options, "forced-idr", "1", 0)
        // NAL units each after its length, as ours are everywhere.
        av_dict_set(&options, "x264-params", "annexb=0:scenecut=0", 0)
        try FFmpeg.check(avcodec_open2(context, codec, &options), "open libx264")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Encodes a picture of any size. Answers access units; SPS and PPS are in front of keyframes.
    func encode(_ frame: FFFrame, time: Int64, isKeyframe: Bool) throws(MediaError) -> [EncodedPacket] {
        let picture = try scaler.scale(frame)
        picture.pointer.pointee.pts = time
        picture.pointer.pointee.pict_type = isKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        try FFmpeg.check(avcodec_send_frame(context, picture.pointer), "encode a picture")
        var packets: [EncodedPacket] = []
        while true {
            let code = avcodec_receive_packet(context, packet.pointer)
            if code == FFmpeg.again || code == FFmpeg.endOfFile { return packets }
            try FFmpeg.check(code, "encode a picture")
            packets.append(
                EncodedPacket(
                    track: .video, presentationTime: packet.pointer.pointee.pts,
                    decodeTime: packet.pointer.pointee.dts,
                    isKeyframe: packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0, data: packet.bytes))
            av_packet_unref(packet.pointer)
        }
    }
}
