import CFFmpeg
import Testing

@testable import PutLiveMedia

/// VP8 as a browser sends it, by libvpx.
final class VP8Sample {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: FFPacket
    private let size: PictureSize

    init(_ size: PictureSize) throws {
        self.size = size
        packet = try FFPacket()
        let codec = avcodec_find_encoder_by_name("libvpx")
        context = try #require(avcodec_alloc_context3(codec))
        context.pointee.width = Int32(size.width)
        context.pointee.height = Int32(size.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = FFmpeg.microseconds
        context.pointee.framerate = AVRational(num: 30, den: 1)
        context.pointee.bit_rate = Int64(size.width * size.height * 3)
        context.pointee.gop_size = 1000
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (name, value) in [("deadline", "realtime"), ("cpu-used", "8"), ("lag-in-frames", "0")] {
            av_dict_set(&options, name, value, 0)
        }
        try FFmpeg.check(avcodec_open2(context, codec, &options), "open libvpx")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    func frame(_ index: Int, at time: Int64, isKeyframe: Bool = false) throws -> MediaFrame {
        let picture = try HLSSample.picture(index, size)
        picture.pointer.pointee.pts = time
        picture.pointer.pointee.pict_type = isKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        try FFmpeg.check(avcodec_send_frame(context, picture.pointer), "encode VP8")
        try FFmpeg.check(avcodec_receive_packet(context, packet.pointer), "encode VP8")
        defer { av_packet_unref(packet.pointer) }
        return MediaFrame(
            codec: .vp8, presentationTime: time, isKeyframe: packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0,
            data: packet.bytes)
    }
}
