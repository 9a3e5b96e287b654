import PutLiveLive
import Testing

@testable import PutLiveAPI

@Suite struct MetricsProcessTests {
    private static let stat =
        "4711 (a) b) c) S 1 4711 4711 0 -1 4194560 2711 0 0 0 250 50 0 0 20 0 9 0 12300 1073741824 2560 "
        + "18446744073709551615 1 1 0 0 0 0 0 4096 17642 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
    private static let status = "Name:\ta) b) c\nVmRSS:\t   10240 kB\nRssAnon:\t    3300 kB\nThreads:\t9\n"
    private static let limits = """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max open files            65536                524288               files

        """

    private static let reading = ProcessReading(
        stat: stat, status: status, limits: limits, openDescriptors: 12, pageSize: 4_096, ticks: 100)

    private static func registry() -> MetricsRegistry {
        MetricsRegistry(settings: MetricSettings(maximumStreams: 1, qualities: [], features: .all))
    }

    @Test func readsTheKernelsFiles() {
        let reading = Self.reading
        #expect(reading.cpuSeconds == 3)
        #expect(reading.startSeconds == 123)
        #expect(reading.virtualBytes == 1_073_741_824)
        #expect(reading.residentBytes == 10_485_760)
        #expect(reading.anonymousBytes == 3_379_200)
        #expect(reading.threads == 9)
        #expect(reading.openDescriptors == 12)
        #expect(reading.mostDescriptors == 65_536)
    }

    @Test(arguments: [
        "", "4711 (a", "4711 (a) S 1 2", ")", "Max open files", "Max open files   unlimited unlimited files",
    ])
    func whatIsMissingIsAbsent(_ text: String) {
        let reading = ProcessReading(
            stat: text, status: text, limits: text, openDescriptors: nil, pageSize: 4_096, ticks: 100)
        #expect(
            reading
                == ProcessReading(
                    stat: "", status: "", limits: "", openDescriptors: nil, pageSize: 4_096, ticks: 100))
        #expect(reading.cpuSeconds == nil && reading.mostDescriptors == nil && reading.threads == nil)
    }

    @Test func showsThemAtEachScrape() {
        let registry = Self.registry()
        registry.collectProcess(now: 1_700_000_000_500, uptime: 1_123) { Self.reading }
        let text = String(decoding: registry.scrape(.text), as: UTF8.self)
        for sample in [
            "process_cpu_seconds_total 3", "process_start_time_seconds 1699999000.5", "process_open_fds 12",
            "process_max_fds 65536", "process_resident_memory_bytes 10485760",
            "process_virtual_memory_bytes 1073741824", "putlive_anonymous_memory_bytes 3379200", "putlive_threads 9",
        ] {
            #expect(text.contains("\n\(sample)\n"), "\(sample)")
        }
    }

    @Test func whatCannotBeReadHasNoSample() {
        let registry = Self.registry()
        registry.collectProcess(now: 0, uptime: nil) {
            ProcessReading(stat: "", status: "", limits: "", openDescriptors: nil, pageSize: 4_096, ticks: 100)
        }
        let text = String(decoding: registry.scrape(.text), as: UTF8.self)
        #expect(!text.contains("\nprocess_open_fds "))
        #expect(!text.contains("\nprocess_start_time_seconds "))
        #expect(text.contains("\nprocess_cpu_seconds_total 0\n"))
    }

    #if os(Linux)
        @Test func readsThisProcess() throws {
            let registry = Self.registry()
            registry.collectProcess(now: WallClock.now())
            _ = registry.scrape(.text)
            let start = try #require(registry.gauge("process_start_time_seconds").value)
            #expect(start > 1_600_000_000)
            #expect(start <= Double(WallClock.now()) / 1_000 + 1)
            #expect(try #require(registry.gauge("process_open_fds").value) >= 3)
            #expect(try #require(registry.gauge("putlive_threads").value) >= 1)
            #expect(try #require(registry.gauge("putlive_anonymous_memory_bytes").value) > 100_000)
        }
    #endif
}
