import CFFmpeg

/// A muxer of libavformat that writes to files of ours.
final class FileMuxer {
    /// What is written to the file at once, in bytes: a system call for each packet would cost more than all the rest.
    private static let bufferSize: Int32 = 64 << 10

    let context: UnsafeMutablePointer<AVFormatContext>
    /// The numbers of the tracks.
    private(set) var tracks: (video: Int32?, audio: Int32?) = (nil, nil)
    /// Where it goes from here on; nowhere if nil.
    var file: OutputFile?
    private let packet: FFPacket

    /// Of the named kind. `open` is to be called before the first packet.
    init(_ kind: String) throws(MediaError) {
        packet = try FFPacket()
        var made: UnsafeMutablePointer<AVFormatContext>?
        avformat_alloc_output_context2(&made, nil, kind, nil)
        guard let made else { throw MediaError(.codec, "libavformat can't write \(kind)") }
        context = made
    }

    deinit {
        if let output = context.pointee.pb {
            // What is still in it isn't wanted: nothing is written here.
            av_freep(&output.pointee.buffer)
            avio_context_free(&context.pointee.pb)
        }
        avformat_free_context(context)
    }

    /// Writes the header. Where the format has several names for the picture's codec, `videoTag` is the wanted one, of four
    /// letters.
    func open(
        _ format: StreamFormat, _ options: [(String, String)], videoTag: String? = nil
    ) throws(MediaError) {
        tracks = try format.addStreams(to: context)
        if let videoTag, let video = tracks.video, let stream = context.pointee.streams[Int(video)] {
            stream.pointee.codecpar.pointee.codec_tag = videoTag.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard let buffer = av_malloc(Int(Self.bufferSize)) else {
            throw MediaError(.codec, "can't get memory to write")
        }
        context.pointee.pb = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Self.bufferSize, 1, Unmanaged.passUnretained(self).toOpaque(),
            nil,
            { owner, bytes, count in
                guard let owner, let bytes, count > 0 else { return count }
                // The muxer owns the context that calls this, so it is there. A failure is the file's: were it told to
                // libavformat, it would write nothing ever after.
                let muxer = Unmanaged<FileMuxer>.fromOpaque(owner).takeUnretainedValue()
                muxer.file?.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                return count
            }, nil)
        guard let output = context.pointee.pb else {
            av_free(buffer)
            throw MediaError(.codec, "can't get memory to write")
        }
        output.pointee.seekable = 0
        context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        context.pointee.flush_packets = 0
        // Times go on where they are, whatever they are.
        context.pointee.avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (name, value) in options { av_dict_set(&dictionary, name, value, 0) }
        try FFmpeg.check(avformat_write_header(context, &dictionary), "write the head of a file")
    }

    /// Writes `bytes`, stamped as `encoded` is. Nothing happens if there is no such track.
    func write(_ bytes: [UInt8], as encoded: EncodedPacket) throws(MediaError) {
        guard let index = encoded.track == .video ? tracks.video : tracks.audio,
            let stream = context.pointee.streams[Int(index)]
        else { return }
        let context = context
        let packet = packet
        try packet.lend(bytes) { (lent) throws(MediaError) in
            packet.stamp(encoded, streamIndex: index, timeBase: stream.pointee.time_base)
            try FFmpeg.check(av_write_frame(context, lent), "write a packet to a file")
        }
    }

    /// Writes what is on the way to the file.
    func flush() {
        avio_flush(context.pointee.pb)
    }

    /// Writes what the format has at its end. Nothing can be written after it.
    func finish() {
        av_write_trailer(context)
        flush()
    }
}
