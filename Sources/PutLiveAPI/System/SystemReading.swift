#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the kernel says of the host, as it says it. A file that can't be read is empty.
public struct SystemReading: Sendable {
    /// /proc/stat
    public var stat = ""
    /// /proc/meminfo
    public var meminfo = ""
    /// /proc/net/dev
    public var networkDevices = ""
    /// /proc/loadavg
    public var loadAverage = ""
    /// /proc/uptime
    public var uptime = ""
    /// Of the file system of the data.
    public var disk: DiskSpace?

    /// Nothing is known.
    public init() {}

    /// Reads this host. The disk is the one that holds `path`.
    public static func current(diskPath path: String) -> SystemReading {
        var reading = SystemReading()
        reading.stat = ProcFile.text("/proc/stat") ?? ""
        reading.meminfo = ProcFile.text("/proc/meminfo") ?? ""
        reading.networkDevices = ProcFile.text("/proc/net/dev") ?? ""
        reading.loadAverage = ProcFile.text("/proc/loadavg", limit: 256) ?? ""
        reading.uptime = ProcFile.text("/proc/uptime", limit: 256) ?? ""
        reading.disk = DiskSpace(path: path)
        return reading
    }
}

/// The size of a file system, in bytes.
public struct DiskSpace: Sendable, Equatable {
    /// All of it.
    public var total: Int64
    /// Free, that kept for root included.
    public var free: Int64
    /// Free for an ordinary user.
    public var available: Int64

    /// All fields.
    public init(total: Int64, free: Int64, available: Int64) {
        self.total = total
        self.free = free
        self.available = available
    }

    /// Of the file system that holds `path`; nil where there is no such path.
    public init?(path: String) {
        var status = statvfs()
        while statvfs(path, &status) != 0 {
            guard errno == EINTR else { return nil }
        }
        let block = Int64(clamping: status.f_frsize)
        func bytes(_ blocks: some BinaryInteger) -> Int64 {
            let (bytes, isTooLarge) = Int64(clamping: blocks).multipliedReportingOverflow(by: block)
            return isTooLarge ? .max : bytes
        }
        self.init(
            total: bytes(status.f_blocks), free: bytes(status.f_bfree), available: bytes(status.f_bavail))
    }
}
