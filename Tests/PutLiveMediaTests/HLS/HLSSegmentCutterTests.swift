import Testing

@testable import PutLiveMedia

@Suite struct HLSSegmentCutterTests {
    private static let second: Int64 = 1_000_000

    private func picture(_ seconds: Double, key: Bool = false, bytes: Int = 100) -> EncodedPacket {
        EncodedPacket(
            track: .video, presentationTime: Int64(seconds * 1_000_000), isKeyframe: key,
            data: [UInt8](repeating: 0, count: bytes))
    }

    private func sound(_ seconds: Double) -> EncodedPacket {
        EncodedPacket(track: .audio, presentationTime: Int64(seconds * 1_000_000), duration: 20_000, data: [0])
    }

    /// `#expect` calls nothing that mutates a value.
    @dynamicMemberLookup private final class Held {
        var cutter: SegmentCutter
        init(_ cutter: SegmentCutter) { self.cutter = cutter }
        func decide(_ packet: EncodedPacket) -> SegmentCutter.Decision { cutter.decide(packet) }
        func interrupt(hasVideo: Bool, losesPicture: Bool) {
            cutter.interrupt(hasVideo: hasVideo, losesPicture: losesPicture)
        }
        subscript<Value>(dynamicMember path: KeyPath<SegmentCutter, Value>) -> Value { cutter[keyPath: path] }
    }

    private func cutter(hasVideo: Bool = true, mostBytes: Int = 1 << 20) -> Held {
        Held(SegmentCutter(aim: 2 * Self.second, longest: 3_499_000, hasVideo: hasVideo, mostBytes: mostBytes))
    }

    @Test func cutsAtTheFirstKeyframeThatIsDue() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0)) == .drop)
        #expect(cutter.decide(picture(0.1, key: true)) == .cut)
        #expect(cutter.closedDuration == 0 && !cutter.isDiscontinuous)
        #expect(cutter.decide(picture(1, key: true)) == .append)
        #expect(cutter.decide(picture(1.85, key: true)) == .append)
        #expect(cutter.decide(picture(1.95, key: true)) == .cut)
        #expect(cutter.closedDuration == 1_850_000 && !cutter.isDiscontinuous)
        #expect(cutter.decide(picture(3)) == .append)
        #expect(cutter.decide(picture(5.3)) == .append)
        #expect(cutter.decide(picture(5.4, key: true)) == .cut)
        #expect(cutter.closedDuration == 3_450_000)
    }

    @Test func leavesOutSoundBeforeTheFirstPictureForAWhile() {
        let cutter = cutter()
        #expect(cutter.decide(sound(10)) == .drop)
        #expect(cutter.decide(sound(11.9)) == .drop)
        #expect(cutter.decide(sound(12)) == .cut)
        #expect(cutter.decide(picture(12.1)) == .drop)
        #expect(cutter.decide(picture(12.2, key: true)) == .append)
    }

    @Test func dropsWhatGoesBack() {
        let cutter = cutter()
        #expect(cutter.decide(picture(1, key: true)) == .cut)
        #expect(cutter.decide(picture(1)) == .drop)
        #expect(cutter.decide(picture(1.000015)) == .drop)
        #expect(cutter.decide(picture(0.5)) == .drop)
        // The other track may be earlier.
        #expect(cutter.decide(sound(0.9)) == .append)
        #expect(cutter.decide(sound(0.9)) == .drop)
        #expect(cutter.openDuration == 0)
    }

    @Test func cutsSoundByTime() {
        let cutter = cutter(hasVideo: false)
        #expect(cutter.decide(sound(5)) == .cut)
        #expect(cutter.decide(sound(6.98)) == .append)
        #expect(cutter.openDuration == 2_000_000)
        #expect(cutter.decide(sound(7)) == .cut)
        #expect(cutter.closedDuration == 2_000_000)
        cutter.interrupt(hasVideo: false, losesPicture: false)
        #expect(cutter.decide(sound(7.02)) == .cut)
        #expect(cutter.isDiscontinuous)
    }

    @Test func endsASegmentAtAGap() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        #expect(cutter.decide(picture(0.04)) == .append)
        #expect(cutter.decide(picture(3.04)) == .append)
        #expect(cutter.decide(picture(6.2)) == .drop)
        #expect(cutter.decide(sound(6.2)) == .cut)
        #expect(cutter.closedDuration == 3_140_000 && cutter.isDiscontinuous)
        #expect(cutter.decide(picture(6.3)) == .drop)
        #expect(cutter.decide(picture(6.4, key: true)) == .append)
        #expect(cutter.decide(picture(8.3, key: true)) == .cut)
        #expect(!cutter.isDiscontinuous)
    }

    @Test func marksTheKeyframeAfterALoss() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        cutter.interrupt(hasVideo: true, losesPicture: true)
        #expect(cutter.decide(picture(0.1)) == .drop)
        // Sound goes on in the old one.
        #expect(cutter.decide(sound(0.2)) == .append)
        #expect(cutter.decide(picture(0.3, key: true)) == .cut)
        #expect(cutter.isDiscontinuous && cutter.closedDuration == 300_000)
        cutter.interrupt(hasVideo: true, losesPicture: false)
        #expect(cutter.decide(picture(0.4)) == .append)
        #expect(cutter.decide(picture(0.5, key: true)) == .cut)
    }

    @Test func cutsWhileThePictureStandsStill() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        var cuts: [Double] = []
        for step in 1..<700 where cutter.decide(sound(Double(step) / 50)) == .cut { cuts.append(Double(step) / 50) }
        #expect(cuts == [3.4, 6.8, 10.2, 13.6])
        #expect(!cutter.isDiscontinuous)
        // No segment begins with a picture that needs another one.
        #expect(cutter.decide(picture(14)) == .drop)
        #expect(cutter.decide(picture(16, key: true)) == .cut)
    }

    @Test(arguments: [true, false]) func goesOnWithThePictureWhereAKeyframeIsLate(hasSound: Bool) {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        var cuts: [Int64] = []
        for step in 1...250 {
            let decision = cutter.decide(picture(Double(step) / 25))
            // Nothing is left out.
            #expect(decision != .drop)
            if decision == .cut { cuts.append(cutter.closedDuration) }
            if hasSound { #expect(cutter.decide(sound(Double(step) / 25)) == .append) }
        }
        #expect(cuts == [3_400_000, 3_400_000] && !cutter.isDiscontinuous)
        #expect(cutter.decide(picture(10.1, key: true)) == .cut)
        #expect(cutter.closedDuration == 3_300_000)
    }

    @Test func waitsForTheKeyframeAfterAChange() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        cutter.interrupt(hasVideo: true, losesPicture: false)
        #expect(cutter.decide(picture(1.6)) == .append)
        #expect(cutter.decide(picture(3.3)) == .append)
        #expect(cutter.decide(picture(3.4)) == .drop)
        #expect(cutter.decide(sound(3.45)) == .cut)
        #expect(cutter.isDiscontinuous && cutter.closedDuration == 3_450_000)
        #expect(cutter.decide(picture(3.5)) == .drop)
        #expect(cutter.decide(picture(3.6, key: true)) == .append)
    }

    /// Pictures that come seldom, and without sound in between.
    @Test func tellsOfNoSegmentThatIsTooLong() {
        let cutter = cutter()
        #expect(cutter.decide(picture(0, key: true)) == .cut)
        #expect(cutter.decide(picture(1.8)) == .append)
        #expect(cutter.decide(picture(4.7, key: true)) == .cut)
        #expect(cutter.closedDuration == 3_499_000 && !cutter.isDiscontinuous)
        #expect(cutter.decide(picture(6.6)) == .append)
        #expect(cutter.decide(picture(8.5)) == .cut)
        #expect(cutter.closedDuration == 3_499_000)
    }

    @Test func boundsASegmentsSize() {
        let cutter = cutter(mostBytes: 1000)
        #expect(cutter.decide(picture(0, key: true, bytes: 600)) == .cut)
        #expect(cutter.decide(picture(0.1, bytes: 600)) == .append)
        #expect(cutter.decide(picture(0.2)) == .cut)
        #expect(cutter.decide(sound(0.2)) == .append)
        #expect(cutter.decide(picture(2.2, key: true)) == .cut)
    }
}
