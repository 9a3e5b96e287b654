import CFFmpeg
import Testing

@testable import PutLiveMedia

/// Opus as a browser sends it, by libopus.
final class OpusSample {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: FFPacket
    private let frame: FFFrame
    private let count: Int

    /// `milliseconds` to a packet. With `copies`, each packet has a copy of the one before (in-band FEC), as from a
    /// browser that was told of losses.
    init(
        milliseconds: Int = 20, channels: Int32 = 2, application: String = "audio", bitRate: Int64? = nil,
        copies: Bool = false
    ) throws {
        count = milliseconds * 48
        packet = try FFPacket()
        frame = try FFFrame()
        let codec = avcodec_find_encoder_by_name("libopus")
        context = try #require(avcodec_alloc_context3(codec))
        context.pointee.sample_rate = 48_000
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLT
        context.pointee.bit_rate = bitRate ?? (application == "voip" ? 16_000 : 96_000)
        context.pointee.time_base = AVRational(num: 1, den: 48_000)
        av_channel_layout_default(&context.pointee.ch_layout, channels)
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "frame_duration", String(milliseconds), 0)
        av_dict_set(&options, "application", application, 0)
        if copies {
            av_dict_set(&options, "fec", "1", 0)
            av_dict_set(&options, "packet_loss", "20", 0)
        }
        try FFmpeg.check(avcodec_open2(context, codec, &options), "open libopus")
        frame.pointer.pointee.nb_samples = Int32(count)
        frame.pointer.pointee.format = AV_SAMPLE_FMT_FLT.rawValue
        frame.pointer.pointee.sample_rate = 48_000
        av_channel_layout_default(&frame.pointer.pointee.ch_layout, channels)
        try FFmpeg.check(av_frame_get_buffer(frame.pointer, 0), "get memory")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Packets of what `signal` says at each sample, on a timeline from `start`.
    func frames(
        seconds: Double, from start: Int64 = 0, _ signal: (Int) -> Float
    ) throws -> [MediaFrame] {
        var frames: [MediaFrame] = []
        let channels = Int(context.pointee.ch_layout.nb_channels)
        for index in 0..<Int(seconds * 48_000) / count {
            try FFmpeg.check(av_frame_make_writable(frame.pointer), "write")
            let data = try #require(frame.pointer.pointee.data.0)
            data.withMemoryRebound(to: Float.self, capacity: count * channels) { samples in
                for sample in 0..<count * channels { samples[sample] = signal(index * count + sample / channels) }
            }
            frame.pointer.pointee.pts = Int64(index * count)
            try FFmpeg.check(avcodec_send_frame(context, frame.pointer), "encode")
            while avcodec_receive_packet(context, packet.pointer) >= 0 {
                frames.append(
                    MediaFrame(
                        codec: .opus, presentationTime: start + Int64(frames.count * count) * 1000 / 48,
                        isKeyframe: true, data: packet.bytes))
                av_packet_unref(packet.pointer)
            }
        }
        return frames
    }

    /// A tone of 480 Hz, whose amplitude is 0.5.
    static func tone(_ sample: Int) -> Float {
        let phase = Float(sample % 100) / 100
        // A parabola comes near enough to a sine.
        return phase < 0.5 ? 8 * phase * (0.5 - phase) : -8 * (phase - 0.5) * (1 - phase)
    }
}

/// The sound of AAC packets, each where its time says.
struct AACReading {
    /// The left channel from time 0 on, at 48 kHz.
    private(set) var samples: [Float] = []
    /// Times of packets, in microseconds.
    private(set) var times: [Int64] = []

    init(_ format: AudioFormat, _ packets: [EncodedPacket]) throws {
        let codec = avcodec_find_decoder(AV_CODEC_ID_AAC)
        var owned = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&owned) }
        let context = try #require(owned)
        let size = format.audioSpecificConfig.count
        let extradata = try #require(av_mallocz(size + 64))
        extradata.copyMemory(from: format.audioSpecificConfig, byteCount: size)
        context.pointee.extradata = extradata.assumingMemoryBound(to: UInt8.self)
        context.pointee.extradata_size = Int32(size)
        context.pointee.pkt_timebase = FFmpeg.microseconds
        try FFmpeg.check(avcodec_open2(context, codec, nil), "open AAC")
        let packet = try FFPacket()
        let frame = try FFFrame()
        for encoded in packets {
            times.append(encoded.presentationTime)
            try packet.fill(encoded.data)
            try FFmpeg.check(avcodec_send_packet(context, packet.pointer), "decode")
            while avcodec_receive_frame(context, frame.pointer) >= 0 {
                let start = Int((encoded.presentationTime * 48 + 500) / 1000)
                let data = try #require(frame.pointer.pointee.data.0)
                let count = Int(frame.pointer.pointee.nb_samples)
                data.withMemoryRebound(to: Float.self, capacity: count) { decoded in
                    for index in 0..<count where start + index >= 0 {
                        let place = start + index
                        while samples.count <= place { samples.append(0) }
                        samples[place] = decoded[index]
                    }
                }
                av_frame_unref(frame.pointer)
            }
        }
    }

    /// Mean power of some milliseconds.
    func power(_ range: Range<Int>) -> Float {
        let part = samples[min(range.lowerBound * 48, samples.count)..<min(range.upperBound * 48, samples.count)]
        return part.reduce(0) { $0 + $1 * $1 } / Float(max(part.count, 1))
    }

    /// Where sound begins after silence, in milliseconds.
    func onsets() -> [Double] {
        var onsets: [Double] = []
        var quiet = Int.max / 2
        for (index, sample) in samples.enumerated() {
            if abs(sample) > 0.1 {
                if quiet > 4800 { onsets.append(Double(index) / 48) }
                quiet = 0
            } else {
                quiet += 1
            }
        }
        return onsets
    }
}
