import Testing

@testable import PutLiveLive

@Suite struct MediaPlaylistTests {
    @Test func playlistsOfSRS() throws {
        let playlist = try #require(MediaPlaylist.parse(try fixtureText("stream_src.m3u8")))
        #expect(playlist.segments.count == 8 && !playlist.isEnded && playlist.discontinuities == 1)
        #expect(playlist.segments[0] == .init(name: "stream_src-1795356342364-0.ts", seconds: 2.023))
        let ended = try #require(MediaPlaylist.parse(playlist.endedText))
        #expect(ended.isEnded && ended.segments == playlist.segments)
        #expect(playlist.endedText.hasSuffix("-7.ts\n#EXT-X-ENDLIST\n"))
    }

    @Test func playlistsOfOthers() throws {
        let text =
            "#EXTM3U\r\n#EXT-X-DISCONTINUITY-SEQUENCE:4\r\n#EXTINF:2,\r\na.ts\r\n#EXT-X-DISCONTINUITY\r\n"
            + "#EXTINF:1.5\r\nb.ts\r\n# a comment\r\n#EXT-X-ENDLIST"
        let playlist = try #require(MediaPlaylist.parse(text))
        #expect(playlist.segments == [.init(name: "a.ts", seconds: 2), .init(name: "b.ts", seconds: 1.5)])
        #expect(playlist.isEnded && playlist.discontinuities == 5)
        #expect(try #require(MediaPlaylist.parse("#EXTM3U\n")).segments.isEmpty)
    }

    @Test(arguments: [
        "", "x", "#EXTM3U\na.ts\n", "#EXTM3U\n#EXTINF:x,\na.ts\n", "#EXTM3U\n#EXTINF:-1,\na.ts\n",
        "#EXTM3U\n#EXTINF:nan,\na.ts\n", "#EXTM3U\n#EXTINF:2,\n../a.ts\n", "#EXTM3U\n#EXTINF:2,\nhttp://x/a.ts\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na_src.m3u8\n",
    ])
    func notAMediaPlaylist(_ text: String) {
        #expect(MediaPlaylist.parse(text) == nil)
    }

    @Test func bounds() {
        let line = "#EXTINF:2,\n" + String(repeating: "a", count: 100) + ".ts\n"
        #expect(MediaPlaylist.parse("#EXTM3U\n" + String(repeating: line, count: 3000)) == nil)
    }
}

@Suite struct MasterPlaylistTests {
    private func variant(_ quality: String, _ bandwidth: Int) -> MasterPlaylist.Variant {
        .init(rendition: .init(stream: name("stream"), quality: quality), bandwidth: bandwidth)
    }

    @Test func golden() {
        let source = MasterPlaylist.Variant(
            rendition: .init(stream: name("stream"), quality: "src"), bandwidth: 2_900_000, averageBandwidth: 2_600_000,
            width: 1280, height: 720, frameRate: 29.97, codecs: ["avc1.64001f", "mp4a.40.2"])
        let rung = MasterPlaylist.Variant(
            rendition: .init(stream: name("stream"), quality: "480p"), bandwidth: 1_500_000, width: 854, height: 480,
            frameRate: 30, codecs: ["avc1.4d401f", "mp4a.40.2"])
        let unknown = variant("144p", 232_000)
        #expect(
            MasterPlaylist([unknown, source, rung], defaultQuality: "480p").text == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-STREAM-INF:BANDWIDTH=1500000,RESOLUTION=854x480,FRAME-RATE=30.000,CODECS="avc1.4d401f,mp4a.40.2"
                stream_480p.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=2900000,AVERAGE-BANDWIDTH=2600000,RESOLUTION=1280x720,FRAME-RATE=29.970,\
                CODECS="avc1.64001f,mp4a.40.2"
                stream_src.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=232000
                stream_144p.m3u8

                """)
    }

    @Test func promisesNoKeyframesThatMayBeLate() {
        let master = MasterPlaylist([variant("src", 1000)], defaultQuality: "src", hasIndependentSegments: false)
        #expect(master.text == "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nstream_src.m3u8\n")
    }

    @Test func order() {
        let variants = [variant("144p", 200), variant("src", 900), variant("480p", 600), variant("360p", 600)]
        func order(_ defaultQuality: String) -> [String] {
            MasterPlaylist(variants, defaultQuality: defaultQuality).variants.map(\.rendition.quality)
        }
        #expect(order("480p") == ["480p", "src", "360p", "144p"])
        #expect(order("src") == ["src", "360p", "480p", "144p"])
        #expect(order("720p") == ["src", "360p", "480p", "144p"])
    }
}

@Suite struct RenditionMeasureTests {
    @Test func steady() {
        var measure = RenditionMeasure()
        measure.take([(2, 300_000)], nominal: 0)
        // 1.2 Mbit/s and a tenth.
        #expect(measure.bandwidth == 1_400_000 && measure.averageBandwidth == 1_200_000)
        measure.take([(2, 300_000), (2, 340_000), (2, 200_000)], nominal: 0)
        #expect(measure.bandwidth == 1_400_000)
        measure.take([(2, 300_000), (2, 400_000)], nominal: 0)
        #expect(measure.bandwidth == 1_800_000 && measure.averageBandwidth == 1_400_000)
        measure.take([(2, 100_000)], nominal: 0)
        #expect(measure.bandwidth == 440_000 && measure.averageBandwidth == 400_000)
    }

    @Test func splintersAndNominalRates() {
        var measure = RenditionMeasure()
        measure.take([], nominal: 1_296_000)
        #expect(measure.bandwidth == 1_296_000 && measure.averageBandwidth == 0)
        measure.take([(0.04, 90_000), (2, 250_000)], nominal: 1_296_000)
        #expect(measure.bandwidth == 1_296_000)
        measure.take([(2, 400_000)], nominal: 1_296_000)
        #expect(measure.bandwidth == 1_800_000)
        measure.take([(2, 1_000)], nominal: 1_296_000)
        #expect(measure.bandwidth == 1_800_000)
        var huge = RenditionMeasure()
        huge.take([(0.5, Int64.max / 16)], nominal: 0)
        #expect(huge.bandwidth == 1_000_000_000)
    }

    @Test func frameRates() {
        var measure = RenditionMeasure()
        let steps: [(Double, Double)] = [
            (0, 0), (29.4, 30), (30.9, 30), (24.2, 24), (0, 24), (50.3, 50), (17, 17), (60, 60),
        ]
        for (measured, said) in steps {
            measure.take(frameRate: measured)
            #expect(measure.frameRate == said)
        }
    }
}

@Suite struct SegmentProbeTests {
    @Test func segmentsOfSRS() throws {
        #expect(SegmentProbe(try fixture("head.ts")).codecs == ["avc1.42c01f", "mp4a.40.2"])
    }

    @Test func frames() throws {
        let head = try fixture("head.ts")
        // The first frame fills more packets than the fixture has.
        #expect(SegmentProbe(head).frames == 1)
        // The same packets again are another frame.
        #expect(SegmentProbe(head + head + head).frames == 3)
        // What doesn't stay a transport stream is none.
        #expect(SegmentProbe(head + Array(repeating: 0, count: 188)) == SegmentProbe([]))
    }

    @Test func notEnough() throws {
        let head = try fixture("head.ts")
        #expect(SegmentProbe([]).codecs == [])
        // The tables alone.
        #expect(SegmentProbe(Array(head.prefix(2 * 188))).codecs == [])
        #expect(SegmentProbe(Array("#EXTM3U".utf8) + head).codecs == [])
    }

    @Test func otherCodecs() throws {
        var head = try fixture("head.ts")
        let types = head.indices.filter { head[$0] == 0x0f && head[$0 + 1] & 0xe0 == 0xe0 && $0 < 376 && $0 > 188 }
        let audio = try #require(types.first)
        // MP3: not half of an answer.
        head[audio] = 0x03
        #expect(SegmentProbe(head).codecs == [])
    }

    @Test func everyChangedByteIsSurvived() throws {
        let head = try fixture("head.ts")
        for index in 0..<(3 * 188) {
            for value: UInt8 in [0x00, 0x47, 0x7f, 0xff] {
                var changed = head
                changed[index] = value
                #expect(SegmentProbe(changed).codecs.count <= 2)
            }
        }
        for count in stride(from: 0, to: head.count, by: 7) {
            #expect(SegmentProbe(Array(head.prefix(count))).codecs.count <= 2)
        }
    }
}
