import CFFmpeg

/// Makes pictures larger or smaller, by libswscale.
final class PictureScaler {
    private var context: OpaquePointer?
    private let output: FFFrame
    private let size: PictureSize

    /// To a size, in 4:2:0.
    init(to size: PictureSize) throws(MediaError) {
        self.size = size
        output = try FFFrame()
        output.pointer.pointee.width = Int32(clamping: size.width)
        output.pointer.pointee.height = Int32(clamping: size.height)
        output.pointer.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        try FFmpeg.check(av_frame_get_buffer(output.pointer, 0), "get memory for a picture")
    }

    deinit {
        sws_freeContext(context)
    }

    /// The picture, in our size: itself, or one that is good until the next call.
    func scale(_ input: FFFrame) throws(MediaError) -> FFFrame {
        let source = input.pointer
        let format = AVPixelFormat(rawValue: source.pointee.format)
        if input.size == size && format == AV_PIX_FMT_YUV420P { return input }
        context = sws_getCachedContext(
            context, source.pointee.width, source.pointee.height, format, output.pointer.pointee.width,
            output.pointer.pointee.height, AV_PIX_FMT_YUV420P, SWS_BILINEAR, nil, nil, nil)
        guard let context else { throw MediaError(.codec, "can't make a picture of another size") }
        // The encoder may still look at the last one.
        try FFmpeg.check(av_frame_make_writable(output.pointer), "get memory for a picture")
        try FFmpeg.check(sws_scale_frame(context, output.pointer, source), "make a picture of another size")
        return output
    }
}
