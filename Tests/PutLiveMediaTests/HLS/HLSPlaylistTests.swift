import Testing

@testable import PutLiveMedia

@Suite struct HLSPlaylistTests {
    private func segment(_ number: Int, _ seconds: Double = 2, isDiscontinuous: Bool = false) -> LivePlaylist.Segment {
        .init(
            name: "cam_src-17-\(number).ts", duration: Int64(seconds * 1_000_000), isDiscontinuous: isDiscontinuous)
    }

    @Test func isWrittenAsTheRFCSays() {
        var playlist = LivePlaylist(target: 1_900_000, window: 6_000_000)
        let gone = playlist.append(segment(0, 2.0006)) + playlist.append(segment(1, 1.9, isDiscontinuous: true))
        #expect(gone.isEmpty)
        #expect(
            playlist.text == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-INDEPENDENT-SEGMENTS
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
        var playlist = LivePlaylist(target: 2_000_000, window: 8_000_000)
        var gone: [LivePlaylist.Segment] = []
        for number in 0...6 { gone += playlist.append(segment(number, isDiscontinuous: number == 1 || number == 5)) }
        #expect(gone.map(\.name) == (0...2).map { "cam_src-17-\($0).ts" })
        #expect(playlist.mediaSequence == 3 && playlist.discontinuitySequence == 1 && playlist.nextSequence == 7)
        #expect(playlist.text.contains("#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"))
    }

    @Test func holdsThreeTargetsAtLeast() {
        var playlist = LivePlaylist(target: 2_000_000, window: 1_000_000)
        for number in 0...6 { _ = playlist.append(segment(number)) }
        #expect(playlist.segments.count == 3)
    }

    @Test func sparesWhatIsNotAboutToBeAskedFor() {
        var playlist = LivePlaylist(target: 2_000_000, window: 60_000_000)
        for number in 0...6 { _ = playlist.append(segment(number)) }
        let spared = playlist.shrink()
        #expect(spared.count == 4)
        #expect(playlist.segments.count == 3 && playlist.mediaSequence == 4)
    }

    @Test func growsItsTargetAndNeverShrinksIt() {
        var playlist = LivePlaylist(target: 2_000_000, window: 4_000_000)
        _ = playlist.append(segment(0, 2.499))
        #expect(playlist.targetSeconds == 2)
        _ = playlist.append(segment(1, 4.5))
        #expect(playlist.targetSeconds == 5)
        for number in 2...20 { _ = playlist.append(segment(number)) }
        #expect(playlist.targetSeconds == 5)
    }

    @Test func isReadBackAsItWasWritten() throws {
        var playlist = LivePlaylist(target: 2_000_000, window: 8_000_000)
        for number in 0...9 { _ = playlist.append(segment(number, 2.25, isDiscontinuous: number % 3 == 1)) }
        let read = try #require(WrittenPlaylist(playlist.text, rendition: "cam_src"))
        var next = LivePlaylist(target: 1_000_000, window: 8_000_000)
        next.resume(read, isStale: false)
        #expect(next.text == playlist.text)
        #expect(next.nextSequence == 10)
    }

    @Test(arguments: [(true, false), (false, true)])
    func numbersGoOnWithoutItsSegments(isStale: Bool, isEnded: Bool) throws {
        var playlist = LivePlaylist(target: 2_000_000, window: 8_000_000)
        for number in 0...9 { _ = playlist.append(segment(number, isDiscontinuous: number == 2 || number == 8)) }
        playlist.isEnded = isEnded
        var next = LivePlaylist(target: 2_000_000, window: 8_000_000)
        next.resume(try #require(WrittenPlaylist(playlist.text, rendition: "cam_src")), isStale: isStale)
        #expect(next.mediaSequence == 10 && next.segments.isEmpty && next.discontinuitySequence == 2)
        #expect(!next.isEnded)
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
