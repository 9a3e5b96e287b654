import Foundation
import Testing

@testable import PutLiveMedia

@Suite struct RecordingOutputTests {
    private let folder: HLSFolderFixture

    init() throws { folder = try HLSFolderFixture() }

    private func isMonotonic(_ times: [Int64]) -> Bool { zip(times, times.dropFirst()).allSatisfy { $0 < $1 } }

    @Test func recordsPicturesAndSound() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 5, from: 7_000_000)
        let (audio, sound) = try HLSSample.sound(seconds: 5, from: 6_950_000)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        output.discontinuity()
        output.finish()
        #expect(folder.names == ["a.mp4"])
        let reading = try HLSReading(folder.path("a.mp4"))
        #expect(reading.errors == 0)
        #expect(reading.sizes.count == 150)
        #expect(reading.videoTimes.first == 0 && isMonotonic(reading.videoTimes))
        // What came before the first picture is left out.
        #expect((0...21_334).contains(reading.audioTimes.first ?? -1) && isMonotonic(reading.audioTimes))
        #expect(reading.soundFrames > 220)
    }

    @Test func losesNoMoreThanTwoSecondsWhenItIsKilled() throws {
        // Keyframes come too seldom to cut at them.
        let (video, pictures) = try HLSSample.pictures(seconds: 9, keyframeSeconds: 60)
        let (audio, sound) = try HLSSample.sound(seconds: 9)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        // Nobody finishes it: a copy of what is on disk now is what the next one finds.
        try FileManager.default.copyItem(atPath: folder.path("a.mp4"), toPath: folder.path("b.mp4"))
        let reading = try HLSReading(folder.path("b.mp4"))
        #expect(reading.errors == 0)
        #expect((210...270).contains(reading.sizes.count))
        #expect(reading.soundFrames >= 300)
    }

    @Test func overwritesNothing() throws {
        try folder.write("a.mp4", "one")
        try folder.write("a-2.mp4", "two")
        let (audio, sound) = try HLSSample.sound(seconds: 1)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(audio: audio))
        for packet in sound { try output.write(packet) }
        output.finish()
        #expect(folder.text("a.mp4") == "one" && folder.text("a-2.mp4") == "two")
        #expect(try HLSReading(folder.path("a-3.mp4")).audioTimes.count == sound.count)
    }

    @Test func beginsAFileForAnotherSize() throws {
        let (small, first) = try HLSSample.pictures(seconds: 2)
        let large = PictureSize(width: 320, height: 192)
        let (big, second) = try HLSSample.pictures(seconds: 2, size: large, from: 2_000_000)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: small))
        for packet in first.dropLast() { try output.write(packet) }
        try output.change(to: StreamFormat(video: big))
        try output.write(first[59])
        for packet in second { try output.write(packet) }
        output.finish()
        #expect(folder.names == ["a-2.mp4", "a.mp4"])
        #expect(try HLSReading(folder.path("a.mp4")).sizes.count == 60)
        let reading = try HLSReading(folder.path("a-2.mp4"))
        #expect(reading.errors == 0 && reading.sizes.count == 60 && reading.sizes.allSatisfy { $0 == large })
    }

    @Test func triesAgainAfterAWhile() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 15, framesPerSecond: 10)
        let output = RecordingOutput(path: folder.path("later/a.mp4"))
        try output.start(StreamFormat(video: video))
        var errors: [MediaError] = []
        for (index, packet) in pictures.enumerated() {
            if index == 50 {
                try FileManager.default.createDirectory(
                    atPath: folder.path("later"), withIntermediateDirectories: false)
            }
            do throws(MediaError) { try output.write(packet) } catch { errors.append(error) }
        }
        output.finish()
        #expect(errors == [MediaError(.storage, "can't make a.mp4: No such file or directory")])
        #expect(try HLSReading(folder.path("later/a.mp4")).sizes.count == 50)
    }

    @Test func givesBackHalfAFragmentWhenTheDiskIsFull() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 3)
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        #expect(throws: MediaError(.storage, "can't write a.mp4: No space left on device")) {
            let file = OutputFile(descriptor: full, path: "a.mp4")
            let recording = try Recording(file, StreamFormat(video: video), start: 0)
            for packet in pictures { try recording.write(packet) }
        }
    }
}
