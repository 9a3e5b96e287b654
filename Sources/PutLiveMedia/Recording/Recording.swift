/// One file of a recording.
///
/// Its picture may change its size: SPS and PPS stand before each keyframe, which is what the codec's name `avc3` announces
/// (ISO/IEC 14496-15, section 5.4.2). The head of a file holds those of its first picture alone.
final class Recording {
    private let file: OutputFile
    private let muxer: FileMuxer
    private let start: Int64
    /// Each after its length in 4 bytes, as all NAL units here.
    private var parameterSets: [UInt8] = []
    /// Up to here it is whole.
    private var wholeBytes: Int64 = 0
    /// What stands before the first fragment.
    private var headBytes: Int64 = 0
    private var isEmpty = true
    private var lastTimes: (video: Int64?, audio: Int64?) = (nil, nil)

    /// Its times begin at `start`.
    init(_ file: OutputFile, _ format: StreamFormat, start: Int64) throws(MediaError) {
        self.file = file
        self.start = start
        muxer = try FileMuxer("mp4")
        muxer.file = file
        if let video = format.video { try change(video) }
        // The tables of empty_moov stand at the start and need no correction at the end.
        try muxer.open(
            format, [("movflags", "frag_keyframe+empty_moov+default_base_moof"), ("frag_duration", "2000000")],
            videoTag: "avc3")
        try check()
        headBytes = wholeBytes
    }

    /// The next keyframe has other parameters.
    func change(_ video: VideoFormat) throws(MediaError) {
        parameterSets = try AVCConfiguration.units(video.avcC).flatMap { unit in
            [0, 0, UInt8(unit.count >> 8), UInt8(unit.count & 0xff)] + unit
        }
    }

    func write(_ packet: EncodedPacket) throws(MediaError) {
        let last = packet.track == .video ? lastTimes.video : lastTimes.audio
        var stamped = packet
        stamped.presentationTime -= start
        stamped.decodeTime -= start
        // Sound that is a little earlier than the first picture; and the muxer takes no time twice.
        guard stamped.decodeTime >= 0, last.map({ stamped.decodeTime > $0 + 100 }) ?? true else { return }
        if stamped.duration == 0 { stamped.duration = last.map { min(stamped.decodeTime - $0, 100_000) } ?? 33_333 }
        if packet.track == .video { lastTimes.video = stamped.decodeTime } else { lastTimes.audio = stamped.decodeTime }
        let isKeyframe = packet.track == .video && packet.isKeyframe
        try muxer.write(isKeyframe ? parameterSets + packet.data : packet.data, as: stamped)
        isEmpty = false
        try check()
    }

    /// Writes the last fragment. False if there isn't a whole one: such a file is removed.
    func finish() -> Bool {
        muxer.finish()
        try? check()
        let holdsMedia = !isEmpty && wholeBytes > headBytes
        if !holdsMedia { file.remove() }
        _ = try? file.close()
        return holdsMedia
    }

    /// Between fragments the muxer writes nothing, so this costs nothing.
    private func check() throws(MediaError) {
        muxer.flush()
        if let failure = file.failure {
            // Half of a fragment is of no use to anybody, and takes room where there is none.
            file.truncate(to: wholeBytes)
            throw failure
        }
        wholeBytes = file.count
    }
}
