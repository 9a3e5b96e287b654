import Testing

@testable import PutLiveMedia

/// The tracks that players see stay the same, whatever is switched off and on.
@Suite struct PipelineTracksTests: PipelineFrames {
    private let recorder = OutputRecorder()
    private let events = PipelineEvents()

    private func core(audio: Bool = true) -> PipelineCore {
        let events = events
        return PipelineCore(
            expectsVideo: true, expectsAudio: audio,
            slots: [OutputSlot(kind: .hls, output: recorder, report: { _ in })], report: { events.all.append($0) })
    }

    private func written(_ track: MediaTrack) -> [EncodedPacket] { recorder.packets.filter { $0.track == track } }

    private func isRising(_ packets: [EncodedPacket]) -> Bool {
        zip(packets, packets.dropFirst()).allSatisfy { $0.decodeTime < $1.decodeTime }
    }

    private var keyframe: [UInt8] { ParameterSetsTests.accessUnit([ParameterSetsTests.idr]) }

    /// The camera is off from 3 s to 9 s.
    @Test func showsTheLastPictureAgainWhileSoundGoesOn() throws {
        let core = core()
        let sound = try OpusSample().frames(seconds: 12, OpusSample.tone)
        for frame in mixed(pictures(3), sound.filter { $0.presentationTime < 9_000_000 }) { core.receive(frame) }
        // The last picture is at 2.967 s. What closes the gap before the first repetition begins nothing.
        let closing = written(.video).dropFirst(90).prefix(2)
        #expect(closing.map(\.presentationTime) == [4_900_000, 4_940_000])
        #expect(closing.allSatisfy { !$0.isKeyframe && $0.data == keyframe })
        let still = written(.video).dropFirst(92)
        #expect(still.map(\.presentationTime) == [4_980_000, 5_980_000, 6_980_000, 7_980_000, 8_980_000])
        #expect(still.allSatisfy { $0.isKeyframe && $0.data == keyframe && $0.decodeTime == $0.presentationTime })
        #expect(events.all.count { $0 == .needsKeyframe } == 1)
        // Of no use without what is gone; each asks again.
        core.receive(picture(9_000_000))
        core.receive(picture(9_033_333))
        #expect(written(.video).count == 97 && events.all.count { $0 == .needsKeyframe } == 3)
        for frame in mixed(pictures(3, from: 9.1), sound.filter { $0.presentationTime >= 9_000_000 }) {
            core.receive(frame)
        }
        let back = written(.video).dropFirst(97).map(\.presentationTime)
        #expect(back == pictures(3, from: 9.1).map(\.presentationTime))
        #expect(isRising(written(.video)) && isRising(written(.audio)))
        #expect(recorder.calls == ["start", "write"])
    }

    @Test func showsThePictureOfTheFormatThatIsWritten() throws {
        let core = core()
        var sound = try OpusSample().frames(seconds: 12, OpusSample.tone)
        for frame in mixed(pictures(2), Array(sound.prefix(100))) { core.receive(frame) }
        core.receive(picture(2_000_000, key: true, sps: ParameterSetsTests.otherSPS))
        // A keyframe that can't be understood is written nowhere.
        core.receive(picture(2_033_333, key: true, sps: [0x67, 0, 0, 0]))
        sound.removeFirst(100)
        for frame in sound.prefix(120) { core.receive(frame) }
        #expect(recorder.formats.map { $0.video?.width } == [1280, 270])
        #expect(written(.video).last == EncodedPacket(track: .video, presentationTime: 4_000_000, data: keyframe))
    }

    /// Both stop for 20 s, as when the network is gone; the sound is back 0.4 s before the picture.
    @Test func showsNothingAgainWhenBothPause() throws {
        let core = core()
        let opus = try OpusSample()
        var sound = try opus.frames(seconds: 3, OpusSample.tone)
        sound += try opus.frames(seconds: 3, from: 23_000_000, OpusSample.tone)
        for frame in mixed(pictures(3) + pictures(2, from: 23.4), sound) { core.receive(frame) }
        #expect(written(.video).count == 150 && !events.all.contains(.needsKeyframe))
    }

    /// The camera was off before both stopped.
    @Test func goesOnWithThePictureAfterAPause() throws {
        let core = core()
        let opus = try OpusSample()
        var sound = try opus.frames(seconds: 3, OpusSample.tone)
        sound += try opus.frames(seconds: 3, from: 23_000_000, OpusSample.tone)
        for frame in mixed(pictures(2), sound) { core.receive(frame) }
        #expect(written(.video).dropFirst(62).map(\.presentationTime) == [23_500_000, 24_500_000, 25_500_000])
    }

    /// By what the broadcaster says, its sound is 3 s ahead.
    @Test func keepsTheLipsInTime() throws {
        let core = core()
        let sound = try OpusSample().frames(seconds: 10, from: 3_000_000, OpusSample.tone)
        for index in 0..<500 {
            let now = Int64(index) * 20_000
            if now < 2_000_000 || now >= 7_000_000 { core.receive(picture(now, key: index % 50 == 0)) }
            core.receive(sound[index])
        }
        let times = written(.video).map(\.presentationTime)
        let still = times.filter { (2_000_000..<7_000_000).contains($0) }
        #expect(still.dropFirst(2) == [3_980_000, 4_980_000, 5_980_000, 6_980_000])
        #expect(isRising(written(.video)) && times.suffix(150).first == 7_000_000)
    }

    @Test func doesNotKeepHugePictures() throws {
        var still = StillPicture()
        let huge = [UInt8](repeating: 0, count: StillPicture.mostBytes + 1)
        #expect(still.repetitions(at: 0).isEmpty)
        still.take(EncodedPacket(track: .video, presentationTime: 0, data: [1]))
        still.take(EncodedPacket(track: .video, presentationTime: 1, data: huge))
        for time in 1...10 { #expect(still.repetitions(at: Int64(time) * 500_000).isEmpty) }
        still.take(EncodedPacket(track: .video, presentationTime: 5_000_000, data: [2]))
        still.take(EncodedPacket(track: .video, presentationTime: 5_000_001, isKeyframe: false, data: [3]))
        for time in 11...13 { #expect(still.repetitions(at: Int64(time) * 500_000).isEmpty) }
        #expect(still.repetitions(at: 7_000_001).last?.data == [2])
    }

    @Test func encodesAKeyframeAfterAPictureThatStoodStill() throws {
        let core = core()
        let sample = try VP8Sample(PictureSize(width: 160, height: 96))
        var frames: [MediaFrame] = []
        for index in 0..<60 {
            let time = Int64(index) * 33_333 + (index < 30 ? 0 : 3_500_000)
            frames.append(try sample.frame(index, at: time, isKeyframe: index == 0))
        }
        for frame in mixed(frames, try OpusSample().frames(seconds: 6, OpusSample.tone)) { core.receive(frame) }
        let video = written(.video)
        #expect(video.count == 64 && video[30..<34].allSatisfy { $0.data == video[0].data })
        // Nothing is asked of the browser, whose pictures are decoded here without a gap.
        #expect(video[34].isKeyframe && !events.all.contains(.needsKeyframe))
        #expect(isRising(video))
    }

    /// The microphone is switched on after 4 s.
    @Test func isSilentUntilThereIsSound() throws {
        let core = core()
        for frame in pictures(0.9) { core.receive(frame) }
        #expect(recorder.calls.isEmpty)
        for frame in pictures(3, from: 0.95) { core.receive(frame) }
        // Nothing is further behind than at a microphone that is muted.
        let last = try #require(written(.audio).last)
        #expect(last.decodeTime > 3_200_000)
        let sound = try OpusSample().frames(seconds: 2, from: 4_000_000, OpusSample.tone)
        for frame in mixed(pictures(2, from: 4), sound) { core.receive(frame) }
        core.finish()
        #expect(recorder.calls == ["start", "write", "finish"])
        let audio = written(.audio)
        #expect(zip(audio, audio.dropFirst()).allSatisfy { (21_333...21_334).contains($1.decodeTime - $0.decodeTime) })
        #expect((audio.first?.decodeTime ?? -1) < 22_000)
        let onsets = try AACReading(try #require(recorder.formats.first?.audio), audio).onsets()
        #expect(onsets.count == 1 && abs((onsets.first ?? 0) - 4006.5) < 8)
    }

    /// The camera alone, then nothing, then the microphone alone.
    @Test func takesInSoundThatComesAfterThePicture() throws {
        let core = core()
        let sound = try OpusSample().frames(seconds: 3, from: 5_000_000, OpusSample.tone)
        for frame in mixed(pictures(2), sound) { core.receive(frame) }
        #expect(recorder.calls == ["start", "write"])
        #expect(written(.video).dropFirst(62).map(\.presentationTime) == [5_500_000, 6_500_000, 7_500_000])
        #expect(isRising(written(.audio)))
    }

    @Test func takesInSoundThatComesAfterAPause() throws {
        let core = core()
        let sound = try OpusSample().frames(seconds: 1, from: 23_000_000, OpusSample.tone)
        for frame in mixed(pictures(2) + pictures(3, from: 21), sound) { core.receive(frame) }
        #expect(recorder.calls == ["start", "write"] && isRising(written(.audio)))
        let gaps = zip(written(.audio), written(.audio).dropFirst()).filter { $1.decodeTime - $0.decodeTime > 22_000 }
        #expect(gaps.count == 1 && (20_930_000...21_000_000).contains(gaps.first?.1.decodeTime ?? 0))
    }

    @Test func makesNoSoundUpThatWasNotAgreedOn() {
        let core = core(audio: false)
        for frame in pictures(3) { core.receive(frame) }
        core.finish()
        #expect(recorder.formats.count == 1 && recorder.formats.first?.audio == nil && written(.audio).isEmpty)
    }
}
