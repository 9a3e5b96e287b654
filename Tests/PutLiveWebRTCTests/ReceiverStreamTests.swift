import Testing

@testable import PutLiveWebRTC

@Suite struct ReceiverStreamTests {
    private var harness = ReceiverHarness()

    @Test mutating func aTrackIsFoundByItsMid() {
        // Both sections give number 111 to sound; only the mid tells.
        var other = ReceiverHarness.audio
        other.mid = "x"
        harness = ReceiverHarness([ReceiverHarness.audio, other])
        var packet = RTPPacketBuilder.sound(0)
        packet.ssrc = 0xA7
        packet.extensions = [(4, Array("x".utf8))]
        harness.receive(packet, at: 0)
        packet.extensions = []
        packet.sequence = 1
        harness.receive(packet, at: 20)
        // Without one, the first track that knows the payload type.
        harness.receive(.sound(0), at: 20)
        #expect(harness.frames.count == 3)
        #expect(harness.receiver.statistics.audio.late == 0)
        packet.ssrc = 0xA8
        packet.extensions = [(4, Array("y".utf8))]
        harness.receive(packet, at: 40)
        #expect(harness.receiver.statistics.malformed == 1)
    }

    @Test mutating func whatNobodyAgreedOn() {
        harness.receive(RTPPacketBuilder(payloadType: 50, ssrc: 1), at: 0)
        [1, 2, 3].withUnsafeBytes { harness.receiver.receiveRTP($0, at: time(0)) }
        harness.receiveRTCP([1, 2, 3, 4], at: 0)
        #expect(harness.receiver.statistics.malformed == 3)
        harness.receive(RTPPacketBuilder(payloadType: 50, ssrc: 0xB0), at: 0)
        #expect(harness.receiver.statistics.video.malformed == 1)
        // Sent again before anything was sent.
        harness.receive(RTPPacketBuilder.picture(0).sentAgain, at: 0)
        #expect(harness.frames.isEmpty)
        #expect(harness.receiver.statistics.video.packets == 0)
    }

    @Test mutating func manyStreamsAreForgottenInTurn() {
        for ssrc in 100..<200 { harness.receive(.sound(0, ssrc: UInt32(ssrc)), at: 0) }
        #expect(harness.receiver.statistics.audio.packets == 100)
    }

    @Test mutating func aNewSSRCTakesTheTrackOver() throws {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(.picture(1), at: 40)
        harness.receive(.picture(3), at: 60)
        harness.receive(.picture(9000, isKeyframe: true, ssrc: 0xB7), at: 80)
        // What waited for the missing one is of no use any more: it is dropped, and a keyframe is there already.
        try #require(harness.frames.count == 3)
        #expect(harness.frames.last?.followsLoss == true)
        #expect(harness.frames[2].presentationTime > harness.frames[1].presentationTime)
        // A straggler.
        harness.receive(.picture(2), at: 81)
        harness.receive(.picture(9001, ssrc: 0xB7), at: 120)
        #expect(harness.frames.count == 4)
        #expect(harness.receiver.statistics.video.late == 1)
        // Reports and requests are about the new one.
        harness.pass(to: 1500)
        #expect(harness.reports.last.map { Array($0[8..<12]) } == [0, 0, 0, 0xB7])
        // The old one comes back when the new one is silent.
        harness.receive(.picture(4, isKeyframe: true), at: 1600)
        #expect(harness.frames.count == 5)
    }

    @Test mutating func senderReportsSetTheClocks() {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.receive(.sound(0), at: 0)
        harness.reports = []
        let report: [UInt8] =
            [0x80, 200, 0, 6, 0, 0, 0, 0xB0, 0, 0, 0, 9, 0x80, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        // The first one is answered at once; one of a stream that nobody knows isn't.
        harness.receiveRTCP(report, at: 500)
        #expect(harness.reports.count == 1)
        harness.receiveRTCP(report, at: 600)
        var unknown = report
        unknown[7] = 0xB1
        harness.receiveRTCP(unknown, at: 600)
        #expect(harness.reports.count == 1)
        harness.pass(to: 1500)
        let blocks = harness.reports.last.map { Array($0.dropFirst(8)) } ?? []
        #expect(blocks.count == 48)
        // Video's: its NTP timestamp's middle, and 0.9 s since.
        let video = blocks.dropFirst(24)
        #expect(Array(video.dropFirst(16)) == [0, 9, 0x80, 0, 0, 0, 0xE6, 0x66])
    }

    @Test mutating func reportBeforeTheFirstPacketStays() {
        let report: [UInt8] =
            [0x80, 200, 0, 6, 0, 0, 0, 0xB0, 0, 0, 0, 9, 0x80, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        harness.receiveRTCP(report, at: 0)
        harness.receive(.picture(0, isKeyframe: true), at: 500)
        #expect(harness.reports.last.map { Array($0[24..<28]) } == [0, 9, 0x80, 0])
    }

    @Test mutating func roundTripByReferenceTime() throws {
        harness.receive(.picture(0, isKeyframe: true), at: 0)
        harness.pass(to: 1000)
        let reference = try #require(harness.take(207, 0).last)
        #expect(harness.receiver.statistics.roundTripSeconds == nil)
        // Held for 0.25 s, back after 0.35 s; and one that is meant for somebody else.
        let middle = Array(reference[14..<18])
        let answer: [UInt8] = [0x80, 207, 0, 8, 0, 0, 0, 0xB0, 5, 0, 0, 6, 0, 0, 0, 1] + middle + [0, 0, 0, 0]
        harness.receiveRTCP(answer + [0, 0, 0, 0xCC] + middle + [0, 0, 0x40, 0], at: 1350)
        let measured = try #require(harness.receiver.statistics.roundTripSeconds)
        #expect(abs(measured - 0.1) < 0.001)
    }

    @Test mutating func bitrateCapIsToldAtOnceAndEachSecond() {
        harness.pass(to: 0)
        let cap: [UInt8] = [1, 0x12, 0x62, 0x5A, 0, 0, 0, 0xB0]
        #expect(harness.take(206, 15).map { Array($0.suffix(8)) } == [cap])
        harness.pass(to: 999)
        #expect(harness.take(206, 15).isEmpty)
        harness.pass(to: 1000)
        #expect(harness.take(206, 15).count == 1)
        harness.receiver.setMaxBitrate(100)
        harness.pass(to: 1001)
        #expect(harness.take(206, 15).map { Array($0.suffix(8)) } == [[1, 0, 0, 100, 0, 0, 0, 0xB0]])
    }

    @Test mutating func rateOfTheLastSecond() {
        for number in 0..<100 { harness.receive(.sound(number), at: 20 * number) }
        #expect(abs(harness.receiver.statistics.estimatedBitrate - 14 * 8 * 50) < 200)
        #expect(harness.receiver.statistics.audio.jitterSeconds < 0.001)
    }

    @Test mutating func transportFeedbackIsPrompt() {
        var packet = RTPPacketBuilder.sound(0)
        packet.extensions = [(3, [0, 7])]
        harness.receive(packet, at: 100)
        harness.pass(to: 149)
        #expect(harness.take(205, 15).isEmpty)
        harness.pass(to: 150)
        let feedback = harness.take(205, 15)
        #expect(feedback.count == 1)
        #expect(feedback.first.map { Array($0[8..<16]) } == [0, 0, 0, 0xA0, 0, 7, 0, 1])
        // Packets that belong to nothing crossed the link too.
        for number in 0..<32 {
            harness.receive(
                RTPPacketBuilder(payloadType: 50, ssrc: 0xB0, extensions: [(3, [0, UInt8(8 + number)])]), at: 200)
        }
        #expect(harness.take(205, 15).first.map { Array($0[8..<16]) } == [0, 0, 0, 0xB0, 0, 8, 0, 32])
    }

    /// Loss, reordering and repeats: what comes out is what was sent, each once and in order, and nothing else.
    @Test(arguments: 0..<6) mutating func onABadLink(seed: UInt64) {
        var generator = Lehmer(seed)
        var arrivals: [(at: Int, packet: RTPPacketBuilder)] = []
        var keyframe = true
        var sent = 0
        for now in 0..<10_000 {
            if now % 10 == 0 {
                let packet = RTPPacketBuilder.picture(sent, isKeyframe: keyframe)
                keyframe = false
                sent += 1
                if generator.next() % 100 >= 5 {
                    arrivals.append((now + 30 + Int(generator.next() % (seed % 2 == 0 ? 1 : 25)), packet))
                }
                if generator.next() % 100 == 0 { arrivals.append((now + 45, packet)) }
            }
            for arrival in arrivals where arrival.at == now { harness.receive(arrival.packet, at: now) }
            arrivals.removeAll { $0.at <= now }
            harness.pass(to: now)
            // The way back loses as much.
            for number in Set(harness.takeNACKs()) where generator.next() % 100 >= 10 {
                arrivals.append((now + 60, RTPPacketBuilder.picture(number).sentAgain))
            }
            if harness.takePLIs() > 0 { keyframe = true }
        }
        let statistics = harness.receiver.statistics.video
        #expect(statistics.repaired > 30)
        #expect(statistics.frames > 920)
        let times = harness.frames.map(\.presentationTime)
        #expect(zip(times, times.dropFirst()).allSatisfy(<))
        #expect(harness.receiver.statistics.roundTripSeconds.map { (0.02...0.2).contains($0) } == true)
    }
}
