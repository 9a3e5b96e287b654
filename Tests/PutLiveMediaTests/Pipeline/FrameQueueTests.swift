import Testing

@testable import PutLiveMedia

@Suite struct FrameQueueTests {
    private func frame(_ codec: MediaCodec, _ time: Int64, key: Bool = false, bytes: Int = 10) -> MediaFrame {
        MediaFrame(
            codec: codec, presentationTime: time, isKeyframe: key || codec == .opus,
            data: [UInt8](repeating: 0, count: bytes))
    }

    @Test func dropsToTheNextKeyframeWhenFull() {
        var queue = FrameQueue(limits: .init(bytes: 100, frames: 100, span: 1_000_000))
        for index in 0..<12 { queue.append(frame(.h264, Int64(index), key: index == 0)) }
        #expect(queue.frames.count == 10 && queue.dropped.video == 2)
        var taken: [MediaFrame] = []
        queue.take(&taken)
        #expect(taken.count == 10 && queue.bytes == 0)
        // There is room, but what it builds on is gone.
        queue.append(frame(.h264, 12))
        queue.append(frame(.opus, 12))
        queue.append(frame(.h264, 13, key: true))
        queue.append(frame(.h264, 14))
        #expect(queue.dropped.video == 3 && queue.dropped.audio == 0)
        #expect(queue.frames.map(\.presentationTime) == [12, 13, 14])
        #expect(queue.frames.map(\.followsLoss) == [false, true, false])
    }

    @Test func isBoundedInCountAndTime() {
        var queue = FrameQueue(limits: .init(bytes: 1 << 20, frames: 3, span: 1_000_000))
        for index in 0..<5 { queue.append(frame(.opus, Int64(index))) }
        #expect(queue.frames.count == 3 && queue.dropped.audio == 2)
        var slow = FrameQueue(limits: .init(bytes: 1 << 20, frames: 100, span: 1_000_000))
        for index in 0..<20 { slow.append(frame(.opus, Int64(index) * 100_000)) }
        #expect(slow.frames.count == 11)
    }

    @Test func handsFramesOver() {
        let inbox = FrameInbox()
        var frames: [MediaFrame] = []
        #expect(!inbox.receive(&frames, waiting: 1).isFinished)
        #expect(frames.isEmpty)
        inbox.send(frame(.h264, 0, key: true))
        inbox.send(frame(.opus, 0))
        let delivery = inbox.receive(&frames, waiting: 1000)
        #expect(frames.count == 2 && delivery.bytes == 20 && delivery.dropped.isEmpty)
        frames.removeAll()
        inbox.finish()
        inbox.send(frame(.opus, 1))
        #expect(inbox.receive(&frames, waiting: 1000).isFinished)
        #expect(frames.isEmpty)
    }

    @Test func holdsBackUntilBothTracksAreThere() {
        func packet(_ track: MediaTrack, _ time: Int64) -> EncodedPacket {
            EncodedPacket(track: track, presentationTime: time, data: [])
        }
        var gate = StartGate(expectsVideo: true, expectsAudio: true)
        gate.arrive(.video)
        #expect(gate.pass(packet(.video, 40_000)).isEmpty)
        gate.arrive(.audio)
        #expect(gate.pass(packet(.audio, 20_000)).map(\.decodeTime) == [20_000, 40_000])
        #expect(gate.isOpen)
        #expect(gate.pass(packet(.audio, 30_000)).count == 1)
        // One that doesn't come is waited for a second.
        var alone = StartGate(expectsVideo: true, expectsAudio: true)
        alone.arrive(.audio)
        for time in stride(from: Int64(0), to: 1_000_000, by: 20_000) {
            #expect(alone.pass(packet(.audio, time)).isEmpty)
        }
        #expect(alone.pass(packet(.audio, 1_000_000)).count == 51)
        // One that nobody agreed on isn't waited for.
        var sound = StartGate(expectsVideo: false, expectsAudio: true)
        sound.arrive(.audio)
        #expect(sound.pass(packet(.audio, 0)).count == 1)
        var short = StartGate(expectsVideo: true, expectsAudio: true)
        _ = short.pass(packet(.audio, 0))
        #expect(short.finish().count == 1)
    }
}
