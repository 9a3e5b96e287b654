import Synchronization
import Testing

@testable import PutLiveMedia

@Suite struct MediaPipelineTests {
    private final class Events: Sendable {
        let all = Mutex<[PipelineEvent]>([])
        func contains(_ event: PipelineEvent) -> Bool { all.withLock { $0.contains(event) } }
    }

    private let folder: HLSFolderFixture
    private let events = Events()

    init() throws { folder = try HLSFolderFixture() }

    private func frames(seconds: Double) throws -> [MediaFrame] {
        let pictures = try HLSSample.pictures(seconds: seconds)
        let sets = try #require(Self.parameterSets(pictures.format.avcC))
        let video = pictures.packets.map {
            MediaFrame(
                codec: .h264, presentationTime: $0.presentationTime, isKeyframe: $0.isKeyframe,
                data: $0.isKeyframe ? sets + $0.data : $0.data)
        }
        let sound = try OpusSample().frames(seconds: seconds, OpusSample.tone)
        return (video + sound).sorted { $0.presentationTime < $1.presentationTime }
    }

    /// SPS and PPS as they come in front of a keyframe.
    private static func parameterSets(_ avcC: [UInt8]) -> [UInt8]? {
        guard avcC.count > 8 else { return nil }
        let sps = Array(avcC[8..<8 + Int(avcC[6]) << 8 + Int(avcC[7])])
        let start = 8 + sps.count + 3
        return ParameterSetsTests.accessUnit([sps, Array(avcC[start..<start + Int(avcC[start - 1])])])
    }

    private func run(_ outputs: [OutputSettings], _ frames: [MediaFrame], mayResume: Bool = false) async throws
        -> PipelineStatistics
    {
        let events = events
        let pipeline = try MediaPipeline(PipelineSettings(name: "test", outputs: outputs)) { event in
            events.all.withLock { $0.append(event) }
        }
        for frame in frames { pipeline.send(frame) }
        await pipeline.finish(mayResume: mayResume)
        return pipeline.statistics
    }

    @Test func writesFilesThatDecode() async throws {
        let hls = HLSSettings(liveFolder: folder.path, stream: "a")
        let frames = try frames(seconds: 5)
        let statistics = try await run([.hls(hls), .recording(path: folder.path("a.mp4"))], frames)
        let recorded = try HLSReading(folder.path("a.mp4"))
        #expect(recorded.errors == 0 && recorded.sizes.count == 150 && recorded.soundFrames > 225)
        let segments = folder.names.filter { $0.hasSuffix(".ts") }
        #expect(segments.count == 3)
        #expect(folder.text("a_src.m3u8").contains("#EXT-X-ENDLIST"))
        #expect(statistics.videoFrames == 150 && statistics.dropped.isEmpty)
        for kind in [OutputKind.hls, .recording] {
            #expect(events.contains(.outputConnected(kind)) && events.contains(.firstPacketWritten(kind)))
        }
    }

    @Test func leavesHLSOpenForOneWhoMayComeBack() async throws {
        let hls = HLSSettings(liveFolder: folder.path, stream: "a")
        _ = try await run([.hls(hls)], try frames(seconds: 3), mayResume: true)
        #expect(folder.text("a_src.m3u8").contains("#EXTINF"))
        #expect(!folder.text("a_src.m3u8").contains("#EXT-X-ENDLIST"))
    }

    @Test func publishesAndTellsOfIt() async throws {
        let statistics = try await run([.rtmp(url: "file:" + folder.path("a.flv"))], try frames(seconds: 2))
        let reading = try HLSReading(folder.path("a.flv"))
        #expect(reading.errors == 0 && reading.sizes.count == 60)
        #expect(events.contains(.outputConnected(.rtmp)) && events.contains(.firstPacketWritten(.rtmp)))
        #expect(statistics.rtmp?.connects == 1 && statistics.rtmp?.isConnected == false)
        #expect((statistics.rtmp?.sentBytes ?? 0) > 1000)
    }

    @Test func tellsThatNobodyIsThere() async throws {
        let statistics = try await run([.rtmp(url: "file:/nowhere/a.flv?key=secret")], try frames(seconds: 2))
        let lost = MediaError(.connection, "can't reach the RTMP server: No such file or directory")
        #expect(events.contains(.outputLost(.rtmp, reason: lost, willRetry: true)))
        #expect(statistics.rtmp?.failures == 1 && statistics.rtmp?.connects == 0)
    }

    @Test func endsOnceForAll() async {
        let completion = Completion()
        let first = Task { await completion.wait() }
        let second = Task { await completion.wait() }
        completion.complete()
        completion.complete()
        await first.value
        await second.value
        await completion.wait()
    }
}
