import CFFmpeg

/// An AVPacket, which one owner uses again and again.
final class FFPacket {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws(MediaError) {
        // Whoever codes or writes has a packet, and has it first.
        FFmpegLog.start()
        guard let packet = av_packet_alloc() else { throw MediaError(.codec, "can't get memory for a packet") }
        pointer = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }

    /// The bytes that a decoder or encoder put there, copied.
    var bytes: [UInt8] {
        Array(UnsafeBufferPointer(start: pointer.pointee.data, count: Int(pointer.pointee.size)))
    }

    /// Lends the bytes to a packet for the time of `body`, without a copy. `av_write_frame` takes such a packet;
    /// `av_interleaved_write_frame` would copy. Bitstream filters and decoders read up to 64 bytes past the end:
    /// use `fill` for them.
    func lend<Result>(
        _ bytes: [UInt8], _ body: (UnsafeMutablePointer<AVPacket>) throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        let packet = pointer
        let result = bytes.withUnsafeBufferPointer { buffer -> Swift.Result<Result, MediaError> in
            av_packet_unref(packet)
            // libav declares its inputs mutable and doesn't write to them.
            packet.pointee.data = UnsafeMutablePointer(mutating: buffer.baseAddress)
            packet.pointee.size = Int32(truncatingIfNeeded: buffer.count)
            defer {
                packet.pointee.data = nil
                packet.pointee.size = 0
                av_packet_unref(packet)
            }
            do throws(MediaError) { return .success(try body(packet)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Copies the bytes into memory of the packet's own, with the padding that decoders and filters read.
    func fill(_ bytes: [UInt8]) throws(MediaError) {
        av_packet_unref(pointer)
        guard let size = Int32(exactly: bytes.count), av_new_packet(pointer, size) >= 0 else {
            throw MediaError(.codec, "can't get memory for a packet of \(bytes.count) bytes")
        }
        bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { pointer.pointee.data.update(from: start, count: source.count) }
        }
    }

    /// Sets the times, in microseconds, as `timeBase` counts them, and the key flag.
    func stamp(_ packet: EncodedPacket, streamIndex: Int32, timeBase: AVRational) {
        pointer.pointee.stream_index = streamIndex
        pointer.pointee.pts = packet.presentationTime
        pointer.pointee.dts = packet.decodeTime
        pointer.pointee.duration = packet.duration
        pointer.pointee.flags = packet.isKeyframe ? AV_PKT_FLAG_KEY : 0
        av_packet_rescale_ts(pointer, FFmpeg.microseconds, timeBase)
    }
}
