#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process of this host.
public struct ProcessEntry: Sendable, Equatable {
    /// Its number, which another process may get when it is gone.
    public var pid: Int32
    /// Its parent's.
    public var parent: Int32
    /// The user it runs as.
    public var user: UInt32
    /// When it started, in clock ticks since boot: with the number it names one process for good.
    public var startTicks: UInt64
    /// It has ended, and waits for its parent to take notice.
    public var isDefunct: Bool
    /// The name of its program, 15 bytes of it.
    public var command: String
    /// As it was called.
    public var arguments: [String]

    /// All fields.
    public init(
        pid: Int32, parent: Int32, user: UInt32, startTicks: UInt64, isDefunct: Bool = false, command: String,
        arguments: [String]
    ) {
        self.pid = pid
        self.parent = parent
        self.user = user
        self.startTicks = startTicks
        self.isDefunct = isDefunct
        self.command = command
        self.arguments = arguments
    }
}

/// The processes of this host, of /proc (proc(5)).
public enum ProcessTable {
    /// Clock ticks in a second; Linux tells user space 100 on every machine.
    public static let ticksPerSecond: UInt64 = 100
    private static let mostProcesses = 65_536

    /// All of them that can be read. One that ends meanwhile is left out.
    public static func read() -> [ProcessEntry] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var entries: [ProcessEntry] = []
        while entries.count < mostProcesses, let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), let process = self.entry(pid) { entries.append(process) }
        }
        return entries
    }

    /// One of them; nil if it isn't there.
    public static func entry(_ pid: Int32) -> ProcessEntry? {
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0, let text = contents("/proc/\(pid)/stat", limit: 4096),
            var process = parse(stat: String(decoding: text, as: UTF8.self))
        else { return nil }
        process.user = status.st_uid
        process.arguments = (contents("/proc/\(pid)/cmdline", limit: 32_768) ?? [])
            .split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        return process
    }

    /// What a process has used, user and system, in seconds; nil if it isn't there.
    public static func cpuSeconds(_ pid: Int) -> Double? {
        guard let text = contents("/proc/\(pid)/stat", limit: 4096),
            let fields = fields(stat: String(decoding: text, as: UTF8.self)), let user = UInt64(fields.rest[11]),
            let system = UInt64(fields.rest[12])
        else { return nil }
        return Double(user + system) / Double(ticksPerSecond)
    }

    /// Seconds since boot, in clock ticks; nil where there is no /proc.
    public static func uptimeTicks() -> UInt64? {
        guard let text = contents("/proc/uptime", limit: 256),
            let seconds = String(decoding: text, as: UTF8.self).split(separator: " ").first.flatMap({ Double($0) })
        else { return nil }
        return UInt64(seconds * Double(ticksPerSecond))
    }

    static func parse(stat text: String) -> ProcessEntry? {
        guard let fields = fields(stat: text), let parent = Int32(fields.rest[1]), let start = UInt64(fields.rest[19])
        else { return nil }
        return ProcessEntry(
            pid: fields.pid, parent: parent, user: 0, startTicks: start, isDefunct: fields.rest[0] == "Z",
            command: fields.command, arguments: [])
    }

    /// The name stands in brackets, and may hold blanks and brackets itself.
    private static func fields(stat text: String) -> (pid: Int32, command: String, rest: [Substring])? {
        guard let open = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"), open < end,
            let pid = Int32(text[..<open].filter { $0 != " " })
        else { return nil }
        let rest = text[end...].dropFirst().split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard rest.count >= 20 else { return nil }
        return (pid, String(text[text.index(after: open)..<end]), rest)
    }

    private static func contents(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            filled = 0
            while filled < limit, let base = buffer.baseAddress {
                let count = systemRead(file, base + filled, limit - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
        }
    }
}

// The name is taken inside of ProcessTable.
#if canImport(Glibc)
    private let systemRead = Glibc.read
#else
    private let systemRead = Darwin.read
#endif
