import Testing

@testable import PutLiveMedia

@Suite struct HLSPlaylistTests {
    private func segment(_ number: Int, _ seconds: Double = 2, isDiscontinuous: Bool = false) -> LivePlaylist.Segment {
        .init(
            name: "cam_src-17-\(number).ts", duration: Int64(seconds * 1_000_000), isDiscontinuous: isDiscontinuous)
    }

    @Test func isWrittenAsTheRFCSays() {
        var playlist = LivePlaylist(targetSeconds: 2, window: 6_000_000)
        let gone = playlist.append(segment(0, 2.0006)) + playlist.append(segment(1, 1.9, isDiscontinuous: true))
        #expect(gone.isEmpty)
        #expect(
            playlist.text == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-TARGETDURATION:2
                #EXT-X-MEDIA-SEQUENCE:0
                #EXTINF:2.001,
                cam_src-17-0.ts
                #EXT-X-DISCONTINUITY
                #EXTINF:1.900,
                cam_src-17-1.ts

                """)
        playlist.isEnded = true
        #expect(playlist.text.hasSuffix("cam_src-17-1.ts\n#EXT-X-ENDLIST\n"))
    }

    @Test func countsWhatLeavesTheWindow() {
        var playlist = LivePlaylist(targetSeconds: 2, window: 8_000_000)
        var gone: [LivePlaylist.Segment] = []
        for number in 0...6 { gone += playlist.append(segment(number, isDiscontinuous: number == 1 || number == 5)) }
        #expect(gone.map(\.name) == (0...2).map { "cam_src-17-\($0).ts" })
        #expect(playlist.mediaSequence == 3 && playlist.discontinuitySequence == 1 && playlist.nextSequence == 7)
        #expect(playlist.text.contains("#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"))
    }

    @Test func holdsThreeTargetsAtLeast() {
        var playlist = LivePlaylist(targetSeconds: 2, window: 1_000_000)
        for number in 0...6 { _ = playlist.append(segment(number)) }
        #expect(playlist.segments.count == 3)
    }

    @Test func sparesWhatIsNotAboutToBeAskedFor() {
        var playlist = LivePlaylist(targetSeconds: 2, window: 60_000_000)
        for number in 0...6 { _ = playlist.append(segment(number)) }
        let spared = playlist.shrink()
        #expect(spared.count == 4)
        #expect(playlist.segments.count == 3 && playlist.mediaSequence == 4)
    }

    /// RFC 8216, section 6.2.1, and 4.3.3.1 for the longest segment.
    @Test(arguments: [(0.5, 2), (1, 2), (1.5, 3), (2, 3), (2.5, 4), (10, 11)] as [(Double, Int64)])
    func hasATargetThatNeverChanges(segmentSeconds: Double, target: Int64) {
        let settings = HLSSettings(liveFolder: "", stream: "cam", segmentSeconds: segmentSeconds)
        #expect(settings.targetSeconds == target)
        var playlist = LivePlaylist(targetSeconds: settings.targetSeconds, window: 4_000_000)
        let longest = Double(LivePlaylist.longestSegment(targetSeconds: target)) / 1_000_000
        _ = playlist.append(segment(0, longest))
        #expect(playlist.text.contains("#EXT-X-TARGETDURATION:\(target)\n"))
        #expect(playlist.text.contains("#EXTINF:\(target).499,\n"))
    }

    @Test func knowsHowLongItEverWas() {
        var playlist = LivePlaylist(targetSeconds: 2, window: 8_000_000)
        for number in 0...9 { _ = playlist.append(segment(number, number == 3 ? 2.4 : 2)) }
        #expect(playlist.longest == 8_400_000)
    }

    @Test func isReadBackAsItWasWritten() throws {
        var playlist = LivePlaylist(targetSeconds: 2, window: 8_000_000)
        for number in 0...9 { _ = playlist.append(segment(number, 2.25, isDiscontinuous: number % 3 == 1)) }
        let read = try #require(WrittenPlaylist(playlist.text, rendition: "cam_src"))
        var next = LivePlaylist(targetSeconds: 2, window: 8_000_000)
        next.resume(read, isStale: false)
        #expect(next.text == playlist.text)
        #expect(next.nextSequence == 10)
    }

    @Test(arguments: [(true, false, 2), (false, true, 2), (false, false, 3)] as [(Bool, Bool, Int64)])
    func numbersGoOnWithoutItsSegments(isStale: Bool, isEnded: Bool, target: Int64) throws {
        var playlist = LivePlaylist(targetSeconds: 2, window: 8_000_000)
        for number in 0...9 { _ = playlist.append(segment(number, isDiscontinuous: number == 2 || number == 8)) }
        playlist.isEnded = isEnded
        var next = LivePlaylist(targetSeconds: target, window: 8_000_000)
        next.resume(try #require(WrittenPlaylist(playlist.text, rendition: "cam_src")), isStale: isStale)
        #expect(next.mediaSequence == 10 && next.segments.isEmpty && next.discontinuitySequence == 2)
        #expect(!next.isEnded && next.targetSeconds == target && next.longest == 0)
    }

    @Test(arguments: [
        "", "#EXTM3U8", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:-1\n", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n",
        "#EXTM3U\n#EXT-X-DISCONTINUITY-SEQUENCE:x\n", "#EXTM3U\n#EXT-X-TARGETDURATION:0\n",
        "#EXTM3U\n#EXTINF:nan,\ncam_src-1-1.ts\n", "#EXTM3U\n#EXTINF:4000,\ncam_src-1-1.ts\n",
        "#EXTM3U\ncam_src-1-1.ts\n", "#EXTM3U\n#EXTINF:2,\ncam_src-1/../../1.ts\n",
        "#EXTM3U\n#EXTINF:2,\nother_src-1-1.ts\n",
        "#EXTM3U\n#EXTINF:2,\ncam_src-1-1.mp4\n",
        "#EXTM3U\n#EXTINF:2,\ncam_src-" + String(repeating: "1", count: 200) + ".ts\n",
        "#EXTM3U\n" + String(repeating: "#\n", count: 200_000),
    ]) func refusesWhatItDidNotWrite(text: String) {
        #expect(WrittenPlaylist(text, rendition: "cam_src") == nil)
    }
}
