/// What a pipeline does with the frames, on one thread: codes what has to be, waits until the format is known, and hands
/// the packets to the outputs.
///
/// The tracks stay the same as far as can be, since players stop where one begins or ends. Sound that was agreed on, and
/// hasn't come when the picture begins, is silence until it comes; a picture that stops while sound goes on stands still.
/// Only a picture that begins more than a second after the sound gives the outputs another format: RTMP then publishes
/// anew, HLS begins a segment with a discontinuity, a recording goes on in another file.
final class PipelineCore {
    private(set) var statistics = PipelineStatistics()
    private let video: VideoTrack
    private let expectsAudio: Bool
    private let audioBitRate: Int
    private let audioChannels: Int
    private var audio: OpusToAAC?
    private var hasAudio = false
    private var gate: StartGate
    private let slots: [OutputSlot]
    private let report: (PipelineEvent) -> Void
    private var written = StreamFormat()
    private var failed: Set<MediaTrack> = []
    private var lastKeyframe: Int64?
    private var dropped = DroppedCount()
    /// Pictures were dropped; the keyframe after them is still to come.
    private var resumes = false
    private var sound: [EncodedPacket] = []

    init(
        expectsVideo: Bool, expectsAudio: Bool, slots: [OutputSlot],
        audioBitRate: Int = 128_000, audioChannels: Int = 2,
        transcoding: TranscodeSettings = TranscodeSettings(),
        report: @escaping (PipelineEvent) -> Void
    ) {
        gate = StartGate(expectsVideo: expectsVideo, expectsAudio: expectsAudio)
        self.slots = slots
        self.expectsAudio = expectsAudio
        self.audioBitRate = audioBitRate
        self.audioChannels = audioChannels
        self.report = report
        video = VideoTrack(transcoding)
    }

    /// Takes in how many frames were ever dropped before they came here.
    func note(dropped now: DroppedCount) {
        guard now != dropped else { return }
        var new = DroppedCount()
        new.video = now.video - dropped.video
        new.audio = now.audio - dropped.audio
        dropped = now
        statistics.dropped = now
        report(.dropped(new))
        if new.video > 0 {
            resumes = true
            report(.needsKeyframe)
        }
    }

    /// Codes a frame and writes what comes of it.
    func receive(_ frame: MediaFrame) {
        count(frame)
        guard !failed.contains(frame.track) else { return }
        do throws(MediaError) {
            if frame.track == .video { try receiveVideo(frame) } else { try receiveAudio(frame) }
        } catch {
            failed.insert(frame.track)
            report(.trackFailed(frame.track, error))
        }
    }

    /// For what is due by time.
    func tick() {
        for slot in slots { slot.tick() }
        statistics.rtmp = slots.lazy.compactMap { $0.output as? RTMPOutput }.first?.statistics
    }

    /// Writes what is left, and ends the outputs. If the broadcaster `mayResume`, HLS stays open for players to wait.
    func finish(mayResume: Bool = false) {
        if let audio, hasAudio, !failed.contains(.audio) {
            do throws(MediaError) {
                try audio.finish(into: &sound)
            } catch {
                report(.trackFailed(.audio, error))
            }
            pass(&sound)
        }
        let held = gate.finish()
        if !held.isEmpty { begin(held) }
        for slot in slots {
            if mayResume { (slot.output as? HLSOutput)?.endsPlaylist = false }
            slot.output.finish()
        }
        tick()
    }

    private func receiveVideo(_ frame: MediaFrame) throws(MediaError) {
        if resumes && frame.isKeyframe && frame.followsLoss {
            resumes = false
            for slot in slots { slot.output.discontinuity() }
        }
        let oldCodec = video.codec
        var result = try video.receive(frame)
        if video.needsKeyframe { report(.needsKeyframe) }
        if result.formatChanged || (oldCodec != video.codec && video.format != nil) {
            gate.arrive(.video)
            if gate.isOpen { change() }
        }
        catchUp(to: frame.presentationTime)
        pass(&result.packets)
    }

    /// Lets the sound follow the picture.
    private func catchUp(to presentationTime: Int64) {
        guard let audio, hasAudio, !failed.contains(.audio) else { return }
        do throws(MediaError) {
            try audio.catchUp(to: presentationTime, into: &sound)
        } catch {
            failed.insert(.audio)
            report(.trackFailed(.audio, error))
        }
        pass(&sound)
    }

    private func receiveAudio(_ frame: MediaFrame) throws(MediaError) {
        let encoder = try openAudio()
        try encoder.encode(frame, into: &sound)
        statistics.malformedAudioFrames = encoder.malformedPackets
        if !hasAudio && !sound.isEmpty {
            hasAudio = true
            gate.arrive(.audio)
            if gate.isOpen { change() }
        }
        pass(&sound)
        goOnWithPicture(frame.presentationTime)
    }

    private func openAudio() throws(MediaError) -> OpusToAAC {
        if let audio { return audio }
        let new = try OpusToAAC(bitRate: audioBitRate, channels: audioChannels)
        audio = new
        return new
    }

    /// Lets the picture stand still where there is only sound.
    private func goOnWithPicture(_ soundTime: Int64) {
        guard hasAudio else { return }
        let didNeedKeyframe = video.needsKeyframe
        var packets = video.goOn(withSoundAt: soundTime)
        pass(&packets)
        if video.needsKeyframe && !didNeedKeyframe { report(.needsKeyframe) }
    }

    private func pass(_ packets: inout [EncodedPacket]) {
        for packet in packets where packet.decodeTime >= 0 {
            if gate.isOpen {
                for slot in slots { slot.write(packet) }
            } else {
                let ready = gate.pass(packet)
                if !ready.isEmpty { begin(withSilence(ready)) }
            }
        }
        packets.removeAll(keepingCapacity: true)
    }

    private var format: StreamFormat { StreamFormat(video: video.format, audio: hasAudio ? audio?.format : nil) }

    /// Adds silence to the first packets if sound was agreed on, and there are only pictures.
    private func withSilence(_ packets: [EncodedPacket]) -> [EncodedPacket] {
        guard expectsAudio, !hasAudio, !failed.contains(.audio), let first = packets.first, let last = packets.last
        else { return packets }
        var silence: [EncodedPacket] = []
        do throws(MediaError) {
            let encoder = try openAudio()
            encoder.begin(at: first.presentationTime)
            try encoder.catchUp(to: last.presentationTime, into: &silence)
            hasAudio = true
        } catch {
            failed.insert(.audio)
            report(.trackFailed(.audio, error))
        }
        return (packets + silence.filter { $0.decodeTime >= 0 }).sorted { $0.decodeTime < $1.decodeTime }
    }

    private func begin(_ packets: [EncodedPacket]) {
        written = format
        tellFormat()
        for slot in slots { slot.start(written) }
        for packet in packets {
            for slot in slots { slot.write(packet) }
        }
    }

    private func change() {
        let new = format
        if new != written {
            written = new
            for slot in slots { slot.change(to: new) }
        }
        tellFormat()
    }

    private func tellFormat() {
        statistics.width = written.video?.width ?? 0
        statistics.height = written.video?.height ?? 0
        report(
            .format(
                width: statistics.width, height: statistics.height, video: written.video == nil ? nil : video.codec,
                audio: written.audio == nil ? nil : .opus))
    }

    private func count(_ frame: MediaFrame) {
        statistics.receivedBytes += frame.data.count
        statistics.lastPresentationTime = frame.presentationTime
        guard frame.track == .video else {
            statistics.audioFrames += 1
            return
        }
        statistics.videoFrames += 1
        guard frame.isKeyframe else { return }
        statistics.keyframes += 1
        if let lastKeyframe { statistics.keyframeInterval = frame.presentationTime - lastKeyframe }
        lastKeyframe = frame.presentationTime
    }
}
