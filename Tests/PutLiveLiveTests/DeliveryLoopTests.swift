import Foundation
import Testing

@testable import PutLiveLive

@Suite struct DeliveryLoopTests {
    private let folder: TemporaryFolder
    private let house: TestHouse
    private let loop: DeliveryLoop

    init() throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        let house = TestHouse(testSettings { $0.hlsFolder = folder.path })
        self.house = house
        loop = DeliveryLoop(
            live: house.live, settings: house.settings, metrics: house.liveMetrics, logger: house.log.logger,
            clock: { house.clock.now })
    }

    /// As SRS writes a rendition: segments, the last of which was finished now, and its playlist.
    private func rendition(_ text: String, _ numbers: ClosedRange<Int>, size: Int = 300_000) throws {
        var playlist = "#EXTM3U\n#EXT-X-VERSION:3\n"
        // 60 frames where there is room, and stuffing.
        let frames = Array(repeatElement(try fixture("head.ts"), count: min(60, size / 3760)).joined())
        let stuffing: [UInt8] = [0x47, 0x1f, 0xff, 0x10] + Array(repeating: 0xff, count: 184)
        let segment = (frames + repeatElement(stuffing, count: size / 188).joined()).prefix(size)
        for number in numbers {
            let file = "\(text)-1795356342364-\(number).ts"
            playlist += "#EXTINF:2.000, no desc\n\(file)\n"
            try folder.write(
                file, Array(segment), modified: house.clock.now - Int64(numbers.upperBound - number) * 2000)
        }
        try folder.write("\(text).m3u8", playlist, modified: house.clock.now)
    }

    @Test func aStreamFromBeginToEnd() throws {
        house.begin("stream")
        house.live.update(
            name("stream"), clientID: "c1",
            facts: StreamFacts(
                videoCodec: .h264, audioCodec: .aac, width: 854, height: 480, bytesPerSecond: 160_000),
            receivedBytes: 0)
        loop.tick()
        #expect(folder.names.isEmpty && house.live.status().fps == 0)
        house.clock.advance(6000)
        try rendition("stream_src", 0...2)
        try rendition("stream_144p", 0...1, size: 50_000)
        loop.tick()
        #expect(
            folder.text("stream.m3u8") == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-STREAM-INF:BANDWIDTH=1400000,AVERAGE-BANDWIDTH=1200000,RESOLUTION=854x480,FRAME-RATE=30.000,\
                CODECS="avc1.42c01f,mp4a.40.2"
                stream_src.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=232000,AVERAGE-BANDWIDTH=200000,RESOLUTION=256x144,FRAME-RATE=15.000,\
                CODECS="avc1.42c01f,mp4a.40.2"
                stream_144p.m3u8

                """)
        #expect(house.live.streams().streams[0].renditions == ["src", "144p"])
        #expect(house.live.status().fps == 30)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/live/stream.m3u8")
        #expect(attributes[.posixPermissions] as? Int == 0o664)
        let metrics = house.metrics
        #expect(metrics["putlive_renditions_active{stream=stream}"] == 2)
        #expect(metrics["putlive_renditions_expected{stream=stream}"] == 4)
        #expect(metrics["putlive_rendition_bytes_per_second{quality=src,stream=stream}"] == 150_000)
        #expect(metrics["putlive_stream_keyframe_interval_seconds{stream=stream}"] == 2)
        #expect(metrics["putlive_stream_last_segment_timestamp_seconds{stream=stream}"] == 1_800_000_006)
        #expect(metrics["putlive_stream_info{audio_codec=aac,source=rtmp,stream=stream,video_codec=h264}"] == 1)
        #expect(metrics["putlive_hls_segments_written_total{quality=src}"] == 3)
        #expect(metrics["putlive_hls_tmpfs_size_bytes"] ?? 0 > 0)
        // Nothing changes: nothing is written.
        let inode = try FileManager.default.attributesOfItem(atPath: folder.path + "/live/stream.m3u8")[
            .systemFileNumber]
        loop.tick()
        let again = try FileManager.default.attributesOfItem(atPath: folder.path + "/live/stream.m3u8")[
            .systemFileNumber]
        #expect(inode as? Int == again as? Int)
        // The end.
        house.live.end(name("stream"), clientID: "c1", reason: .stopped)
        house.clock.advance(10_001)
        loop.tick()
        #expect(folder.text("stream.m3u8") == nil)
        #expect(folder.text("stream_src.m3u8")?.hasSuffix("#EXT-X-ENDLIST\n") == true)
        #expect(!metrics.series.contains { $0.contains("stream=stream") })
        // The test's clock is ahead of the disk's, so what was written now is old at once.
        house.clock.advance(100_000)
        loop.tick()
        #expect(folder.names.isEmpty)
        #expect(metrics["putlive_hls_segments_removed_total"] == 8)
        #expect(loop.failure == nil)
    }

    @Test func otherFilesAndLinksStay() throws {
        let outside = try TemporaryFolder()
        try outside.write("precious.ts", "keep")
        let old = house.clock.now - 1_000_000
        try folder.write("notes.txt", "keep", modified: old)
        try folder.write("a_src-1-1.ts", "old", modified: old)
        let live = folder.path + "/live"
        try FileManager.default.createSymbolicLink(
            atPath: live + "/a_src-1-2.ts", withDestinationPath: outside.path + "/live/precious.ts")
        try FileManager.default.createSymbolicLink(
            atPath: live + "/b_src.m3u8", withDestinationPath: outside.path + "/live/precious.ts")
        try FileManager.default.createDirectory(atPath: live + "/c_src-1-1.ts", withIntermediateDirectories: false)
        #expect(mkfifo(live + "/d_src.m3u8", 0o644) == 0)
        loop.tick()
        #expect(folder.names == ["a_src-1-2.ts", "b_src.m3u8", "c_src-1-1.ts", "d_src.m3u8", "notes.txt"])
        #expect(outside.text("precious.ts") == "keep")
    }

    @Test func aMasterIsWrittenThroughNoLink() throws {
        let outside = try TemporaryFolder()
        try outside.write("precious", "keep")
        for link in ["stream.m3u8", "stream.m3u8.tmp"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/live/" + link, withDestinationPath: outside.path + "/live/precious")
        }
        try rendition("stream_src", 0...2)
        loop.tick()
        #expect(folder.text("stream.m3u8")?.contains("stream_src.m3u8") == true)
        #expect(outside.text("precious") == "keep")
        #expect(!folder.names.contains("stream.m3u8.tmp"))
    }

    @Test func aFolderThatIsNotThereYet() throws {
        try FileManager.default.removeItem(atPath: folder.path + "/live")
        loop.tick()
        loop.tick()
        #expect(loop.failure?.contains("can't be opened") == true)
        #expect(house.log.lines.count { $0.hasPrefix("error hls_folder_unusable") } == 1)
        try FileManager.default.createDirectory(atPath: folder.path + "/live", withIntermediateDirectories: false)
        loop.tick()
        #expect(loop.failure == nil)
        #expect(house.log.lines.last == "info hls_folder_usable")
    }

    @Test func whatCannotBeWrittenIsTriedAgain() throws {
        try rendition("stream_src", 0...2)
        // A folder in the place of the file.
        let obstacle = folder.path + "/live/stream.m3u8"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        loop.tick()
        #expect(loop.failure?.contains("can't be replaced") == true)
        #expect(!folder.names.contains("stream.m3u8.tmp"))
        try FileManager.default.removeItem(atPath: obstacle)
        loop.tick()
        #expect(loop.failure == nil && folder.text("stream.m3u8") != nil)
    }

    @Test func aPlaylistThatGrowsIsReadAgain() throws {
        try rendition("stream_src", 0...2)
        loop.tick()
        house.clock.advance(2000)
        try rendition("stream_src", 1...3, size: 3_000_000)
        loop.tick()
        #expect(folder.text("stream.m3u8")?.contains("BANDWIDTH=14000000") == true)
    }

    @Test func oversizedPlaylistsAreNotRead() throws {
        try folder.write(
            "stream_src.m3u8", "#EXTM3U\n" + String(repeating: "#\n", count: 200_000), modified: house.clock.now)
        loop.tick()
        #expect(folder.names == ["stream_src.m3u8"])
    }

    @Test func seriesFollowTheStream() {
        house.begin("a")
        loop.tick()
        #expect(house.metrics["putlive_stream_info{audio_codec=none,source=rtmp,stream=a,video_codec=none}"] == 1)
        #expect(house.metrics["putlive_stream_last_segment_timestamp_seconds{stream=a}"] == 1_800_000_000)
        house.live.update(
            name("a"), clientID: "c1", facts: StreamFacts(videoCodec: .h264, audioCodec: .aac), receivedBytes: 0)
        loop.tick()
        let info = house.metrics.series.filter { $0.hasPrefix("putlive_stream_info") }
        #expect(info == ["putlive_stream_info{audio_codec=aac,source=rtmp,stream=a,video_codec=h264}"])
    }
}
