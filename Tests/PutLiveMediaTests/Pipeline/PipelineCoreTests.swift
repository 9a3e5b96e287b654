import Testing

@testable import PutLiveMedia

@Suite struct PipelineCoreTests: PipelineFrames {
    private let recorder = OutputRecorder()
    private let events = PipelineEvents()

    private func core(video: Bool = true, audio: Bool = true) -> PipelineCore {
        let events = events
        return PipelineCore(
            expectsVideo: video, expectsAudio: audio,
            slots: [OutputSlot(kind: .hls, output: recorder, report: { events.all.append($0) })],
            report: { events.all.append($0) })
    }

    @Test func writesBothTracks() throws {
        let core = core()
        for frame in mixed(pictures(2), try OpusSample().frames(seconds: 2, OpusSample.tone)) { core.receive(frame) }
        core.tick()
        core.finish()
        #expect(recorder.calls == ["start", "write", "finish"])
        #expect(recorder.formats.first?.video?.width == 1280 && recorder.formats.first?.audio != nil)
        let video = recorder.packets.filter { $0.track == .video }
        #expect(video.count == 60 && video.first?.data == ParameterSetsTests.accessUnit([ParameterSetsTests.idr]))
        for track in MediaTrack.allCases {
            let times = recorder.packets.filter { $0.track == track }.map(\.decodeTime)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            #expect((times.first ?? -1) >= 0)
        }
        #expect(recorder.packets.count { $0.track == .audio } > 90)
        #expect(
            events.all == [
                .format(width: 1280, height: 720, video: .h264, audio: .opus), .outputConnected(.hls),
                .firstPacketWritten(.hls),
            ])
        #expect(core.statistics.videoFrames == 60 && core.statistics.keyframes == 2)
        #expect(core.statistics.audioFrames >= 99 && core.statistics.keyframeInterval == 999_990)
        #expect(core.statistics.width == 1280 && core.statistics.rtmp == nil)
    }

    @Test func writesOneTrackAlone() throws {
        let sound = core(video: false)
        for frame in try OpusSample().frames(seconds: 1, OpusSample.tone) { sound.receive(frame) }
        sound.finish()
        #expect(recorder.formats == [StreamFormat(audio: recorder.formats.first?.audio)])
        #expect(recorder.packets.count > 40)
        let other = OutputRecorder()
        let video = PipelineCore(
            expectsVideo: true, expectsAudio: false, slots: [OutputSlot(kind: .rtmp, output: other) { _ in }],
            report: { _ in })
        video.receive(picture(0, key: true))
        #expect(other.packets.count == 1 && other.formats.first?.audio == nil)
    }

    @Test func waitsASecondForTheOtherTrackAndTakesItInLate() throws {
        let core = core()
        for frame in try OpusSample().frames(seconds: 0.9, OpusSample.tone) { core.receive(frame) }
        #expect(recorder.calls.isEmpty)
        for frame in try OpusSample().frames(seconds: 0.2, from: 900_000, OpusSample.tone) { core.receive(frame) }
        #expect(recorder.calls == ["start", "write"] && recorder.formats.first?.video == nil)
        for frame in pictures(0.5, from: 1.2) { core.receive(frame) }
        #expect(recorder.calls == ["start", "write", "change", "write"])
        #expect(recorder.formats.last?.audio != nil && recorder.formats.last?.video?.width == 1280)
        #expect(events.all.contains(.format(width: 1280, height: 720, video: .h264, audio: .opus)))
    }

    @Test func asksForAKeyframe() {
        let core = core(audio: false)
        core.receive(picture(0))
        #expect(events.all == [.needsKeyframe] && recorder.calls.isEmpty)
        // One that can't be understood is of no use either.
        core.receive(picture(33_333, key: true, sps: [0x67, 0, 0, 0]))
        core.receive(picture(66_666))
        #expect(events.all == [.needsKeyframe, .needsKeyframe, .needsKeyframe])
        core.receive(picture(100_000, key: true))
        #expect(recorder.packets.count == 1)
    }

    @Test func announcesAnotherSize() {
        let core = core(audio: false)
        core.receive(picture(0, key: true))
        core.receive(picture(33_333, key: true, sps: ParameterSetsTests.otherSPS))
        core.receive(picture(66_666, key: true, sps: ParameterSetsTests.otherSPS))
        #expect(recorder.calls == ["start", "write", "change", "write"])
        #expect(recorder.formats.map { $0.video?.width } == [1280, 270])
        #expect(core.statistics.width == 270 && core.statistics.height == 480)
    }

    @Test func neverWritesTwoPicturesAtOnce() {
        let core = core(audio: false)
        core.receive(picture(5_000, key: true))
        core.receive(picture(5_000))
        core.receive(picture(4_000))
        core.receive(picture(40_000))
        #expect(recorder.packets.map(\.decodeTime) == [5_000, 6_000, 7_000, 40_000])
    }

    @Test func tellsOutputsWhereFramesWereDropped() {
        let core = core(audio: false)
        core.receive(picture(0, key: true))
        var dropped = DroppedCount()
        dropped.count(.video)
        dropped.count(.audio)
        core.note(dropped: dropped)
        core.note(dropped: dropped)
        #expect(events.all.suffix(2) == [.dropped(dropped), .needsKeyframe])
        // What waited before the loss comes first.
        core.receive(picture(33_333))
        var resumed = picture(66_666, key: true)
        resumed.followsLoss = true
        core.receive(resumed)
        #expect(recorder.calls == ["start", "write", "discontinuity", "write"])
        #expect(recorder.packets.count == 3 && core.statistics.dropped == dropped)
    }

    @Test func tellsOnceThatAnOutputFails() {
        let core = core(audio: false)
        let full = MediaError(.storage, "the disk is full")
        core.receive(picture(0, key: true))
        recorder.failure = full
        for index in 1...900 { core.receive(picture(Int64(index) * 33_333)) }
        let lost = PipelineEvent.outputLost(.hls, reason: full, willRetry: true)
        #expect(events.all.filter { $0 == lost }.count == 1)
        recorder.failure = nil
        for index in 901...1300 { core.receive(picture(Int64(index) * 33_333)) }
        #expect(events.all.filter { $0 == .outputConnected(.hls) }.count == 2)
        recorder.failure = full
        core.receive(picture(44_000_000))
        #expect(events.all.last == lost)
    }

    @Test func goesOnInSilenceWhenSoundStops() throws {
        let core = core()
        let sound = try OpusSample().frames(seconds: 1, OpusSample.tone)
        for frame in mixed(pictures(5), sound) { core.receive(frame) }
        let last = recorder.packets.last { $0.track == .audio }?.decodeTime ?? 0
        #expect(last > 4_000_000 && last < 5_000_000)
    }

    /// Both stop for 20 s. The picture is back then, and the sound with it, a little before it or after it, or never.
    @Test(arguments: [nil, 20.99, 21.0, 21.2, 23.5, 30])
    func goesOnInStepAfterAPause(soundReturns: Double?) throws {
        let core = core()
        let opus = try OpusSample()
        var sound = try opus.frames(seconds: 1, OpusSample.tone)
        if let soundReturns { sound += try opus.frames(seconds: 1, from: Int64(soundReturns * 1e6), OpusSample.tone) }
        for frame in mixed(pictures(1) + pictures(12, from: 21), sound) { core.receive(frame) }
        let audio = recorder.packets.filter { $0.track == .audio }
        #expect(zip(audio, audio.dropFirst()).allSatisfy { $0.decodeTime < $1.decodeTime })
        #expect((audio.last?.decodeTime ?? 0) > 32_200_000)
        // None comes late: neither silence nor what was left from before the pause.
        var picture: Int64 = 0
        for packet in recorder.packets {
            if packet.track == .video { picture = packet.decodeTime }
            #expect(packet.decodeTime > picture - 750_000)
        }
        let back = try #require(audio.first { $0.decodeTime > 2_000_000 })
        #expect((20_930_000...21_000_000).contains(back.decodeTime))
        let gaps = zip(audio, audio.dropFirst()).filter { $1.decodeTime - $0.decodeTime > 22_000 }
        #expect(gaps.count == 1 && (950_000...1_030_000).contains(gaps.first?.0.decodeTime ?? 0))
        core.finish()
        let format = try #require(recorder.formats.last?.audio)
        let onsets = try AACReading(format, recorder.packets.filter { $0.track == .audio }).onsets()
        let expected = [0] + (soundReturns.map { [$0 * 1000] } ?? [])
        #expect(onsets.count == expected.count)
        for (found, expected) in zip(onsets, expected) { #expect(abs(found - expected) < 40) }
    }

    @Test func jumpsOverAPauseOfSoundAlone() throws {
        let core = core(video: false)
        let opus = try OpusSample()
        for frame in try opus.frames(seconds: 1, OpusSample.tone) { core.receive(frame) }
        for frame in try opus.frames(seconds: 1, from: 21_000_000, OpusSample.tone) { core.receive(frame) }
        core.finish()
        let times = recorder.packets.map(\.decodeTime)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect((90...100).contains(times.count) && !times.contains { (1_100_000..<20_900_000).contains($0) })
    }

    @Test func turnsVP8IntoH264() throws {
        let core = core(audio: false)
        let sample = try VP8Sample(PictureSize(width: 160, height: 96))
        for index in 0..<20 { core.receive(try sample.frame(index, at: Int64(index) * 33_333, isKeyframe: index == 0)) }
        #expect(recorder.packets.count == 20)
        #expect(events.all.first == .format(width: 160, height: 96, video: .vp8, audio: nil))
        // A damaged frame calls for a keyframe.
        core.receive(
            MediaFrame(codec: .vp8, presentationTime: 700_000, isKeyframe: true, data: [0x10, 0, 0, 1, 2, 3]))
        #expect(events.all.last == .needsKeyframe)
        // The browser finds H.264 after all.
        core.receive(picture(800_000))
        core.receive(picture(833_333, key: true))
        #expect(recorder.formats.last?.video?.width == 1280)
        #expect(events.all.last == .format(width: 1280, height: 720, video: .h264, audio: nil))
    }
}
