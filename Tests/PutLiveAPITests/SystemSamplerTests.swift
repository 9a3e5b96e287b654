import Foundation
import Synchronization
import Testing

@testable import PutLiveAPI

@Suite struct SystemSamplerTests {
    private static func reading(
        uptime: Double, cpu: String = "cpu  100 0 100 800 0 0 0 0 0 0", network: String = ""
    ) -> SystemReading {
        var reading = SystemReading()
        reading.stat = cpu + "\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5 0 0\nbtime 1700000000\n"
        reading.meminfo = """
            MemTotal:        1000000 kB
            MemFree:          100000 kB
            MemAvailable:     750000 kB
            SwapTotal:       2000000 kB
            SwapFree:        1500000 kB
            HugePages_Total:       0

            """
        reading.networkDevices = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

            """ + network
        reading.loadAverage = "0.50 0.25 0.13 1/123 4567\n"
        reading.uptime = "\(uptime) 8000.00\n"
        reading.disk = DiskSpace(total: 10_000, free: 4_000, available: 3_000)
        return reading
    }

    private static func device(_ name: String, _ received: Int64, _ sent: Int64) -> String {
        "  \(name): \(received) 1 0 0 0 0 0 0 \(sent) 1 0 0 0 0 0 0\n"
    }

    @Test func gaugesOfOneReading() {
        var sampler = SystemSampler()
        let snapshot = sampler.snapshot(of: Self.reading(uptime: 12_345.67))
        #expect(snapshot.cpuPercent == 0)
        #expect(snapshot.cpuCount == 2)
        #expect(snapshot.load == [0.5, 0.25, 0.13])
        #expect(snapshot.memory == .init(totalBytes: 1_024_000_000, usedBytes: 256_000_000))
        #expect(snapshot.memory.percent == 25)
        #expect(snapshot.swap == .init(totalBytes: 2_048_000_000, usedBytes: 512_000_000))
        #expect(snapshot.disk.totalBytes == 10_000)
        #expect(snapshot.disk.usedBytes == 6_000)
        #expect(snapshot.disk.percent == 66.7)
        #expect(snapshot.uptimeSeconds == 12_345)
        #expect(snapshot.network == .init())
    }

    @Test func ratesAreOfTwoReadings() {
        var sampler = SystemSampler()
        let devices = { (factor: Int64) in
            Self.device("lo", 9_000 * factor, 9_000 * factor) + Self.device("eth0", 1_000 * factor, 500 * factor)
                + Self.device("ens5", 10 * factor, 20 * factor) + Self.device("veth1", 7_000 * factor, 7_000 * factor)
                + Self.device("eth0.7", 7_000 * factor, 7_000 * factor) + Self.device("docker0", 7 * factor, 7 * factor)
        }
        _ = sampler.snapshot(of: Self.reading(uptime: 100, network: devices(1)))
        let snapshot = sampler.snapshot(
            of: Self.reading(uptime: 110, cpu: "cpu  150 10 120 950 20 0 0 0 0 0", network: devices(11)))
        // 250 ticks, of which 170 were idle.
        #expect(snapshot.cpuPercent == 32)
        #expect(snapshot.network.receivedBytesPerSecond == 1_010)
        #expect(snapshot.network.sentBytesPerSecond == 520)
    }

    @Test func hostOfVirtualInterfacesAloneCountsThem() {
        var sampler = SystemSampler()
        _ = sampler.snapshot(of: Self.reading(uptime: 100, network: Self.device("veth0", 0, 0)))
        let snapshot = sampler.snapshot(of: Self.reading(uptime: 102, network: Self.device("veth0", 200, 100)))
        #expect(snapshot.network == network(100, 50))
    }

    private func network(_ received: Int64, _ sent: Int64) -> SystemSnapshot.Network {
        var network = SystemSnapshot.Network()
        network.receivedBytesPerSecond = received
        network.sentBytesPerSecond = sent
        return network
    }

    @Test func tooNearReadingsKeepTheRates() {
        var sampler = SystemSampler()
        _ = sampler.snapshot(of: Self.reading(uptime: 100, network: Self.device("eth0", 0, 0)))
        _ = sampler.snapshot(of: Self.reading(uptime: 110, network: Self.device("eth0", 1_000, 1_000)))
        let near = sampler.snapshot(of: Self.reading(uptime: 110.9, network: Self.device("eth0", 9_000, 9_000)))
        #expect(near.network == network(100, 100))
        let later = sampler.snapshot(of: Self.reading(uptime: 112, network: Self.device("eth0", 9_000, 9_000)))
        #expect(later.network == network(4_000, 4_000))
    }

    @Test func whatBeganAnewCountsFromThen() {
        var sampler = SystemSampler()
        _ = sampler.snapshot(
            of: Self.reading(uptime: 100, cpu: "cpu  9 9 9 9 9", network: Self.device("eth0", 5_000, 5_000)))
        let snapshot = sampler.snapshot(
            of: Self.reading(
                uptime: 110, cpu: "cpu  1 1 1 1 1",
                network: Self.device("eth0", 10, 10) + Self.device("eth1", 99_999, 99_999)))
        #expect(snapshot.network == .init())
        #expect(snapshot.cpuPercent == 0)
        // Idle time that falls counts as no idle time.
        _ = sampler.snapshot(of: Self.reading(uptime: 120, cpu: "cpu  0 0 0 100 0"))
        #expect(sampler.snapshot(of: Self.reading(uptime: 130, cpu: "cpu  50 0 0 90 0")).cpuPercent == 100)
    }

    @Test func nothingReadableIsZero() {
        var sampler = SystemSampler()
        #expect(sampler.snapshot(of: SystemReading()) == SystemSnapshot())
        #expect(sampler.snapshot(of: SystemReading()) == SystemSnapshot())
    }

    @Test(arguments: [
        "", "cpu", "cpu \n", "cpu  x y z a b\n", "cpu  99999999999999999999 1 1 1\n", "eth0:",
        "  eth0: 1 2\n\n  eth0: x",
        "a b\nc d\n  : 1 2 3 4 5 6 7 8 9\n -1: -1 2 3 4 5 6 7 8 -9", "MemTotal: -5 kB\nMemAvailable: 9999 kB",
        "nan inf 1", "1e400 2 3", "-1 -1 -1", "MemTotal: 9223372036854775807 kB\nMemAvailable: 0 kB",
        "cpu 9223372036854775807 9223372036854775807 9223372036854775807 9223372036854775807 9 9 9 9 9",
    ])
    func nonsenseDoesNoHarm(_ text: String) {
        var reading = SystemReading()
        reading.stat = text
        reading.meminfo = text
        reading.networkDevices = text
        reading.loadAverage = text
        reading.uptime = text
        reading.disk = DiskSpace(total: -1, free: 5, available: 0)
        var sampler = SystemSampler()
        for _ in 0..<3 {
            let snapshot = sampler.snapshot(of: reading)
            #expect((0...100).contains(snapshot.cpuPercent))
            #expect((0...100).contains(snapshot.memory.percent))
            #expect((0...100).contains(snapshot.disk.percent))
            #expect(snapshot.memory.usedBytes >= 0)
        }
    }

    @Test func jsonIsTheAPIs() throws {
        var sampler = SystemSampler()
        let data = try JSONEncoder().encode(sampler.snapshot(of: Self.reading(uptime: 60)))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys)
                == ["cpu_percent", "cpu_count", "load", "memory", "swap", "disk", "network", "uptime_seconds"])
        for name in ["memory", "swap", "disk"] {
            let usage = try #require(object[name] as? [String: Any])
            #expect(Set(usage.keys) == ["total_bytes", "used_bytes", "percent"])
        }
        let network = try #require(object["network"] as? [String: Any])
        #expect(Set(network.keys) == ["received_bytes_per_second", "sent_bytes_per_second"])
        #expect((object["load"] as? [Double])?.count == 3)
        #expect(try JSONDecoder().decode(SystemSnapshot.self, from: data).uptimeSeconds == 60)
    }

    @Test func monitorKeepsTheReadingBefore() {
        let count = Mutex(0.0)
        let monitor = SystemMonitor {
            let time = count.withLock { count in
                count += 1
                return count
            }
            return Self.reading(uptime: 10 * time, network: Self.device("eth0", Int64(time) * 1_000, 0))
        }
        #expect(monitor.snapshot().network.receivedBytesPerSecond == 100)
    }

    #if os(Linux)
        @Test func readsThisHost() {
            let snapshot = SystemMonitor(diskPath: "/").snapshot()
            #expect(snapshot.cpuCount >= 1)
            #expect(snapshot.memory.totalBytes > 1 << 26)
            #expect((1...snapshot.memory.totalBytes).contains(snapshot.memory.usedBytes))
            #expect(snapshot.disk.totalBytes > 0)
            #expect(snapshot.uptimeSeconds > 0)
            #expect(SystemReading.current(diskPath: "/nowhere/at/all").disk == nil)
        }

        @Test func filesAreReadUpToALimit() {
            #expect(ProcFile.text("/proc/self/stat", limit: 3)?.utf8.count == 3)
            #expect(ProcFile.text("/proc/nowhere") == nil)
            #expect(ProcFile.text("/proc") == nil)
            #expect(ProcFile.countEntries("/proc/nowhere") == nil)
            #expect(ProcFile.countEntries("/proc/self/fd").map { $0 > 2 } == true)
        }
    #endif
}
