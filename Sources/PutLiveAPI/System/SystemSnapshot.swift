/// The host's gauges: `GET /api/system`, without its services.
public struct SystemSnapshot: Sendable, Equatable, Codable {
    /// How much of something is used.
    public struct Usage: Sendable, Equatable, Codable {
        /// In bytes.
        public var totalBytes: Int64
        /// In bytes.
        public var usedBytes: Int64
        /// 0 to 100, with one decimal.
        public var percent: Double

        /// Percent of `totalBytes`; nothing of nothing is 0 %.
        public init(totalBytes: Int64, usedBytes: Int64) {
            self.init(totalBytes: totalBytes, usedBytes: usedBytes, of: totalBytes)
        }

        /// Percent of `usable`, which may be less than the total.
        init(totalBytes: Int64, usedBytes: Int64, of usable: Int64) {
            self.totalBytes = totalBytes
            self.usedBytes = usedBytes
            percent = usable > 0 ? SystemSnapshot.percent(Double(usedBytes) / Double(usable)) : 0
        }

        private enum CodingKeys: String, CodingKey {
            case totalBytes = "total_bytes"
            case usedBytes = "used_bytes"
            case percent
        }
    }

    /// Traffic of the network interfaces together, the loopback left out.
    public struct Network: Sendable, Equatable, Codable {
        /// Mean since the sample before.
        public var receivedBytesPerSecond: Int64 = 0
        /// Mean since the sample before.
        public var sentBytesPerSecond: Int64 = 0

        private enum CodingKeys: String, CodingKey {
            case receivedBytesPerSecond = "received_bytes_per_second"
            case sentBytesPerSecond = "sent_bytes_per_second"
        }
    }

    /// Of all processors together, 0 to 100, with one decimal; mean since the sample before.
    public var cpuPercent = 0.0
    /// Processors.
    public var cpuCount = 0
    /// Load averages of 1, 5 and 15 minutes.
    public var load = [0.0, 0, 0]
    /// Used is what programs couldn't have without swapping.
    public var memory = Usage(totalBytes: 0, usedBytes: 0)
    /// 0 bytes in total where there is none.
    public var swap = Usage(totalBytes: 0, usedBytes: 0)
    /// The file system of the data; percent is of what an ordinary user may use, as df says.
    public var disk = Usage(totalBytes: 0, usedBytes: 0)
    /// Traffic now.
    public var network = Network()
    /// How long the host runs.
    public var uptimeSeconds: Int64 = 0

    /// All zero.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case cpuPercent = "cpu_percent"
        case cpuCount = "cpu_count"
        case load, memory, swap, disk, network
        case uptimeSeconds = "uptime_seconds"
    }

    /// Percent with one decimal, within 0 and 100.
    static func percent(_ share: Double) -> Double {
        guard share.isFinite else { return 0 }
        return (min(max(share, 0), 1) * 1_000).rounded() / 10
    }
}
