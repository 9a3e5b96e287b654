import CFFmpeg
import Testing

@testable import PutLiveMedia

/// Pictures and sound that were really encoded, for outputs to write.
enum HLSSample {
    /// One AAC frame's length, in microseconds.
    static let soundFrame = 21_333.333

    /// Pictures that differ from each other, as H.264 without SPS and PPS.
    static func pictures(
        seconds: Double, size: PictureSize = PictureSize(width: 160, height: 96), from start: Int64 = 0,
        framesPerSecond: Int = 30, keyframeSeconds: Double = 2
    ) throws -> (format: VideoFormat, packets: [EncodedPacket]) {
        let settings = TranscodeSettings(
            maxFramesPerSecond: framesPerSecond, videoKilobits: 300, keyframeSeconds: keyframeSeconds)
        let encoder = try H264Encoder(size, settings)
        var parameters = ParameterSets()
        var packets: [EncodedPacket] = []
        let every = Int(keyframeSeconds * Double(framesPerSecond))
        for index in 0..<Int(seconds * Double(framesPerSecond)) {
            let time = start + Int64(index) * 1_000_000 / Int64(framesPerSecond)
            let frame = try picture(index, size)
            for var packet in try encoder.encode(frame, time: time, isKeyframe: index % every == 0) {
                if packet.isKeyframe { _ = parameters.take(from: &packet.data) }
                packets.append(packet)
            }
        }
        return (try #require(parameters.format), packets)
    }

    /// A grey ramp that moves.
    static func picture(_ index: Int, _ size: PictureSize) throws -> FFFrame {
        let frame = try FFFrame()
        frame.pointer.pointee.width = Int32(size.width)
        frame.pointer.pointee.height = Int32(size.height)
        frame.pointer.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        try FFmpeg.check(av_frame_get_buffer(frame.pointer, 0), "get memory")
        let data = frame.pointer.pointee.data
        let planes = [try #require(data.0), try #require(data.1), try #require(data.2)]
        let strides = [
            frame.pointer.pointee.linesize.0, frame.pointer.pointee.linesize.1, frame.pointer.pointee.linesize.2,
        ].map(Int.init)
        for y in 0..<size.height {
            for x in 0..<size.width { planes[0][y * strides[0] + x] = UInt8(truncatingIfNeeded: x + y + index * 5) }
        }
        for plane in 1...2 {
            for y in 0..<size.height / 2 { memset(planes[plane] + y * strides[plane], 128, size.width / 2) }
        }
        return frame
    }

    /// A tone, as AAC.
    static func sound(seconds: Double, from start: Int64 = 0) throws -> (format: AudioFormat, packets: [EncodedPacket])
    {
        let codec = avcodec_find_encoder(AV_CODEC_ID_AAC)
        var owned = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&owned) }
        let context = try #require(owned)
        context.pointee.sample_rate = 48_000
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        context.pointee.bit_rate = 64_000
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        av_channel_layout_default(&context.pointee.ch_layout, 2)
        try FFmpeg.check(avcodec_open2(context, codec, nil), "open AAC")
        let frame = try FFFrame()
        frame.pointer.pointee.nb_samples = 1024
        frame.pointer.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        frame.pointer.pointee.sample_rate = 48_000
        av_channel_layout_default(&frame.pointer.pointee.ch_layout, 2)
        try FFmpeg.check(av_frame_get_buffer(frame.pointer, 0), "get memory")
        let packet = try FFPacket()
        var packets: [EncodedPacket] = []
        for _ in 0..<Int(seconds * 1_000_000 / soundFrame) {
            try FFmpeg.check(av_frame_make_writable(frame.pointer), "write")
            for plane in [frame.pointer.pointee.data.0, frame.pointer.pointee.data.1] {
                let plane = try #require(plane)
                plane.withMemoryRebound(to: Float.self, capacity: 1024) { samples in
                    for index in 0..<1024 { samples[index] = index % 96 < 48 ? 0.2 : -0.2 }
                }
            }
            try FFmpeg.check(avcodec_send_frame(context, frame.pointer), "encode")
            while avcodec_receive_packet(context, packet.pointer) >= 0 {
                packets.append(
                    EncodedPacket(
                        track: .audio, presentationTime: start + Int64(Double(packets.count) * soundFrame),
                        duration: 21_333, data: packet.bytes))
                av_packet_unref(packet.pointer)
            }
        }
        let config = Array(
            UnsafeBufferPointer(
                start: context.pointee.extradata, count: Int(context.pointee.extradata_size)))
        return (
            AudioFormat(audioSpecificConfig: config, sampleRate: 48_000, channels: 2, bitRate: 64_000), packets
        )
    }

    /// In the order in which a pipeline has them: sound comes somewhat later than pictures of the same time.
    static func interleaved(_ pictures: [EncodedPacket], _ sound: [EncodedPacket]) -> [EncodedPacket] {
        (pictures.map { ($0.decodeTime, $0) } + sound.map { ($0.decodeTime + 40_000, $0) })
            .sorted { $0.0 < $1.0 }.map(\.1)
    }
}
