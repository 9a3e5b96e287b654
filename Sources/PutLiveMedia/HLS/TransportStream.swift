import CFFmpeg

/// Writes an MPEG-2 transport stream (ISO 13818-1) by libavformat, into one file after the other: times and counters go on,
/// and each file begins with the tables, so that it can be decoded alone.
final class TransportStream {
    private let muxer: FileMuxer
    private let audio: ADTSHeader?
    private var parameterSets: [UInt8]
    private var scratch: [UInt8] = []
    private var segment: SegmentFile?
    /// No picture is in it yet.
    private var awaitsPicture = true

    init(_ format: StreamFormat) throws(MediaError) {
        parameterSets = []
        audio = try format.audio.map { audio throws(MediaError) in try ADTSHeader(audio.audioSpecificConfig) }
        muxer = try FileMuxer("mpegts")
        // How much earlier than its time a packet is in the stream, and so how much sound is collected for one PES packet.
        muxer.context.pointee.max_delay = 100_000
        // Tables stand at the start of each segment and before keyframes; the default, ten times a second, is for those
        // who tune in anywhere.
        try muxer.open(format, [("pat_period", "60"), ("sdt_period", "60")])
        if let video = format.video { try change(video) }
    }

    /// What comes next goes to this file.
    func begin(_ segment: SegmentFile) {
        self.segment = segment
        muxer.file = segment.file
        awaitsPicture = true
        av_opt_set(muxer.context.pointee.priv_data, "mpegts_flags", "resend_headers", 0)
    }

    /// Writes what is still on the way, and lets go of the file.
    func end() -> SegmentFile? {
        av_write_frame(muxer.context, nil)
        muxer.flush()
        muxer.file = nil
        defer { segment = nil }
        return segment
    }

    /// The next picture has other parameters; the tracks stay.
    func change(_ video: VideoFormat) throws(MediaError) {
        parameterSets = try AnnexB.parameterSets(video.avcC)
    }

    func write(_ packet: EncodedPacket) throws(MediaError) {
        scratch.removeAll(keepingCapacity: true)
        switch packet.track {
        case .video:
            // A decoder that begins with this segment must know them even where a keyframe comes only later.
            let sets = packet.isKeyframe || awaitsPicture ? parameterSets : []
            awaitsPicture = false
            try AnnexB.append(packet.data, parameterSets: sets, to: &scratch)
        case .audio:
            guard let audio else { return }
            try audio.append(packet.data, to: &scratch)
        }
        try muxer.write(scratch, as: packet)
    }
}
