import Testing

@testable import PutLiveWebRTC

/// A sender whose tracks have clocks of their own, and what its packets become on the timeline.
private struct Sender {
    var timeline = MediaTimeline()
    /// Where each track's timestamps begin; near the wrap.
    var audioStart: UInt32 = 0xFFFF_0000
    var videoStart: UInt32 = 0xFFFF_8000
    /// Microseconds from capture to arrival.
    var audioDelay: Int64 = 20_000
    var videoDelay: Int64 = 20_000
    /// The wall clock at capture time 0, in microseconds.
    var wallClock: Int64 = 3_900_000_000_000_000

    mutating func audio(at time: Int64, delay: Int64 = 0) -> Int64 {
        timeline.presentationTime(
            of: .audio, timestamp: audioStart &+ ticks(time, 48_000),
            arrival: MonotonicTime(microseconds: 77_000_000 + time + audioDelay + delay))
    }

    mutating func video(at time: Int64, delay: Int64 = 0) -> Int64 {
        timeline.presentationTime(
            of: .video, timestamp: videoStart &+ ticks(time, 90_000),
            arrival: MonotonicTime(microseconds: 77_000_000 + time + videoDelay + delay))
    }

    mutating func report(_ kind: MediaKind, at time: Int64) {
        let (seconds, rest) = (wallClock + time).quotientAndRemainder(dividingBy: 1_000_000)
        let ntp = UInt64(seconds) << 32 | (UInt64(rest) << 32) / 1_000_000
        let rtp = kind == .audio ? audioStart &+ ticks(time, 48_000) : videoStart &+ ticks(time, 90_000)
        timeline.senderReport(
            kind: kind, ntp: ntp, rtpTimestamp: rtp, arrival: MonotonicTime(microseconds: 77_000_000 + time))
    }

    /// Sends sound each 20 ms and a picture each 40 ms; returns how far the picture is behind the sound in the end.
    mutating func run(from start: Int64, to end: Int64) -> Int64 {
        var (lastAudio, lastVideo) = (Int64.min, Int64.min)
        for time in stride(from: start, to: end, by: 20_000) {
            let audio = audio(at: time)
            #expect(audio > lastAudio)
            lastAudio = audio
            guard time % 40_000 == 0 else { continue }
            let video = video(at: time)
            #expect(video > lastVideo)
            lastVideo = video
        }
        // Of one capture time, unless the last sound came after the last picture.
        return lastVideo - lastAudio + (end - start > 20_000 && (end - 20_000) % 40_000 != 0 ? 20_000 : 0)
    }

    private func ticks(_ time: Int64, _ rate: Int64) -> UInt32 { UInt32(truncatingIfNeeded: time * rate / 1_000_000) }
}

private let second: Int64 = 1_000_000

@Suite struct TimelineTests {
    private var sender = Sender()

    @Test mutating func beginsAtZeroAndFollowsTheTimestamps() {
        #expect(sender.audio(at: 0) == 0)
        #expect(sender.video(at: 0) == 0)
        #expect(sender.audio(at: 20_000) == 20_000)
        #expect(sender.video(at: 40_000) == 40_000)
        // Over the wrap of both: 0x10000 ticks are 1.37 s, 0x8000 are 0.36 s. DTX is only a jump.
        #expect(sender.audio(at: 2 * second) == 2 * second)
        #expect(sender.video(at: 2 * second) == 2 * second)
        #expect(sender.audio(at: 8 * second) == 8 * second)
    }

    @Test mutating func wrapsManyTimes() {
        // 2^32 ticks of video are 13.3 h; a frame each 5 s, for a day and a half.
        var last: Int64 = 0
        for time in stride(from: 0, to: 130_000 * second, by: Int(5 * second)) {
            last = sender.video(at: time)
            #expect(last == time)
        }
        #expect(last > 129_000 * second)
    }

    @Test mutating func secondTrackIsPlacedByArrival() {
        _ = sender.audio(at: 0)
        #expect(sender.video(at: 300_000) == 300_000)
        sender.videoDelay += 100_000
        // Later packets that take longer change nothing.
        #expect(sender.video(at: 340_000) == 340_000)
    }

    @Test mutating func firstPacketsMayHaveWaited() {
        // Video's first 200 ms came late, the first by 100 ms.
        var last: Int64 = 0
        for time in stride(from: Int64(0), to: 4 * second, by: 20_000) {
            let audio = sender.audio(at: time)
            #expect(audio == time)
            let video = sender.video(at: time, delay: max(100_000 - time / 2, 0))
            #expect(video > last || time == 0)
            last = video
        }
        #expect(last == 4 * second - 20_000)
    }

    @Test mutating func reportsBringTogetherWhatBelongsTogether() {
        // The camera's pictures come 120 ms later than the sound of the same moment.
        sender.videoDelay = 140_000
        #expect(sender.run(from: 0, to: 2 * second) == 120_000)
        sender.report(.video, at: 2 * second)
        #expect(sender.run(from: 2 * second, to: 3 * second) == 120_000)
        sender.report(.audio, at: 3 * second)
        // 5 ms in 100: half of it after 1.2 s, all of it after 2.4 s.
        let half = sender.run(from: 3 * second, to: 4_200_000)
        #expect(abs(half - 60_000) <= 3000)
        #expect(abs(sender.run(from: 4_200_000, to: 6 * second)) <= 100)
        // And so it stays.
        sender.report(.video, at: 6 * second)
        sender.report(.audio, at: 6 * second)
        #expect(abs(sender.run(from: 6 * second, to: 9 * second)) <= 100)
    }

    @Test mutating func soundStaysWhereItIs() {
        sender.videoDelay = 400_000
        for kind in MediaKind.allCases { sender.report(kind, at: 0) }
        for time in stride(from: Int64(0), to: 3 * second, by: 20_000) {
            #expect(sender.audio(at: time) == time)
            _ = sender.video(at: time)
        }
    }

    @Test mutating func reportsBeforeTheMediaPlaceItAtOnce() {
        sender.videoDelay = 320_000
        sender.report(.audio, at: 0)
        sender.report(.video, at: 0)
        #expect(sender.audio(at: 500_000) == 0)
        #expect(sender.video(at: 500_000) == 0)
        #expect(sender.video(at: 600_000) == 100_000)
    }

    @Test mutating func nothingIsBeforeTheBeginning() {
        sender.videoDelay = 320_000
        sender.report(.audio, at: 0)
        sender.report(.video, at: 0)
        #expect(sender.audio(at: 500_000) == 0)
        // Captured before the first sound.
        #expect(sender.video(at: 300_000) == 0)
        #expect(sender.video(at: 600_000) == 100_000)
    }

    @Test mutating func greatErrorsAreJumpedForwards() {
        // Pictures 700 ms too early on the timeline: they jump.
        sender.audioDelay = 720_000
        #expect(sender.run(from: 0, to: second) == -700_000)
        sender.report(.audio, at: second)
        sender.report(.video, at: second)
        #expect(abs(sender.run(from: second, to: second + 40_000)) <= 100)
    }

    @Test mutating func tooLatePicturesMoveTheSound() {
        // 700 ms too late: since nothing goes back, the sound waits for them.
        sender.videoDelay = 720_000
        #expect(sender.run(from: 0, to: second) == 700_000)
        sender.report(.video, at: second)
        sender.report(.audio, at: second)
        #expect(abs(sender.run(from: second, to: second + 40_000)) <= 100)
        #expect(sender.audio(at: 2 * second) == 2_700_000)
    }

    @Test mutating func slowDriftOfTheSoundCardIsFollowed() {
        // 48 005 samples a second: 0.1 ms a second that reports tell.
        for kind in MediaKind.allCases { sender.report(kind, at: 0) }
        var drift: Int64 = 0
        for now in Int64(0)..<300 {
            _ = sender.run(from: now * second, to: (now + 1) * second)
            sender.audioStart &+= 5
            sender.report(.audio, at: (now + 1) * second)
            sender.report(.video, at: (now + 1) * second)
            drift = sender.audio(at: (now + 1) * second - 10_000) - sender.video(at: (now + 1) * second - 10_000)
            #expect(abs(drift) < 1000)
        }
    }

    @Test mutating func aChangedWallClockIsWaitedFor() {
        for kind in MediaKind.allCases { sender.report(kind, at: 0) }
        #expect(sender.run(from: 0, to: second) == 0)
        sender.wallClock += 3_600_000_000
        sender.report(.video, at: second)
        #expect(sender.run(from: second, to: 2 * second) == 0)
        sender.report(.audio, at: 2 * second)
        #expect(sender.run(from: 2 * second, to: 4 * second) == 0)
        // The new time counts.
        sender.videoDelay += 100_000
        sender.timeline.reset(kind: .video)
        _ = sender.video(at: 4_040_000)
        sender.report(.video, at: 4_040_000)
        #expect(abs(sender.run(from: 4_080_000, to: 8 * second)) <= 100)
    }

    @Test mutating func reportsWithoutAClockSayNothing() {
        sender.videoDelay = 120_000
        _ = sender.run(from: 0, to: second)
        for kind in MediaKind.allCases {
            sender.timeline.senderReport(
                kind: kind, ntp: 0, rtpTimestamp: 5, arrival: MonotonicTime(microseconds: 78_000_000))
        }
        #expect(sender.run(from: second, to: 3 * second) == 100_000)
    }

    @Test mutating func anOldReportIsNotPairedWithANewOne() {
        sender.videoDelay = 120_000
        _ = sender.run(from: 0, to: 40_000)
        sender.report(.audio, at: 0)
        _ = sender.run(from: 40_000, to: 61 * second)
        sender.report(.video, at: 61 * second)
        #expect(sender.run(from: 61 * second, to: 63 * second) == 100_000)
        sender.report(.audio, at: 63 * second)
        #expect(abs(sender.run(from: 63 * second, to: 66 * second)) <= 100)
    }
}

@Suite struct TimelineJumpTests {
    private var sender = Sender()

    @Test mutating func newTimestampsArePlacedByArrival() {
        _ = sender.run(from: 0, to: second)
        // More than 10 s forward, and back.
        sender.videoStart &+= 90_000 * 11
        #expect(sender.video(at: second) == second)
        sender.videoStart &-= 90_000 * 3600
        #expect(sender.video(at: 1_040_000) == 1_040_000)
        // A new SSRC.
        sender.videoStart = 12345
        sender.timeline.reset(kind: .video)
        #expect(sender.video(at: 1_080_000) == 1_080_000)
        sender.audioStart = 54321
        sender.timeline.reset(kind: .audio)
        #expect(sender.audio(at: 1_080_000) == 1_080_000)
    }

    @Test mutating func smallJumpsAreTheSendersWill() {
        _ = sender.run(from: 0, to: second)
        sender.videoStart &+= 90_000 * 9
        #expect(sender.video(at: second) == 10 * second)
    }

    @Test mutating func newTimestampsAreAlignedByTheirFirstReport() {
        sender.videoDelay = 220_000
        for kind in MediaKind.allCases { sender.report(kind, at: 0) }
        #expect(abs(sender.run(from: 0, to: second)) <= 100)
        sender.videoStart = 99
        sender.timeline.reset(kind: .video)
        #expect(sender.run(from: second, to: 2 * second) == 200_000)
        sender.report(.video, at: 2 * second)
        #expect(abs(sender.run(from: 2 * second, to: 7 * second)) <= 100)
    }

    /// A show of days: the sender's clock is one second in 5,000 fast or slow, some 20 s in 30 hours.
    @Test(arguments: [-5000, 5000]) mutating func clocksThatDifferNeverMakeAJump(_ part: Int64) {
        for time in stride(from: 0, to: 30 * 3600 * second, by: 4_000_000) {
            #expect(sender.audio(at: time, delay: time / part) == time)
            #expect(sender.video(at: time, delay: time / part) == time)
        }
    }

    @Test mutating func aTrackNeverGoesBack() {
        #expect(sender.audio(at: second) == 0)
        #expect(sender.audio(at: second) == 1)
        #expect(sender.audio(at: 900_000) == 2)
        #expect(sender.video(at: second) == 0)
        #expect(sender.video(at: second) == 1000)
        #expect(sender.video(at: 960_000) == 2000)
        #expect(sender.video(at: 1_040_000) == 40_000)
    }

    /// A sender with timestamps of its own pace can't run away from the clock.
    @Test mutating func runawayTimestampsStayNear() {
        var last: Int64 = 0
        for frame in 0..<1000 {
            sender.videoStart &+= 90_000 * 9
            last = sender.video(at: Int64(frame) * 33_000)
            #expect(last <= Int64(frame) * 33_000 + 10_100_000)
        }
        for frame in 0..<100 {
            sender.report(.video, at: Int64(frame) * 33_000)
            sender.report(.audio, at: 0)
            sender.wallClock += 4_000_000
            _ = sender.audio(at: Int64(frame) * 33_000)
        }
        #expect(sender.audio(at: 34_000_000) <= 44_100_000)
    }
}
