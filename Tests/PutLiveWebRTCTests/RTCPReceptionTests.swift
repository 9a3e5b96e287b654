import Testing

@testable import PutLiveWebRTC

@Suite struct RTCPReceptionTests {
    private var reception = ReceptionReport(clockRate: 90_000)

    @Test mutating func nothingCame() {
        reception.senderReport(ntp: 1, at: time(0))
        #expect(reception.block(ssrc: 1, at: time(0)) == nil)
    }

    @Test mutating func lossSinceTheLastReport() {
        for sequence: Int64 in [65530, 65531, 65533, 65534] { reception.receive(sequence, timestamp: 0, at: time(0)) }
        var block = reception.block(ssrc: 9, at: time(0))
        #expect(block?.ssrc == 9)
        #expect(block?.fractionLost == 51)
        #expect(block?.lost == 1)
        #expect(block?.highestSequence == 65534)
        // A late one, and over the wrap.
        for sequence: Int64 in [65532, 65535, 65536] { reception.receive(sequence, timestamp: 0, at: time(0)) }
        block = reception.block(ssrc: 9, at: time(0))
        #expect(block?.fractionLost == 0)
        #expect(block?.lost == 0)
        #expect(block?.highestSequence == 0x0001_0000)
        // All lost but one; and one twice.
        reception.receive(66536, timestamp: 0, at: time(0))
        #expect(reception.block(ssrc: 9, at: time(0))?.fractionLost == 255)
        reception.receive(66536, timestamp: 0, at: time(0))
        block = reception.block(ssrc: 9, at: time(0))
        #expect(block?.fractionLost == 0)
        #expect(block?.lost == 998)
    }

    @Test mutating func delaySinceSenderReport() {
        reception.receive(1, timestamp: 0, at: time(0))
        #expect(reception.block(ssrc: 9, at: time(0))?.lastSenderReport == 0)
        reception.senderReport(ntp: 0x1111_2222_3333_4444, at: time(1000))
        let block = reception.block(ssrc: 9, at: time(1500))
        #expect(block?.lastSenderReport == 0x2222_3333)
        #expect(block?.delaySinceSenderReport == 32768)
        #expect(reception.block(ssrc: 9, at: time(999))?.delaySinceSenderReport == 0)
    }

    @Test mutating func jitter() {
        // Each frame 40 ms after the other, and turn by turn 0 and 16 ms late.
        for frame in 0..<400 {
            let timestamp = UInt32(truncatingIfNeeded: 0xFFFF_0000 + 3600 * frame)
            let arrival = 40 * frame + 16 * (frame % 2)
            reception.receive(Int64(2 * frame), timestamp: timestamp, at: time(arrival))
            // The rest of the frame, sent when there was room, counts for nothing.
            reception.receive(Int64(2 * frame + 1), timestamp: timestamp, at: time(arrival + 20))
        }
        #expect(abs(reception.jitter - 16_000) < 200)
        let before = reception.jitter
        // A timestamp far away says nothing.
        reception.receive(800, timestamp: 0x7000_0000, at: time(17_000))
        #expect(reception.jitter == before)
        #expect(reception.block(ssrc: 9, at: time(17_000))?.jitter == 1439)
    }
}

@Suite struct RTCPRoundTripTests {
    private var roundTrip = RoundTrip()

    @Test func shortNTP() {
        #expect(MonotonicTime(microseconds: 1_500_000).ntp == 1 << 32 | 1 << 31)
        #expect(MonotonicTime(microseconds: 65_537_250_000).shortNTP == 0x0001_4000)
        #expect(MonotonicTime(microseconds: -5).ntp == 0)
    }

    @Test mutating func byReport() {
        #expect(roundTrip.measured == nil && roundTrip.microseconds == 100_000)
        roundTrip.repair(300_000)
        #expect(roundTrip.microseconds == 300_000)
        roundTrip.report(reference: 0, delay: 0, at: time(900))
        #expect(roundTrip.measured == 300_000)
        // Sent at 1 s, held for 0.5 s, back at 1.75 s: what was guessed from repairs counts no longer.
        roundTrip.report(reference: 0x1_0000, delay: 0x8000, at: time(1750))
        #expect(roundTrip.measured == 250_000)
        roundTrip.report(reference: 0x1_0000, delay: 0x8000, at: time(1510))
        #expect(roundTrip.measured == 220_000)
        roundTrip.repair(0)
        roundTrip.report(reference: 0x1_0000, delay: 0x9000, at: time(1500))
        roundTrip.report(reference: 0x1_0000, delay: 0, at: time(7000))
        #expect(roundTrip.measured == 220_000)
    }

    @Test mutating func coarseClocks() {
        roundTrip.report(reference: 0x1_0000, delay: 65, at: time(1000))
        #expect(roundTrip.measured == 0)
        roundTrip = RoundTrip()
        roundTrip.report(reference: 0x1_0000, delay: 66, at: time(1000))
        #expect(roundTrip.measured == nil)
    }

    @Test mutating func byRepair() {
        roundTrip.repair(80_000)
        roundTrip.repair(160_000)
        #expect(roundTrip.measured == 90_000)
        roundTrip.repair(6_000_000)
        #expect(roundTrip.measured == 90_000)
    }
}

@Suite struct RTCPBitrateCapTests {
    @Test func transportFeedbackGuides() {
        var cap = BitrateCap(most: 2_500_000, isGuidedByTransport: true)
        cap.update(loss: 255, rate: 100_000)
        #expect(cap.current == 2_500_000)
    }

    @Test func lossLowersAndItComesBack() {
        var cap = BitrateCap(most: 2_500_000, isGuidedByTransport: false)
        cap.update(loss: 20, rate: 1_000_000)
        #expect(cap.current == 2_500_000)
        cap.update(loss: 64, rate: 1_024_000)
        #expect(cap.current == 2000 * 448)
        cap.update(loss: 10, rate: 1_000_000)
        #expect(cap.current == 896_000)
        cap.update(loss: 0, rate: 800_000)
        #expect(cap.current == 896_000 + 74_666)
        for _ in 0..<30 { cap.update(loss: 0, rate: 800_000) }
        #expect(cap.current == 2_500_000)
        for _ in 0..<30 { cap.update(loss: 255, rate: 0) }
        #expect(cap.current == 150_000)
        cap.most = 100_000
        #expect(cap.current == 100_000)
    }
}

@Suite struct RTCPKeyframeRequestTests {
    private var requests = KeyframeRequests(interval: 2_000_000)

    @Test mutating func firstOneIsWaitedFor() {
        #expect(requests.due == .never)
        requests.want()
        requests.start(at: time(1000))
        requests.want()
        #expect(requests.due == time(1300))
        requests.sent(at: time(1300))
        #expect(requests.due == time(1800))
        requests.received(at: time(1380))
        // Took 80 ms, so it is asked for that much before.
        #expect(requests.due == time(1380 + 2000 - 80))
    }

    @Test mutating func wishesAreNotRepeatedTooSoon() {
        requests.start(at: time(0))
        requests.received(at: time(10))
        #expect(requests.due == time(2010))
        requests.want()
        #expect(requests.due == time(300))
        requests.sent(at: time(300))
        requests.want()
        #expect(requests.due == time(800))
        requests.sent(at: time(800))
        requests.received(at: time(900))
        // From the first request on, but not more than half a second.
        #expect(requests.due == time(900 + 2000 - 500))
        requests.sent(at: time(2400))
        #expect(requests.due == time(2900))
    }

    @Test mutating func intervalIsKept() {
        requests.start(at: time(0))
        requests.received(at: time(0))
        var now = 0
        var last = 0
        for _ in 0..<20 {
            now = Int(requests.due.microseconds / 1000)
            requests.sent(at: time(now))
            now += 100
            requests.received(at: time(now))
            if last > 0 { #expect(now - last == 2000) }
            last = now
        }
    }

    @Test func nobodyIsAskedAllTheTime() {
        var requests = KeyframeRequests(interval: 0)
        requests.start(at: time(0))
        requests.received(at: time(400))
        #expect(requests.due == time(900))
    }
}
