import CFFmpeg

extension StreamFormat {
    /// Adds the tracks to a muxer, the picture first; returns their numbers.
    func addStreams(
        to context: UnsafeMutablePointer<AVFormatContext>
    ) throws(MediaError) -> (video: Int32?, audio: Int32?) {
        var (picture, sound): (Int32?, Int32?) = (nil, nil)
        if let video {
            let stream = try newStream(context)
            stream.pointee.time_base = FFmpeg.microseconds
            stream.pointee.codecpar.pointee.codec_type = AVMEDIA_TYPE_VIDEO
            stream.pointee.codecpar.pointee.codec_id = AV_CODEC_ID_H264
            stream.pointee.codecpar.pointee.width = Int32(clamping: video.width)
            stream.pointee.codecpar.pointee.height = Int32(clamping: video.height)
            try setExtradata(video.avcC, of: stream.pointee.codecpar)
            picture = stream.pointee.index
        }
        if let audio {
            let stream = try newStream(context)
            stream.pointee.time_base = AVRational(num: 1, den: Int32(clamping: audio.sampleRate))
            stream.pointee.codecpar.pointee.codec_type = AVMEDIA_TYPE_AUDIO
            stream.pointee.codecpar.pointee.codec_id = AV_CODEC_ID_AAC
            stream.pointee.codecpar.pointee.sample_rate = Int32(clamping: audio.sampleRate)
            stream.pointee.codecpar.pointee.bit_rate = Int64(audio.bitRate)
            stream.pointee.codecpar.pointee.frame_size = 1024
            av_channel_layout_default(&stream.pointee.codecpar.pointee.ch_layout, Int32(clamping: audio.channels))
            try setExtradata(audio.audioSpecificConfig, of: stream.pointee.codecpar)
            sound = stream.pointee.index
        }
        return (picture, sound)
    }

    private func newStream(
        _ context: UnsafeMutablePointer<AVFormatContext>
    ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        guard let stream = avformat_new_stream(context, nil) else {
            throw MediaError(.codec, "can't get memory for a track")
        }
        return stream
    }

    private func setExtradata(
        _ bytes: [UInt8], of parameters: UnsafeMutablePointer<AVCodecParameters>
    ) throws(MediaError) {
        guard let memory = av_mallocz(bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
            throw MediaError(.codec, "can't get memory for a decoder's configuration")
        }
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(truncatingIfNeeded: bytes.count)
    }
}
