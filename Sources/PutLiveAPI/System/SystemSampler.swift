/// Makes snapshots of the kernel's files. It keeps the counters of the reading before, for rates are of two readings.
struct SystemSampler {
    /// Readings nearer to each other give no rates of worth; the rates of the snapshot before stand for theirs.
    private static let shortestInterval = 1.0

    /// Counters of the last reading that rates were made of.
    private struct Counters {
        var time: Double
        var processors: ProcessorTime
        var traffic: [String: Traffic]
    }

    private var last: Counters?
    private var cpuPercent = 0.0
    private var network = SystemSnapshot.Network()

    mutating func snapshot(of reading: SystemReading) -> SystemSnapshot {
        let uptime = Self.numbers(reading.uptime).first ?? 0
        updateRates(
            Counters(
                time: uptime, processors: ProcessorTime(stat: reading.stat),
                traffic: Traffic.byInterface(reading.networkDevices)))

        var snapshot = SystemSnapshot()
        snapshot.cpuPercent = cpuPercent
        snapshot.cpuCount = ProcessorTime.count(stat: reading.stat)
        let load = Self.numbers(reading.loadAverage)
        if load.count >= 3 { snapshot.load = Array(load[..<3]) }
        let memory = Self.memory(reading.meminfo)
        snapshot.memory = Self.usage(total: memory["MemTotal"], free: memory["MemAvailable"])
        snapshot.swap = Self.usage(total: memory["SwapTotal"], free: memory["SwapFree"])
        if let disk = reading.disk {
            let used = max(disk.total - disk.free, 0)
            snapshot.disk = .init(totalBytes: disk.total, usedBytes: used, of: used + disk.available)
        }
        snapshot.network = network
        snapshot.uptimeSeconds = Int64(uptime)
        return snapshot
    }

    private mutating func updateRates(_ now: Counters) {
        guard let before = last else {
            last = now
            return
        }
        let seconds = now.time - before.time
        guard seconds >= Self.shortestInterval else { return }
        cpuPercent = now.processors.busyPercent(since: before.processors)
        network = .init()
        for (name, traffic) in now.traffic {
            // One that came in between, or whose counters began anew, counts from the next reading on.
            guard let start = before.traffic[name], traffic.received >= start.received, traffic.sent >= start.sent
            else { continue }
            network.receivedBytesPerSecond += Int64(Double(traffic.received - start.received) / seconds)
            network.sentBytesPerSecond += Int64(Double(traffic.sent - start.sent) / seconds)
        }
        last = now
    }

    /// Numbers at the start of a text, parted by blanks.
    private static func numbers(_ text: String) -> [Double] {
        var numbers: [Double] = []
        for word in text.split(whereSeparator: \.isWhitespace).prefix(8) {
            guard let number = Double(word), number.isFinite, number >= 0, number < 1e15 else { break }
            numbers.append(number)
        }
        return numbers
    }

    /// Values of /proc/meminfo in bytes.
    private static func memory(_ text: String) -> [Substring: Int64] {
        var values: [Substring: Int64] = [:]
        for line in text.split(separator: "\n").prefix(100) {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, words[0].hasSuffix(":"), let kibibytes = Int64(words[1]), kibibytes >= 0 else {
                continue
            }
            values[words[0].dropLast()] = min(kibibytes, 1 << 50) * 1_024
        }
        return values
    }

    private static func usage(total: Int64?, free: Int64?) -> SystemSnapshot.Usage {
        guard let total, let free else { return .init(totalBytes: 0, usedBytes: 0) }
        return .init(totalBytes: total, usedBytes: max(total - free, 0))
    }
}
