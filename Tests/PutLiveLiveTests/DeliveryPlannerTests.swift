import Testing

@testable import PutLiveLive

/// A folder of HLS, on paper.
private struct Paper {
    var files: [String: (size: Int64, modified: UnixMilliseconds)] = [:]
    var playlists: [Rendition: MediaPlaylist] = [:]

    /// A rendition's playlist and segments, the last of which was finished at `now`.
    mutating func rendition(
        _ text: String, segments: ClosedRange<Int>, at now: UnixMilliseconds, bytes: Int64 = 300_000,
        isEnded: Bool = false
    ) {
        guard let rendition = Rendition(text) else { preconditionFailure("\(text) is no rendition") }
        var playlist = "#EXTM3U\n"
        for number in segments {
            let file = "\(text)-1-\(number).ts"
            playlist += "#EXTINF:2.000,\n\(file)\n"
            files[file] = (bytes, now - Int64(segments.upperBound - number) * 2000)
        }
        if isEnded { playlist += "#EXT-X-ENDLIST\n" }
        files[rendition.playlistName] = (Int64(playlist.utf8.count), now)
        playlists[rendition] = MediaPlaylist.parse(playlist)
    }

    mutating func file(_ name: String, at now: UnixMilliseconds) { files[name] = (10, now) }

    var listing: HLSListing {
        HLSListing(
            files: files.sorted { $0.key < $1.key }.compactMap { name, file in
                HLSFileName(name).map { HLSFile(name: name, kind: $0, size: file.size, modified: file.modified) }
            }, playlists: playlists)
    }

    /// Carries a plan out.
    mutating func apply(_ plan: DeliveryPlan, at now: UnixMilliseconds) {
        for name in plan.removals {
            files[name] = nil
            if case .playlist(let rendition)? = HLSFileName(name) { playlists[rendition] = nil }
        }
        for write in plan.writes {
            files[write.name] = (Int64(write.text.utf8.count), now)
            if case .playlist(let rendition)? = HLSFileName(write.name) {
                playlists[rendition] = MediaPlaylist.parse(write.text)
            }
        }
    }
}

@Suite struct DeliveryPlannerTests {
    private let now: UnixMilliseconds = 1_800_000_000_000

    private func onAir(_ stream: String = "a") -> [StreamName: Broadcast] {
        var broadcast = Broadcast(stream: name(stream), source: .rtmp, publisher: .unknown, startedAt: 0)
        broadcast.facts = StreamFacts(width: 1280, height: 720, framesPerSecond: 30)
        return [name(stream): broadcast]
    }

    @Test func writesAMasterOfWhatIsThere() throws {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now, bytes: 600_000)
        paper.rendition("a_480p", segments: 0...4, at: now)
        let first = planner.plan(paper.listing, onAir: onAir(), now: now)
        #expect(first.probes.count == 2 && first.removals.isEmpty)
        let found = SegmentProbe(try fixture("head.ts"))
        for probe in first.probes { planner.learn(probe.rendition.isSource ? found : nil, of: probe) }
        let plan = planner.plan(paper.listing, onAir: onAir(), now: now)
        #expect(plan.probes.isEmpty)
        let write = try #require(plan.writes.first)
        #expect(
            write.text == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-STREAM-INF:BANDWIDTH=1400000,AVERAGE-BANDWIDTH=1200000,RESOLUTION=854x480,FRAME-RATE=30.000
                a_480p.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=2700000,AVERAGE-BANDWIDTH=2400000,RESOLUTION=1280x720,FRAME-RATE=1.000,\
                CODECS="avc1.42c01f,mp4a.40.2"
                a_src.m3u8

                """)
        #expect(plan.streams[name("a")]?.renditions == ["480p", "src"])
        #expect(plan.lastSegments[Rendition("a_src")!] == .init(seconds: 2, bytes: 600_000, modified: now))
    }

    /// RFC 8216, section 6.2.2: a segment was written, then it was in the playlist, then it must stay for the length of the
    /// longest playlist and its own. The embedded engine's longest segment is a second and a half over what is aimed at,
    /// and its playlists hold three targets at least.
    @Test(arguments: [(1, 3), (1, 30), (2, 6), (2, 30), (5, 15), (10, 30), (10, 600)] as [(Double, Double)])
    func segmentsOnAirStayAsLongAsTheyAreNeeded(segment: Double, window: Double) {
        let settings = testSettings {
            $0.segmentSeconds = segment
            $0.playlistWindowSeconds = window
        }
        let most = segment + 1.5
        let playlist = max(window, 3 * (segment + 1)) + most
        #expect(settings.retentionSeconds >= 2 * playlist + most)
    }

    @Test func writesOnlyWhatChanges() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        let plan = planner.plan(paper.listing, onAir: [:], now: now)
        #expect(plan.writes.map(\.name) == ["a.m3u8"])
        // It could not be written: again.
        #expect(planner.plan(paper.listing, onAir: [:], now: now).writes == plan.writes)
        planner.didWrite(plan.writes[0])
        paper.apply(plan, at: now)
        #expect(planner.plan(paper.listing, onAir: [:], now: now + 1000).writes.isEmpty)
        // Somebody removed it.
        paper.files["a.m3u8"] = nil
        #expect(planner.plan(paper.listing, onAir: [:], now: now + 1000).writes.count == 1)
    }

    @Test func renditionsComeAndGo() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        #expect(planner.plan(paper.listing, onAir: onAir(), now: now).streams[name("a")]?.renditions == ["src"])
        paper.rendition("a_144p", segments: 0...1, at: now, bytes: 50_000)
        #expect(
            planner.plan(paper.listing, onAir: onAir(), now: now).streams[name("a")]?.renditions == ["src", "144p"])
        // Its transcoder died; the source goes on.
        let later = now + 11_000
        paper.rendition("a_src", segments: 5...9, at: later)
        #expect(planner.plan(paper.listing, onAir: onAir(), now: later).streams[name("a")]?.renditions == ["src"])
        paper.rendition("a_144p", segments: 2...3, at: later)
        #expect(
            planner.plan(paper.listing, onAir: onAir(), now: later).probes.map(\.rendition.quality).contains("144p"))
    }

    @Test func anEndInThreeSteps() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        paper.rendition("a_480p", segments: 0...4, at: now)
        var plan = planner.plan(paper.listing, onAir: [:], now: now)
        paper.apply(plan, at: now)
        plan.writes.forEach { planner.didWrite($0) }
        // An encoder may come back.
        #expect(
            planner.plan(paper.listing, onAir: [:], now: now + 10_000)
                == DeliveryPlan(
                    probes: plan.probes, streams: plan.streams,
                    lastSegments: plan.lastSegments))
        // It has not.
        let end = now + 10_001
        plan = planner.plan(paper.listing, onAir: [:], now: end)
        #expect(plan.removals == ["a.m3u8"])
        #expect(plan.writes.map(\.name) == ["a_480p.m3u8", "a_src.m3u8"])
        #expect(plan.writes.allSatisfy { $0.text.hasSuffix("#EXT-X-ENDLIST\n") })
        #expect(plan.streams.isEmpty)
        paper.apply(plan, at: end)
        #expect(planner.plan(paper.listing, onAir: [:], now: end + 90_000) == DeliveryPlan())
        // Everybody has seen it.
        plan = planner.plan(paper.listing, onAir: [:], now: end + 90_001)
        #expect(plan.removals.count == 12 && plan.writes.isEmpty)
        #expect(plan.removals.prefix(2).allSatisfy { $0.hasSuffix(".m3u8") })
        paper.apply(plan, at: end + 90_001)
        #expect(paper.files.isEmpty)
    }

    @Test func anEncoderComesBack() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        paper.apply(planner.plan(paper.listing, onAir: [:], now: now + 11_000), at: now + 11_000)
        #expect(paper.playlists[Rendition("a_src")!]?.isEnded == true)
        paper.rendition("a_src", segments: 0...5, at: now + 20_000)
        let plan = planner.plan(paper.listing, onAir: [:], now: now + 20_000)
        #expect(plan.writes.map(\.name) == ["a.m3u8"])
    }

    @Test func endedByItsWriter() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now, isEnded: true)
        paper.file("a.m3u8", at: now)
        let plan = planner.plan(paper.listing, onAir: [:], now: now)
        #expect(plan.removals == ["a.m3u8"] && plan.writes.isEmpty)
    }

    @Test func onAirButSilent() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        paper.rendition("a_480p", segments: 0...4, at: now)
        paper.file("a.m3u8", at: now)
        let plan = planner.plan(paper.listing, onAir: onAir(), now: now + 600_000)
        // What a dead transcoder left goes; the source stays, and so does the master.
        #expect(plan.removals.allSatisfy { $0.hasPrefix("a_480p") } && plan.removals.count == 6)
        #expect(plan.writes.isEmpty && plan.streams.isEmpty)
    }

    @Test func strays() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 100...104, at: now)
        // Of a run of SRS before this one, and one that has just slid out of the window.
        paper.file("a_src-1-1.ts", at: now - 90_001)
        paper.file("a_src-1-99.ts", at: now - 60_000)
        paper.file("a_src-1-105.ts.tmp", at: now)
        paper.file("a_src-1-50.ts.tmp", at: now - 61_000)
        paper.file("b.m3u8", at: now)
        paper.file("c_src-1-1.ts", at: now - 90_001)
        let plan = planner.plan(paper.listing, onAir: onAir(), now: now)
        #expect(plan.removals == ["a_src-1-50.ts.tmp", "a_src-1-1.ts", "b.m3u8", "c_src-1-1.ts"])
    }

    @Test func aPlaylistThatCannotBeReadProtectsNothingYoung() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        paper.playlists = [:]
        #expect(planner.plan(paper.listing, onAir: [:], now: now) == DeliveryPlan())
        #expect(planner.plan(paper.listing, onAir: [:], now: now + 90_001).removals.count == 6)
    }

    @Test func anEndThatNobodySaw() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        let late = now + 86_400_000
        var plan = planner.plan(paper.listing, onAir: [:], now: late)
        #expect(plan.writes.map(\.name) == ["a_src.m3u8"] && plan.removals.isEmpty)
        paper.apply(plan, at: late)
        plan = planner.plan(paper.listing, onAir: [:], now: late + 90_001)
        #expect(plan.removals.count == 6)
    }

    @Test func aBeginningIsNotAnEnd() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.files["a_src.m3u8"] = (8, now)
        paper.playlists[Rendition("a_src")!] = MediaPlaylist.parse("#EXTM3U\n")
        #expect(planner.plan(paper.listing, onAir: [:], now: now) == DeliveryPlan())
    }

    @Test func mediaCanBeKept() {
        var planner = DeliveryPlanner(testSettings { $0.cleanupEnabled = false })
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        paper.file("a.m3u8", at: now)
        paper.file("a_src-1-9.ts.tmp", at: now)
        let plan = planner.plan(paper.listing, onAir: [:], now: now + 1_000_000)
        #expect(plan.removals == ["a_src-1-9.ts.tmp", "a.m3u8"])
        #expect(plan.writes.map(\.name) == ["a_src.m3u8"])
    }

    @Test func countsNewSegments() {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        #expect(planner.plan(paper.listing, onAir: [:], now: now).newSegments.isEmpty)
        paper.rendition("a_src", segments: 1...6, at: now)
        paper.rendition("b_144p", segments: 0...0, at: now)
        #expect(planner.plan(paper.listing, onAir: [:], now: now).newSegments == ["src": 2, "144p": 1])
    }

    @Test func anEncoderWithOtherSettingsIsProbedAgain() throws {
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        paper.rendition("a_src", segments: 0...4, at: now)
        let first = planner.plan(paper.listing, onAir: [:], now: now)
        planner.learn(SegmentProbe(try fixture("head.ts")), of: first.probes[0])
        paper.playlists[Rendition("a_src")!]?.discontinuities += 1
        #expect(planner.plan(paper.listing, onAir: [:], now: now).probes.count == 1)
        // Until it is known, the old answer stands.
        #expect(planner.plan(paper.listing, onAir: [:], now: now).writes[0].text.contains("avc1.42c01f"))
    }

    /// Whatever happens, no segment that a fresh playlist names is removed, and nothing that isn't ours.
    @Test(arguments: 0..<50)
    func neverWhatAPlaylistNames(_ seed: Int) {
        var random = SeededRandom(seed)
        var planner = DeliveryPlanner(testSettings())
        var paper = Paper()
        var clock = now
        var first = 0
        for _ in 0..<60 {
            clock += Int64.random(in: 500...40_000, using: &random)
            for text in ["a_src", "a_480p", "b_src"] where Bool.random(using: &random) {
                first += Int.random(in: 0...3, using: &random)
                paper.rendition(
                    text, segments: first...(first + 4), at: clock, isEnded: Int.random(in: 0..<8, using: &random) == 0)
            }
            let isOnAir = Bool.random(using: &random)
            let plan = planner.plan(paper.listing, onAir: isOnAir ? onAir() : [:], now: clock)
            for (rendition, playlist) in paper.playlists {
                guard let file = paper.files[rendition.playlistName], clock - file.modified <= 90_000 else { continue }
                #expect(!plan.removals.contains(rendition.playlistName))
                #expect(playlist.segments.allSatisfy { !plan.removals.contains($0.name) })
            }
            #expect(plan.removals.allSatisfy { HLSFileName($0) != nil })
            #expect(plan.writes.allSatisfy { HLSFileName($0.name) != nil })
            #expect(Set(plan.removals).isDisjoint(with: plan.writes.map(\.name)))
            paper.apply(plan, at: clock)
            plan.writes.forEach { planner.didWrite($0) }
        }
    }
}
