import Testing

@testable import PutLiveWebRTC

@Suite struct ReceiverMediaTests {
    private var harness = ReceiverHarness()

    @Test mutating func soundAndPictureGoStraightThrough() {
        for number in 0..<25 {
            harness.receive(.picture(number, isKeyframe: number == 0), at: 40 * number)
            #expect(harness.frames.count == 3 * number + 1)
            harness.receive(.sound(2 * number), at: 40 * number)
            harness.receive(.sound(2 * number + 1), at: 40 * number + 20)
        }
        #expect(harness.frames.count == 75)
        #expect(harness.frames.count { $0.codec == .h264 && $0.isKeyframe } == 1)
        #expect(harness.frames.allSatisfy { !$0.followsLoss })
        for kind in MediaKind.allCases {
            let times = harness.frames.filter { $0.kind == kind }.map(\.presentationTime)
            #expect(zip(times, times.dropFirst()).allSatisfy(<))
        }
        let statistics = harness.receiver.statistics
        #expect(statistics.audio.packets == 50 && statistics.audio.payloadBytes == 100)
        #expect(statistics.audio.frames == 50 && statistics.video.frames == 25)
        #expect(statistics.video.lost == 0 && statistics.video.late == 0 && statistics.nacksSent == 0)
        #expect(harness.takePLIs() == 0)
    }

    /// Only the offer names them, as with GStreamer's config-interval=0.
    @Test mutating func parameterSetsOfTheOfferAreUsed() {
        var track = ReceiverHarness.video
        var bare = RTPPacketBuilder.picture(0)
        bare.payload = [0x65, 0x88, 1]
        harness = ReceiverHarness([track])
        harness.receive(bare, at: 0)
        #expect(harness.frames.isEmpty && harness.receiver.statistics.video.lacksParameterSets)
        track.payloads[0].parameterSets = [[0x67, 0x42, 0xE0, 0x1F, 0x8C, 0x68], [0x68, 0xCE, 0x3C, 0x80]]
        harness = ReceiverHarness([track])
        harness.receive(bare, at: 0)
        #expect(harness.frames.count == 1 && !harness.receiver.statistics.video.lacksParameterSets)
    }

    @Test mutating func aMissingPictureIsSentAgain() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(.picture(2), at: 80)
        #expect(harness.frames.count == 1)
        harness.pass(to: 89)
        #expect(harness.takeNACKs().isEmpty)
        harness.pass(to: 90)
        #expect(harness.takeNACKs() == [1])
        // 100 ms are assumed of the round trip, and 10 on top.
        harness.pass(to: 199)
        #expect(harness.takeNACKs().isEmpty)
        harness.pass(to: 200)
        #expect(harness.takeNACKs() == [1])
        harness.receive(RTPPacketBuilder.picture(1).sentAgain, at: 230)
        #expect(harness.frames.map { $0.data.last } == [0x88, 1, 2])
        #expect(harness.frames.allSatisfy { !$0.followsLoss })
        harness.receive(RTPPacketBuilder.picture(1).sentAgain, at: 240)
        let video = harness.receiver.statistics.video
        #expect(video.repaired == 1 && video.lost == 0 && video.late == 0 && video.packets == 3)
        #expect(harness.receiver.statistics.nacksSent == 2)
        #expect(harness.takePLIs() == 0)
    }

    @Test mutating func aLostPictureNeedsAKeyframe() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(.picture(2), at: 80)
        // 4 x 100 + 50 ms of patience, and the jitter of an empty link.
        harness.pass(to: 529)
        #expect(harness.frames.count == 1 && harness.takePLIs() == 0)
        harness.pass(to: 600)
        #expect(harness.takePLIs() == 1)
        #expect(harness.receiver.statistics.video.lost == 1)
        harness.receive(.picture(3), at: 610)
        // Until a keyframe comes, nothing is handed out, and it is asked for again.
        harness.pass(to: 1200)
        #expect(harness.frames.count == 1 && harness.takePLIs() == 1)
        harness.receive(.picture(4, isKeyframe: true), at: 1250)
        #expect(harness.frames.count == 2)
        #expect(harness.frames.last?.followsLoss == true && harness.frames.last?.isKeyframe == true)
        harness.pass(to: 2000)
        #expect(harness.takePLIs() == 0)
        #expect(harness.receiver.statistics.video.framesDropped >= 2)
        #expect(harness.receiver.statistics.plisSent == 2)
    }

    @Test mutating func lostSoundGoesOn() {
        harness.receive(.sound(0), at: 0)
        harness.receive(.sound(2), at: 40)
        // No NACK was agreed on for sound; reordering gets its 100 ms.
        harness.pass(to: 139)
        #expect(harness.frames.count == 1)
        harness.pass(to: 141)
        #expect(harness.frames.count == 2)
        #expect(harness.frames.last?.followsLoss == true)
        #expect(harness.takeNACKs().isEmpty)
        harness.receive(.sound(1), at: 142)
        #expect(harness.receiver.statistics.audio.late == 1)
        #expect(harness.frames.count == 2)
    }

    @Test mutating func keyframesAtTheInterval() {
        var keyframe = true
        var asked: [Int] = []
        for number in 0..<250 {
            harness.receive(.picture(number, isKeyframe: keyframe), at: 40 * number)
            keyframe = harness.takePLIs() > 0
            if keyframe { asked.append(40 * number) }
        }
        // Answered by the next picture each time: 2 s from keyframe to keyframe, but for the first, before the answer's
        // delay is known.
        #expect(asked.count == 4)
        #expect(zip(asked, asked.dropFirst()).allSatisfy { $1 - $0 == 2000 })
    }

    @Test mutating func aWishIsFulfilledUntilTheKeyframeComes() {
        harness.receiver.requestKeyframe(at: time(0))
        harness.collect()
        #expect(harness.takePLIs() == 0)
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.pass(to: 500)
        harness.receiver.requestKeyframe(at: time(500))
        harness.collect()
        #expect(harness.takePLIs() == 1)
        harness.receiver.requestKeyframe(at: time(600))
        harness.collect()
        #expect(harness.takePLIs() == 0)
        harness.pass(to: 1000)
        #expect(harness.takePLIs() == 1)
        harness.receive(.picture(1, isKeyframe: true), at: 1010)
        harness.pass(to: 1600)
        #expect(harness.takePLIs() == 0)
    }

    @Test mutating func withoutAgreementNothingIsAskedFor() {
        var track = ReceiverHarness.video
        track.usesNACK = false
        track.usesPLI = false
        track.usesREMB = false
        track.usesTransportCC = false
        harness = ReceiverHarness([track])
        harness.receive(.picture(0), at: 0)
        var packet = RTPPacketBuilder.picture(2)
        packet.extensions = [(3, [0, 1])]
        harness.receive(packet, at: 40)
        harness.pass(to: 5000)
        #expect(harness.feedback.allSatisfy { $0[1] != 205 && $0[1] != 206 })
        #expect(harness.receiver.statistics.plisSent == 0)
    }

    @Test mutating func paddingIsNoLoss() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(RTPPacketBuilder(payloadType: 102, sequence: 1, ssrc: 0xB0, padding: 200), at: 10)
        harness.receive(.picture(2), at: 40)
        // Of retransmissions, padding and what has come already are of no use, and no fault.
        harness.receive(RTPPacketBuilder(payloadType: 103, sequence: 7, ssrc: 0xB1, padding: 200), at: 41)
        harness.receive(RTPPacketBuilder.picture(2).sentAgain, at: 42)
        #expect(harness.frames.count == 2)
        #expect(harness.frames.last?.followsLoss == false)
        #expect(harness.receiver.statistics.video.packets == 3)
        #expect(harness.receiver.statistics.video.late == 0 && harness.receiver.statistics.video.malformed == 0)
    }

    @Test mutating func aGapBeyondRepair() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(.picture(2), at: 80)
        harness.receive(.picture(700, isKeyframe: true), at: 85)
        #expect(harness.frames.count == 2)
        #expect(harness.frames.last?.isKeyframe == true && harness.frames.last?.followsLoss == true)
        #expect(harness.receiver.statistics.video.lost == 1 + 697)
        harness.receive(.picture(701), at: 120)
        #expect(harness.frames.count == 3)
    }

    @Test mutating func codecChangesInMidStream() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        // A keyframe of VP8 (RFC 7741, section 4.2): descriptor, then the frame's header.
        let frame: [UInt8] = [0x10, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x10, 0, 0x10, 0, 1, 2, 3]
        harness.receive(
            RTPPacketBuilder(payloadType: 96, marker: true, sequence: 1, timestamp: 3600, ssrc: 0xB0, payload: frame),
            at: 40)
        #expect(harness.frames.map(\.codec) == [.h264, .vp8])
        harness.receive(.picture(2), at: 80)
        #expect(harness.frames.count == 2)
        harness.pass(to: 300)
        #expect(harness.takePLIs() == 1)
    }
}
