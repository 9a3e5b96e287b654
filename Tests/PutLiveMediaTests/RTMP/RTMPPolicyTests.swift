import Synchronization
import Testing

@testable import PutLiveMedia

@Suite struct RTMPPolicyTests {
    private func picture(_ time: Int64, key: Bool = false, bytes: Int = 10) -> EncodedPacket {
        EncodedPacket(
            track: .video, presentationTime: time, isKeyframe: key, data: [UInt8](repeating: 1, count: bytes))
    }

    private func sound(_ time: Int64) -> EncodedPacket {
        EncodedPacket(track: .audio, presentationTime: time, data: [2])
    }

    @Test func waitsTwiceAsLongEachTime() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.fail(connected: 0, chance: 0.5) }
        #expect(waits == [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 5_000_000, 5_000_000, 5_000_000])
        // A connection that was dropped at once proves nothing; one that lasted does.
        #expect(backoff.fail(connected: 1_000_000, chance: 0.5) == 5_000_000)
        #expect(backoff.fail(connected: 5_000_000, chance: 0.5) == 250_000)
    }

    @Test func spreadsByAQuarter() {
        var backoff = Backoff()
        #expect(backoff.fail(connected: 0, chance: 0) == 187_500)
        #expect(backoff.fail(connected: 0, chance: 1) == 625_000)
        #expect(backoff.fail(connected: 0, chance: 7) == 1_250_000)
    }

    @Test func beginsWithAKeyframe() {
        var queue = PacketQueue()
        queue.begin(hasVideo: true)
        queue.append(sound(0))
        queue.append(picture(1))
        queue.append(picture(2, key: true))
        queue.append(sound(3))
        #expect(queue.count == 2 && queue.bytes == 11)
        #expect(queue.first == picture(2, key: true))
        #expect(queue.dropped.video == 1 && queue.dropped.audio == 1)
    }

    @Test func dropsToTheNextKeyframeWhenFull() {
        var queue = PacketQueue(limits: .init(bytes: 1000, span: 1_000_000))
        queue.begin(hasVideo: true)
        for index in 0..<18 {
            queue.append(picture(Int64(index) * 100_000, key: index % 8 == 0))
            queue.append(sound(Int64(index) * 100_000 + 1))
        }
        #expect(queue.first == picture(800_000, key: true))
        #expect(queue.dropped.video == 8 && queue.dropped.audio == 8)
        // A picture that is larger than all there may be, too, goes with what builds on it.
        queue.append(picture(2_000_000, key: true, bytes: 2000))
        #expect(queue.isEmpty && queue.awaitsKeyframe && queue.bytes == 0)
        queue.append(picture(2_100_000))
        #expect(queue.isEmpty)
    }

    @Test func dropsOldSoundWhereThereIsNoPicture() {
        var queue = PacketQueue(limits: .init(bytes: 10, span: 1_000_000))
        queue.begin(hasVideo: false)
        for index in 0..<15 { queue.append(sound(Int64(index))) }
        #expect(queue.count == 10 && queue.first == sound(5))
        queue.resume()
        #expect(queue.count == 10)
        queue.begin(hasVideo: true)
        #expect(queue.isEmpty && queue.dropped.audio == 15)
    }

    /// No picture has come for 3 s: only pictures wait for a keyframe then.
    @Test func beginsWithSoundWhereThePictureStaysAway() {
        var queue = PacketQueue(limits: .init(bytes: 1000, span: 1_000_000))
        queue.begin(hasVideo: true)
        for time in 0..<3 { queue.append(sound(Int64(time) * 1_000_000)) }
        #expect(queue.isEmpty)
        for time in 30..<50 { queue.append(sound(Int64(time) * 100_000)) }
        // It is bounded as any other.
        #expect(queue.count == 11 && queue.first == sound(3_900_000) && queue.awaitsKeyframe)
        queue.resume()
        #expect(queue.count == 11)
        queue.append(picture(5_000_000))
        queue.append(sound(5_000_000))
        #expect(queue.count == 11 && queue.dropped.video == 1)
        queue.append(picture(5_100_000, key: true))
        queue.append(picture(5_200_000))
        #expect(!queue.awaitsKeyframe)
        // What begins with a picture is better.
        queue.resume()
        #expect(queue.first == picture(5_100_000, key: true))
        // The picture stopped long ago, and the connection is gone.
        while !queue.isEmpty { queue.removeFirst() }
        for time in 6..<9 { queue.append(sound(Int64(time) * 1_000_000)) }
        queue.resume()
        queue.append(sound(9_000_000))
        #expect(queue.first == sound(9_000_000))
    }

    @Test func givesOutInOrder() {
        var queue = PacketQueue(limits: .init(bytes: 1 << 20, span: 1 << 40))
        queue.begin(hasVideo: true)
        for index in 0..<1000 { queue.append(picture(Int64(index), key: index == 0)) }
        for index in 0..<1000 {
            #expect(queue.first?.decodeTime == Int64(index))
            queue.removeFirst()
        }
        queue.removeFirst()
        #expect(queue.isEmpty && queue.bytes == 0)
        // What comes next builds on what was given out.
        queue.append(picture(1000))
        #expect(queue.count == 1)
        queue.removeFirst()
        queue.resume()
        queue.append(picture(1001))
        #expect(queue.isEmpty)
    }

    @Test func interruptsWhenTimeIsOver() {
        let clock = Clock()
        let flag = InterruptFlag { clock.now.load(ordering: .relaxed) }
        #expect(!flag.isDue)
        flag.allow(microseconds: 100)
        clock.now.store(99, ordering: .relaxed)
        #expect(!flag.isDue)
        clock.now.store(100, ordering: .relaxed)
        #expect(flag.isDue)
        flag.allow(microseconds: nil)
        #expect(!flag.isDue)
        flag.end(within: 50)
        flag.end(within: 500)
        clock.now.store(150, ordering: .relaxed)
        #expect(flag.isDue)
    }

    private final class Clock: Sendable {
        let now = Atomic<Int64>(0)
    }
}
