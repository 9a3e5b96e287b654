import Foundation
import Testing

@testable import PutLiveLive

@Suite struct LiveMetricsTests {
    /// The families of docs/metrics.md, each with its labels.
    private func documented() throws -> [String: Set<String>] {
        var folder = URL(filePath: #filePath)
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/docs/metrics.md") {
            folder.deleteLastPathComponent()
        }
        let text = try String(contentsOf: folder.appending(path: "docs/metrics.md"), encoding: .utf8)
        var families: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `putlive_") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let name = cells[0].trimmingCharacters(in: ["`"])
            let labels = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: [" ", "`"]) }
            families[name] = Set(labels.filter { !$0.isEmpty })
        }
        return families
    }

    @Test func namesAndLabelsAreTheDocumented() throws {
        let house = TestHouse()
        house.begin("a")
        house.liveMetrics.streams.set(
            house.live.broadcasts(), viewers: { _ in StreamViewers() },
            segments: [
                Rendition("a_src")!: .init(seconds: 2, bytes: 1, modified: 1_900_000_000_000)
            ])
        house.liveMetrics.srs?.set(SRSHealth(isUp: true, startedAt: 1), clients: 0, streams: 0)
        house.liveMetrics.srs?.transcoders.set(0)
        house.liveMetrics.tmpfsSize.set(1)
        house.liveMetrics.tmpfsUsed.set(1)
        for gauge in house.liveMetrics.streamsActive.values { gauge.set(0) }
        house.viewers.record(
            ViewerHit(
                time: 0, address: "a", userAgent: "", path: "/live/a.m3u8", status: 200, bytes: 0, seconds: 0.25))
        for kind in HitKind.allCases where kind != .master {
            house.viewers.record(
                ViewerHit(time: 0, address: "a", userAgent: "", path: "\(kind)", status: 200, bytes: 0, seconds: 0))
        }
        let documented = try documented()
        var seen: [String: Set<String>] = [:]
        for series in house.metrics.series {
            let parts = series.split(separator: "{")
            let labels =
                parts.count > 1 ? parts[1].dropLast().split(separator: ",").map { $0.prefix { $0 != "=" } } : []
            seen[String(parts[0]), default: []].formUnion(labels.map(String.init))
        }
        for (name, labels) in seen { #expect(documented[name] == labels, "\(name)") }
        let sections = [
            "putlive_stream", "putlive_ingest", "putlive_rendition", "putlive_ffmpeg", "putlive_viewer",
            "putlive_watch", "putlive_hls", "putlive_access_log", "putlive_srs",
        ]
        for name in documented.keys
        where sections.contains(where: name.hasPrefix) && name != "putlive_stream_keys_active" {
            #expect(seen[name] != nil, "\(name)")
        }
    }

    @Test func countersAreThereAtZero() {
        let metrics = TestMetrics()
        _ = LiveMetrics(settings: testSettings(), factory: metrics)
        #expect(metrics["putlive_streams_ended_total{reason=error,source=playout}"] == 0)
        #expect(metrics["putlive_stream_key_rejections_total{protocol=offer,reason=wrong_stream}"] == 0)
        #expect(metrics["putlive_srs_hooks_total{hook=on_hls,result=refused}"] == 0)
        #expect(metrics["putlive_hls_requests_total{kind=segment,status=5xx}"] == 0)
        #expect(metrics["putlive_hls_segments_written_total{quality=480p}"] == 0)
        #expect(metrics["putlive_hls_segments_written_total{quality=720p}"] == nil)
    }

    @Test func withoutSRSNothingOfIt() {
        let metrics = TestMetrics()
        let live = LiveMetrics(settings: testSettings { $0.engine = .embedded }, factory: metrics)
        live.hook(.publish, allowed: true)
        live.segmentsWritten(["src": 2, "invented": 5])
        #expect(!metrics.series.contains { $0.contains("srs") || $0.contains("ffmpeg") || $0.contains("480p") })
        #expect(metrics["putlive_hls_segments_written_total{quality=src}"] == 2)
        #expect(!metrics.series.contains { $0.contains("invented") })
    }

    @Test func whatIsOnAirIsCountedWhenAsked() {
        let house = TestHouse()
        house.begin("one")
        house.begin("two", client: "c2", source: .webrtc)
        house.live.showActive()
        #expect(house.metrics["putlive_streams_active{source=rtmp}"] == 1)
        #expect(house.metrics["putlive_streams_active{source=webrtc}"] == 1)
        #expect(house.metrics["putlive_streams_active{source=playout}"] == 0)
        house.live.end(name("one"), clientID: nil, reason: .stopped)
        house.live.showActive()
        #expect(house.metrics["putlive_streams_active{source=rtmp}"] == 0)
    }
}
