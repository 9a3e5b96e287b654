import CFFmpeg
import Testing

@testable import PutLiveMedia

/// What libavformat and libavcodec make of a file.
struct HLSReading {
    var videoTimes: [Int64] = []
    var audioTimes: [Int64] = []
    var keyframes: [Int64] = []
    /// Pictures that were decoded, with their sizes.
    var sizes: [PictureSize] = []
    var soundFrames = 0
    /// What a decoder complained of.
    var errors = 0
    /// The first packet of the picture, as the file has it.
    var firstPicture: [UInt8] = []
    var kinds: [AVMediaType] = []

    /// Reads all of it; times are microseconds.
    init(_ path: String) throws {
        FFmpegLog.start()
        var owned: UnsafeMutablePointer<AVFormatContext>?
        try FFmpeg.check(avformat_open_input(&owned, path, nil, nil), "open \(path)")
        defer { avformat_close_input(&owned) }
        let context = try #require(owned)
        try FFmpeg.check(avformat_find_stream_info(context, nil), "look into \(path)")
        let streams = try (0..<Int(context.pointee.nb_streams)).map { try #require(context.pointee.streams[$0]) }
        kinds = streams.map { $0.pointee.codecpar.pointee.codec_type }
        let decoders = try streams.map { try Self.decoder(of: $0) }
        defer {
            for decoder in decoders {
                var decoder: UnsafeMutablePointer<AVCodecContext>? = decoder
                avcodec_free_context(&decoder)
            }
        }
        let packet = try FFPacket()
        let frame = try FFFrame()
        while av_read_frame(context, packet.pointer) >= 0 {
            let index = Int(packet.pointer.pointee.stream_index)
            let time = av_rescale_q(
                packet.pointer.pointee.dts, streams[index].pointee.time_base, FFmpeg.microseconds)
            if kinds[index] == AVMEDIA_TYPE_VIDEO {
                if videoTimes.isEmpty { firstPicture = packet.bytes }
                videoTimes.append(time)
                if packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 { keyframes.append(time) }
            } else {
                audioTimes.append(time)
            }
            if avcodec_send_packet(decoders[index], packet.pointer) < 0 { errors += 1 }
            take(decoders[index], frame)
            av_packet_unref(packet.pointer)
        }
        for decoder in decoders {
            avcodec_send_packet(decoder, nil)
            take(decoder, frame)
        }
    }

    private mutating func take(_ decoder: UnsafeMutablePointer<AVCodecContext>, _ frame: FFFrame) {
        while avcodec_receive_frame(decoder, frame.pointer) >= 0 {
            if frame.pointer.pointee.decode_error_flags != 0 { errors += 1 }
            if decoder.pointee.codec_type == AVMEDIA_TYPE_VIDEO { sizes.append(frame.size) } else { soundFrames += 1 }
        }
    }

    private static func decoder(
        of stream: UnsafeMutablePointer<AVStream>
    ) throws -> UnsafeMutablePointer<AVCodecContext> {
        let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
        let decoder = try #require(avcodec_alloc_context3(codec))
        try FFmpeg.check(avcodec_parameters_to_context(decoder, stream.pointee.codecpar), "take parameters")
        // AV_EF_EXPLODE: an error isn't concealed.
        decoder.pointee.err_recognition = 1 << 3
        try FFmpeg.check(avcodec_open2(decoder, codec, nil), "open a decoder")
        return decoder
    }
}
