import Testing

@testable import PutLiveMedia

@Suite struct VP8PaceTests {
    @Test func takesEveryPictureOfACameraThatWavers() {
        var pace = FramePace(TranscodeSettings(maxFramesPerSecond: 30))
        for index in 0..<300 {
            let isTaken = pace.takes(Int64(index) * 33_333 + (index % 2 == 0 ? 0 : 6_000))
            #expect(isTaken)
        }
    }

    @Test func takesHalfOfTwiceAsMany() {
        var pace = FramePace(TranscodeSettings(maxFramesPerSecond: 30))
        let taken = (0..<600).count { pace.takes(Int64($0) * 16_667) }
        #expect((295...305).contains(taken))
    }

    @Test func takesAllAfterAPause() {
        var pace = FramePace(TranscodeSettings(maxFramesPerSecond: 30))
        let taken = [0, 5_000_000, 5_033_333, 5_066_667].map { pace.takes($0) }
        #expect(taken == [true, true, true, true])
    }

    @Test func asksForKeyframesByTime() {
        var pace = FramePace(TranscodeSettings(keyframeSeconds: 2))
        #expect(pace.isKeyframe(7_000_000))
        pace.didEncodeKeyframe(7_000_000)
        #expect(!pace.isKeyframe(8_966_000))
        #expect(pace.isKeyframe(8_990_000))
    }

    @Test(arguments: [
        (640, 480, 640, 480), (1920, 1080, 1280, 720), (1080, 1920, 720, 1280), (1281, 721, 1278, 720),
        (854, 481, 854, 480),
        (4000, 100, 1280, 32), (33, 19, 32, 18), (1, 1, 16, 16), (0, 0, 16, 16),
    ]) func fitsPicturesIntoItsBounds(width: Int, height: Int, toWidth: Int, toHeight: Int) {
        let size = TranscodeSettings().fitted(width: width, height: height)
        #expect(size == PictureSize(width: toWidth, height: toHeight))
    }

    @Test func tellsShapes() {
        let size = PictureSize(width: 1280, height: 720)
        #expect(size.hasShape(of: PictureSize(width: 426, height: 240)))
        #expect(!size.hasShape(of: PictureSize(width: 720, height: 1280)))
        #expect(!size.hasShape(of: PictureSize(width: 640, height: 480)))
    }
}
