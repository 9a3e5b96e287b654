/// Time of all processors since the host started, in ticks of the kernel.
struct ProcessorTime: Equatable {
    var total: Int64 = 0
    var idle: Int64 = 0

    /// Of the first line of /proc/stat: `cpu  user nice system idle iowait irq softirq steal guest guest_nice`. The
    /// guests' time is in user and nice already.
    init(stat: String) {
        guard let line = stat.split(separator: "\n", maxSplits: 1).first, line.hasPrefix("cpu ") else { return }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).map { min(max(Int64($0) ?? 0, 0), 1 << 56) }
        guard ticks.count >= 4 else { return }
        total = ticks.reduce(0, +)
        // Waiting for a disk is idling.
        idle = ticks[3] + (ticks.count > 4 ? ticks[4] : 0)
    }

    /// The kernel lets idle time fall now and then; what isn't above the value before counts as no time.
    func busyPercent(since before: ProcessorTime) -> Double {
        let total = total - before.total
        guard total > 0 else { return 0 }
        return SystemSnapshot.percent(1 - Double(max(idle - before.idle, 0)) / Double(total))
    }

    /// The lines `cpu0`, `cpu1`, … of /proc/stat.
    static func count(stat: String) -> Int {
        stat.split(separator: "\n").prefix(4_097).count { $0.hasPrefix("cpu") && !$0.hasPrefix("cpu ") }
    }
}

/// Bytes that went over a network interface.
struct Traffic: Equatable {
    var received: Int64
    var sent: Int64

    /// Whose bytes go over another interface as well: bridges, tunnels, and what joins or parts cards.
    private static let virtual = [
        "veth", "docker", "br-", "virbr", "tun", "tap", "wg", "bond", "team", "dummy", "ifb", "podman", "cni",
        "flannel",
    ]

    /// Of /proc/net/dev, by interface. The loopback is left out; so is what would count bytes twice, unless there is
    /// nothing else.
    static func byInterface(_ text: String) -> [String: Traffic] {
        var all: [String: Traffic] = [:]
        for line in text.split(separator: "\n").dropFirst(2).prefix(64) {
            guard let colon = line.lastIndex(of: ":") else { continue }
            let name = String(line[..<colon].drop(while: { $0 == " " }))
            let counters = line[line.index(after: colon)...].split(separator: " ")
            guard name != "lo", counters.count >= 9, let received = Int64(counters[0]), let sent = Int64(counters[8]),
                received >= 0, sent >= 0
            else { continue }
            all[name] = Traffic(received: received, sent: sent)
        }
        let real = all.filter { name, _ in !name.contains(".") && !virtual.contains { name.hasPrefix($0) } }
        return real.isEmpty ? all : real
    }
}
