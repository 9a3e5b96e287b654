import CFFmpeg
import Foundation
import Testing

@testable import PutLiveMedia

@Suite struct HLSOutputTests {
    private let folder: HLSFolderFixture
    private let settings: HLSSettings

    init() throws {
        folder = try HLSFolderFixture()
        settings = HLSSettings(
            liveFolder: folder.path, stream: "cam", segmentSeconds: 2, playlistWindowSeconds: 30)
    }

    /// Of a clock that stands.
    private func output(_ settings: HLSSettings? = nil, now: Int64 = 1_700_000_000_000) -> HLSOutput {
        HLSOutput(settings ?? self.settings, clock: { now })
    }

    private func playlist() throws -> WrittenPlaylist {
        try #require(WrittenPlaylist(folder.text("cam_src.m3u8"), rendition: "cam_src"))
    }

    @Test func writesSegmentsThatPlayAlone() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 7)
        let (audio, sound) = try HLSSample.sound(seconds: 7)
        let output = output()
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        output.finish()

        let playlist = try playlist()
        #expect(playlist.segments.map(\.duration).dropLast() == [2_000_000, 2_000_000, 2_000_000])
        #expect(playlist.targetSeconds == 3)
        #expect(playlist.isEnded)
        #expect(playlist.segments.map(\.name) == (0...3).map { "cam_src-1700000000000-\($0).ts" })
        #expect(folder.names == (playlist.segments.map(\.name) + ["cam_src.m3u8"]).sorted())
        var times: [Int64] = []
        for segment in playlist.segments {
            let reading = try HLSReading(folder.path(segment.name))
            #expect(reading.errors == 0)
            #expect(reading.kinds.count == 2)
            #expect(reading.keyframes.first == reading.videoTimes.first)
            #expect(reading.sizes.count == reading.videoTimes.count)
            #expect(reading.sizes.allSatisfy { $0 == PictureSize(width: 160, height: 96) })
            #expect(reading.soundFrames > 30)
            #expect(zip(reading.audioTimes, reading.audioTimes.dropFirst()).allSatisfy { $0 < $1 })
            times += reading.videoTimes
        }
        #expect(times.count == pictures.count)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 33_333 || $1 - $0 == 33_334 })
    }

    @Test func namesASegmentOnlyWhenItIsThere() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 5)
        let output = output()
        try output.start(StreamFormat(video: video))
        for packet in pictures {
            try output.write(packet)
            guard !folder.text("cam_src.m3u8").isEmpty else { continue }
            for segment in try playlist().segments { #expect(folder.size(segment.name) % 188 == 0) }
        }
        #expect(try playlist().segments.count == 2)
        #expect(folder.names.count { $0.hasSuffix(".ts.tmp") } == 1)
        output.endsPlaylist = false
        output.finish()
        #expect(try playlist().segments.count == 3)
        #expect(try !playlist().isEnded)
        #expect(!folder.names.contains { $0.hasSuffix(".tmp") })
    }

    @Test func movesItsWindowAndRemovesWhatLeftIt() throws {
        let settings = HLSSettings(
            liveFolder: folder.path, stream: "cam", segmentSeconds: 1, playlistWindowSeconds: 4)
        let (video, pictures) = try HLSSample.pictures(seconds: 30, framesPerSecond: 10, keyframeSeconds: 1)
        let output = output(settings)
        try output.start(StreamFormat(video: video))
        for packet in pictures { try output.write(packet) }
        let playlist = try playlist()
        // Three targets are more than the window.
        #expect(playlist.mediaSequence == 23)
        #expect(playlist.segments.count == 6)
        // RFC 8216, section 6.2.2: those that left it stay for as long as it is, and for their own length.
        #expect(folder.names.count { $0.hasSuffix(".ts") } == 6 + 7)
    }

    @Test func writesSoundAlone() throws {
        let (audio, sound) = try HLSSample.sound(seconds: 6)
        let output = output()
        try output.start(StreamFormat(audio: audio))
        for packet in sound { try output.write(packet) }
        output.finish()
        let playlist = try playlist()
        #expect(playlist.segments.count == 3)
        #expect(playlist.segments.dropLast().allSatisfy { (2_000_000...2_030_000).contains($0.duration) })
        var frames = 0
        for segment in playlist.segments {
            let reading = try HLSReading(folder.path(segment.name))
            #expect(reading.errors == 0 && reading.kinds == [AVMEDIA_TYPE_AUDIO])
            frames += reading.audioTimes.count
        }
        #expect(frames == sound.count)
    }

    @Test func marksAChangeOfSize() throws {
        let (small, first) = try HLSSample.pictures(seconds: 2)
        let large = PictureSize(width: 320, height: 192)
        let (big, second) = try HLSSample.pictures(seconds: 2, size: large, from: 2_000_000)
        let output = output()
        try output.start(StreamFormat(video: small))
        for packet in first { try output.write(packet) }
        try output.change(to: StreamFormat(video: big))
        for packet in second { try output.write(packet) }
        output.finish()
        let segments = try playlist().segments
        #expect(segments.map(\.isDiscontinuous) == [false, true])
        let reading = try HLSReading(folder.path(segments[1].name))
        #expect(reading.errors == 0 && reading.sizes.count == 60 && reading.sizes.allSatisfy { $0 == large })
    }

    @Test func takesInATrackThatBeginsLate() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 6)
        let (audio, sound) = try HLSSample.sound(seconds: 3, from: 3_000_000)
        let output = output()
        try output.start(StreamFormat(video: video))
        for packet in pictures.prefix(90) { try output.write(packet) }
        try output.change(to: StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(Array(pictures.dropFirst(90)), sound) { try output.write(packet) }
        output.finish()
        let segments = try playlist().segments
        #expect(segments.map(\.isDiscontinuous) == [false, false, true])
        let readings = try segments.map { try HLSReading(folder.path($0.name)) }
        #expect(readings.map(\.kinds.count) == [1, 1, 2])
        // No picture is lost for it.
        #expect(readings.map(\.sizes.count) == [60, 60, 60])
        #expect(readings[2].soundFrames > 80)
    }

    @Test func marksAGap() throws {
        let (video, first) = try HLSSample.pictures(seconds: 3)
        let (_, second) = try HLSSample.pictures(seconds: 3, from: 20_000_000)
        let output = output()
        try output.start(StreamFormat(video: video))
        for packet in first + second { try output.write(packet) }
        output.discontinuity()
        for packet in try HLSSample.pictures(seconds: 1, from: 23_000_000).packets { try output.write(packet) }
        output.finish()
        let segments = try playlist().segments
        #expect(segments.map(\.isDiscontinuous) == [false, false, true, false, true])
        #expect(segments.map { $0.duration / 100_000 } == [20, 10, 20, 10, 10])
    }

    @Test func goesOnWhereThePlaylistStopped() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 4)
        for _ in 1...2 {
            let output = output(now: Int64(Date().timeIntervalSince1970 * 1000))
            try output.start(StreamFormat(video: video))
            for packet in pictures { try output.write(packet) }
            output.endsPlaylist = false
            output.finish()
        }
        let playlist = try playlist()
        #expect(playlist.mediaSequence == 0)
        #expect(playlist.segments.map(\.isDiscontinuous) == [false, false, true, false])
        #expect(playlist.segments.map { $0.name.split(separator: "-").last } == ["0.ts", "1.ts", "2.ts", "3.ts"])
    }

    @Test(arguments: [true, false]) func keepsTheNumbersAloneOfOneThatIsOver(isEnded: Bool) throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 4)
        // What isn't ended is too old.
        for now in [Int64(Date().timeIntervalSince1970 * 1000), isEnded ? 0 : 4_000_000_000_000] {
            let output = output(now: now)
            try output.start(StreamFormat(video: video))
            for packet in pictures { try output.write(packet) }
            output.endsPlaylist = isEnded
            output.finish()
        }
        let playlist = try playlist()
        #expect(playlist.mediaSequence == 2)
        #expect(playlist.segments.map(\.isDiscontinuous) == [true, false])
        // They are watched to the end, and removed by whoever watches over the folder.
        #expect(folder.names.count { $0.hasSuffix(".ts") } == 4)
    }

    @Test func keepsTheNumbersAloneWhereASegmentIsMissing() throws {
        try folder.write(
            "cam_src.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2,\ncam_src-1-7.ts\n")
        let (video, pictures) = try HLSSample.pictures(seconds: 2)
        let output = output(now: Int64(Date().timeIntervalSince1970 * 1000))
        try output.start(StreamFormat(video: video))
        for packet in pictures { try output.write(packet) }
        output.finish()
        #expect(try playlist().mediaSequence == 8)
        #expect(try playlist().segments.count == 1)
    }

    @Test func leavesThePlaylistToWhoeverCameAfter() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 5)
        let output = output()
        try output.start(StreamFormat(video: video))
        for packet in pictures { try output.write(packet) }
        try FileManager.default.removeItem(atPath: folder.path("cam_src.m3u8"))
        try folder.write("other", "")
        try folder.write("cam_src.m3u8", "#EXTM3U\n")
        output.finish()
        #expect(folder.text("cam_src.m3u8") == "#EXTM3U\n")
        #expect(!folder.names.contains { $0.hasSuffix(".tmp") })
    }

    @Test func triesTheNextSegmentWhenTheFolderIsGone() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 8)
        let gone = folder.path + "-gone"
        let output = output()
        try output.start(StreamFormat(video: video))
        var errors: [MediaError] = []
        for (index, packet) in pictures.enumerated() {
            if index == 70 { try FileManager.default.moveItem(atPath: folder.path, toPath: gone) }
            if index == 150 { try FileManager.default.moveItem(atPath: gone, toPath: folder.path) }
            do throws(MediaError) { try output.write(packet) } catch { errors.append(error) }
        }
        output.finish()
        // At 4 s neither the second is named nor the third made; at 6 s all is well again.
        #expect(errors.map(\.kind) == [.storage])
        #expect(errors.first?.description.contains("cam_src-1700000000000-1.ts: No such file") == true)
        let segments = try playlist().segments
        #expect(segments.map(\.isDiscontinuous) == [false, true])
        #expect(segments.map(\.duration) == [2_000_000, 2_000_000])
    }

    @Test func sparesOldSegmentsWhenOneCannotBeKept() throws {
        let settings = HLSSettings(
            liveFolder: folder.path, stream: "cam", segmentSeconds: 1, playlistWindowSeconds: 60)
        let (video, pictures) = try HLSSample.pictures(seconds: 10, framesPerSecond: 10, keyframeSeconds: 1)
        let output = output(settings)
        try output.start(StreamFormat(video: video))
        var errors = 0
        for (index, packet) in pictures.enumerated() {
            // It isn't there any more when it is to be named.
            if index == 75 { try FileManager.default.removeItem(atPath: folder.path("cam_src-1700000000000-7.ts.tmp")) }
            do throws(MediaError) { try output.write(packet) } catch { errors += 1 }
        }
        #expect(errors == 1)
        let playlist = try playlist()
        // Three targets of 2 s were spared.
        #expect(playlist.mediaSequence == 1)
        #expect(playlist.segments.map(\.isDiscontinuous) == [false, false, false, false, false, false, true])
        #expect(folder.names.count { $0.hasSuffix(".ts") } == 7)
    }

    /// A decoder finds what it must know in each segment, and one that reads on decodes every picture.
    @Test func goesOnWithThePictureWhereAKeyframeIsLate() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 9, keyframeSeconds: 5)
        let (audio, sound) = try HLSSample.sound(seconds: 9)
        let output = output()
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        output.finish()
        let playlist = try playlist()
        #expect(playlist.targetSeconds == 3)
        #expect(playlist.segments.map { $0.duration / 100_000 } == [34, 34, 22])
        #expect(playlist.segments.allSatisfy { !$0.isDiscontinuous && $0.duration <= 3_499_000 })
        #expect(!folder.text("cam_src.m3u8").contains("INDEPENDENT"))
        var all = Data()
        for segment in playlist.segments {
            let data = try Data(contentsOf: URL(fileURLWithPath: folder.path(segment.name)))
            let sets = Data(try AnnexB.parameterSets(video.avcC).prefix(8))
            #expect(data.range(of: sets) != nil)
            all += data
        }
        try all.write(to: URL(fileURLWithPath: folder.path("all.ts")))
        let reading = try HLSReading(folder.path("all.ts"))
        #expect(reading.errors == 0 && reading.sizes.count == pictures.count)
        #expect(reading.keyframes.count == 2)
    }

    @Test func throwsWhatCannotBeWritten() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 1)
        #expect(throws: MediaError.self) {
            try self.output().start(StreamFormat(video: VideoFormat(avcC: [1, 2], width: 16, height: 16)))
        }
        let output = output()
        try output.start(StreamFormat(video: video))
        try output.write(pictures[0])
        #expect(throws: MediaError(.malformed, "a picture's NAL units aren't readable")) {
            try output.write(
                EncodedPacket(track: .video, presentationTime: 40_000, isKeyframe: false, data: [0, 0, 1, 0, 5]))
        }
        // The track isn't in the format.
        try output.write(EncodedPacket(track: .audio, presentationTime: 60_000, data: [1, 2, 3]))
    }

    @Test func finishesWithoutAPacket() throws {
        let output = output()
        output.finish()
        #expect(folder.names.isEmpty)
    }
}
