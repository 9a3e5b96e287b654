import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import PutLiveLive

@Suite struct ServiceTests {
    @Test func everyServiceStopsWhenAsked() async throws {
        let folder = try TemporaryFolder()
        let house = TestHouse(testSettings { $0.hlsFolder = folder.path })
        let http = TestHTTP()
        let poller = SRSPoller(
            client: SRSClient(.init(), http: http), live: house.live, settings: house.settings,
            metrics: house.liveMetrics, logger: house.log.logger)
        poller.kick("c1")
        let watch = TranscoderWatch(
            settings: house.settings, rtmpPort: 1935, metrics: house.liveMetrics, processes: { [] })
        let delivery = DeliveryLoop(
            live: house.live, settings: house.settings, metrics: house.liveMetrics, logger: house.log.logger)
        let group = ServiceGroup(services: [poller, watch, delivery], logger: house.log.logger)
        let running = Task { try await group.run() }
        // Each has begun when it has left its mark.
        while house.metrics["putlive_srs_api_errors_total"] != 1 || house.metrics["putlive_ffmpeg_processes"] == nil
            || house.metrics["putlive_hls_tmpfs_size_bytes"] == nil
            || !http.requests.contains(where: { $0.hasPrefix("DELETE") })
        {
            await Task.yield()
        }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(WallClock.now() > 1_700_000_000_000)
    }
}
