import PutLiveLive

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the kernel says of the agent's process.
struct ProcessReading: Equatable {
    var cpuSeconds: Double?
    var startSeconds: Double?
    var virtualBytes: Double?
    var residentBytes: Double?
    var anonymousBytes: Double?
    var threads: Double?
    var openDescriptors: Double?
    var mostDescriptors: Double?

    /// - Parameters:
    ///   - stat: /proc/self/stat
    ///   - status: /proc/self/status
    ///   - limits: /proc/self/limits
    ///   - ticks: A second's.
    init(stat: String, status: String, limits: String, openDescriptors: Int?, pageSize: Double, ticks: Double) {
        self.openDescriptors = openDescriptors.map(Double.init)
        // The second field is the program's name in brackets, which may hold anything.
        if let bracket = stat.lastIndex(of: ")") {
            let fields = stat[stat.index(after: bracket)...].split(separator: " ")
            // Numbered as in proc_pid_stat(5), where the field after the name is the third.
            func field(_ number: Int) -> Double? { number - 3 < fields.count ? Double(fields[number - 3]) : nil }
            if let user = field(14), let system = field(15) { cpuSeconds = (user + system) / ticks }
            startSeconds = field(22).map { $0 / ticks }
            virtualBytes = field(23)
            residentBytes = field(24).map { $0 * pageSize }
        }
        for line in status.split(separator: "\n").prefix(100) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, let value = Double(words[1]) else { continue }
            switch words[0] {
            case "RssAnon:": anonymousBytes = value * 1_024
            case "Threads:": threads = value
            default: break
            }
        }
        for line in limits.split(separator: "\n").prefix(50) where line.hasPrefix("Max open files ") {
            // The soft limit is the fourth word; `unlimited` is no number, so there is no sample of it.
            let words = line.split(separator: " ")
            mostDescriptors = words.count > 3 ? Double(words[3]) : nil
        }
    }

    static func current() -> ProcessReading {
        ProcessReading(
            stat: ProcFile.text("/proc/self/stat", limit: 4_096) ?? "",
            status: ProcFile.text("/proc/self/status", limit: 16_384) ?? "",
            limits: ProcFile.text("/proc/self/limits", limit: 16_384) ?? "",
            // The folder itself is open while it is read.
            openDescriptors: ProcFile.countEntries("/proc/self/fd").map { max($0 - 1, 0) },
            pageSize: Double(sysconf(Int32(_SC_PAGESIZE))), ticks: Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}

extension MetricsRegistry {
    /// Shows the agent's own process: the families `process_…`, its memory and its threads, read at each scrape.
    ///
    /// When it started is reckoned once, from the time now and the host's uptime, so that it doesn't waver.
    public func collectProcess(now: UnixMilliseconds) {
        let uptime = ProcFile.text("/proc/uptime", limit: 256).flatMap { text in
            text.split(separator: " ").first.flatMap { Double($0) }
        }
        collectProcess(now: now, uptime: uptime) { ProcessReading.current() }
    }

    func collectProcess(now: UnixMilliseconds, uptime: Double?, read: @escaping @Sendable () -> ProcessReading) {
        if let uptime, let start = read().startSeconds {
            gauge("process_start_time_seconds").set(Double(now) / 1_000 - (uptime - start))
        }
        let cpu = counter("process_cpu_seconds_total")
        let gauges: [(MetricGauge, @Sendable (ProcessReading) -> Double?)] = [
            (gauge("process_resident_memory_bytes"), { $0.residentBytes }),
            (gauge("process_virtual_memory_bytes"), { $0.virtualBytes }),
            (gauge("process_open_fds"), { $0.openDescriptors }),
            (gauge("process_max_fds"), { $0.mostDescriptors }),
            (gauge("putlive_anonymous_memory_bytes"), { $0.anonymousBytes }),
            (gauge("putlive_threads"), { $0.threads }),
        ]
        onCollect {
            let reading = read()
            if let seconds = reading.cpuSeconds { cpu.raise(to: seconds) }
            for (gauge, value) in gauges {
                if let value = value(reading) { gauge.set(value) } else { gauge.clear() }
            }
        }
    }
}
