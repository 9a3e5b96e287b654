import CFFmpeg

/// Where RTMPOutput writes to: a server, or a test's stand-in for one.
protocol RTMPPublishing: AnyObject {
    /// Sends a packet; may block for a few seconds.
    func write(_ packet: EncodedPacket) throws(MediaError)
    /// From the next picture on, a keyframe, its size is another.
    func change(to video: VideoFormat)
    /// Ends the publish in good order if `isAlive`, else only closes.
    func close(isAlive: Bool)
}

/// One connection to an RTMP server that publishes one stream, by libavformat: its FLV muxer over its RTMP.
final class RTMPConnection: RTMPPublishing {
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private let packet: FFPacket
    private let interrupt: InterruptFlag
    private var streams: (video: Int32?, audio: Int32?) = (nil, nil)
    private var timeBases = (video: FFmpeg.microseconds, audio: FFmpeg.microseconds)
    private var firstTime: Int64?
    private var newVideo: VideoFormat?
    private var isOpen = false

    /// A server that neither reads nor answers for so long is gone, in microseconds.
    static let timeout: Int64 = 4_000_000

    /// Connects and publishes; blocks until the server has agreed. Fails with `.refused` if it says no.
    init(url: String, format: StreamFormat, interrupt: InterruptFlag) throws(MediaError) {
        packet = try FFPacket()
        self.interrupt = interrupt
        try FFmpeg.check(avformat_alloc_output_context2(&context, nil, "flv", nil), "get memory for FLV")
        guard let context else { throw MediaError(.codec, "can't get memory for FLV") }
        streams = try format.addStreams(to: context)
        do throws(MediaError) {
            try open(url, context)
        } catch {
            close(isAlive: false)
            throw error
        }
        timeBases.video = Self.timeBase(of: streams.video, in: context)
        timeBases.audio = Self.timeBase(of: streams.audio, in: context)
        isOpen = true
    }

    deinit {
        close(isAlive: false)
    }

    private func open(_ url: String, _ context: UnsafeMutablePointer<AVFormatContext>) throws(MediaError) {
        // The flag outlives the connection, which holds it; its callback has no other way to it than this.
        let callback = AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<InterruptFlag>.fromOpaque(opaque).takeUnretainedValue().isDue ? 1 : 0
            }, opaque: Unmanaged.passUnretained(interrupt).toOpaque())
        context.pointee.interrupt_callback = callback
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        // Without TCP_NODELAY, which is libavformat's default: it writes a header and a payload one by one, and a segment
        // for each of them costs more than all else that is done here. A viewer of HLS doesn't notice 40 ms.
        av_dict_set(&options, "rw_timeout", String(Self.timeout), 0)
        interrupt.allow(microseconds: Self.timeout)
        defer { interrupt.allow(microseconds: nil) }
        let result = withUnsafePointer(to: callback) {
            avio_open2(&context.pointee.pb, url, AVIO_FLAG_WRITE, $0, &options)
        }
        if Self.refusals.contains(result) {
            throw MediaError(.refused, "the RTMP server refused the publish: the stream is busy, or not for us")
        }
        try FFmpeg.check(result, "reach the RTMP server", as: .connection)
        // A live stream has neither a length nor a size to be filled in later; and of the tag that ends a sequence, SRS makes
        // an empty picture.
        av_opt_set(context.pointee.priv_data, "flvflags", "no_duration_filesize+no_sequence_end", 0)
        try FFmpeg.check(avformat_write_header(context, nil), "begin the publish", as: .connection)
    }

    /// What libavformat's RTMP returns when the server answered with an error (its words can't be had), and when it hung up
    /// instead of an answer, as SRS does.
    private static let refusals: Set<Int32> = [-EPERM, FFmpeg.unknown, -EIO, -EPIPE, -ECONNRESET, FFmpeg.endOfFile]

    private static func timeBase(of stream: Int32?, in context: UnsafeMutablePointer<AVFormatContext>) -> AVRational {
        guard let stream, let found = context.pointee.streams[Int(stream)] else { return FFmpeg.microseconds }
        return found.pointee.time_base
    }

    func write(_ encoded: EncodedPacket) throws(MediaError) {
        let isVideo = encoded.track == .video
        guard let context, let stream = isVideo ? streams.video : streams.audio else { return }
        // The muxer refuses what is older than the first packet: sound that was encoded while the picture was on its way.
        let first = firstTime ?? encoded.decodeTime
        firstTime = first
        guard encoded.decodeTime >= first else { return }
        let timeBase = isVideo ? timeBases.video : timeBases.audio
        interrupt.allow(microseconds: Self.timeout)
        defer { interrupt.allow(microseconds: nil) }
        let newVideo = isVideo && encoded.isKeyframe ? newVideo : nil
        try packet.lend(encoded.data) { lent throws(MediaError) in
            packet.stamp(encoded, streamIndex: stream, timeBase: timeBase)
            if let newVideo { try Self.attach(newVideo, to: lent) }
            try FFmpeg.check(av_write_frame(context, lent), "send to the RTMP server", as: .connection)
        }
        if newVideo != nil { self.newVideo = nil }
    }

    func change(to video: VideoFormat) {
        newVideo = video
    }

    /// The muxer writes a new sequence header for it.
    private static func attach(
        _ video: VideoFormat, to packet: UnsafeMutablePointer<AVPacket>
    ) throws(MediaError) {
        guard let side = av_packet_new_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, video.avcC.count) else {
            throw MediaError(.codec, "can't get memory for a picture's format")
        }
        for (index, byte) in video.avcC.enumerated() { side[index] = byte }
    }

    func close(isAlive: Bool) {
        guard let context else { return }
        if isAlive && isOpen {
            interrupt.allow(microseconds: 1_000_000)
            av_write_trailer(context)
        } else {
            // Nothing may wait for a server that is gone.
            interrupt.allow(microseconds: 0)
        }
        avio_closep(&context.pointee.pb)
        interrupt.allow(microseconds: nil)
        avformat_free_context(context)
        self.context = nil
    }
}
