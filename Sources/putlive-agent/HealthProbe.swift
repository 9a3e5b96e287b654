import PutLiveAPI
import PutLiveConfig
import PutLiveLive
import PutLiveStore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Looks at the parts of the host for the health answers.
struct HealthProbe: Sendable {
    let store: Store
    let hlsFolder: String
    let srs: SRSPoller?
    /// Nil where browsers don't broadcast.
    let ports: MediaPorts?
    let reconcile: ReconcileStatus?
    let clock: @Sendable () -> UnixTime

    func callAsFunction() async -> [String: ComponentHealth] {
        var parts = ["api": api, "database": await database, "disk": disk]
        parts["tmpfs"] = tmpfs
        if let srs { parts["srs"] = Self.health(of: srs.health) }
        if let ports { parts["webrtc"] = await ports.check() }
        if let reconcile { parts.merge(reconcile.health(at: clock())) { part, _ in part } }
        return parts
    }

    private var api: ComponentHealth {
        var health = ComponentHealth(.ok)
        health.pid = Int(getpid())
        health.memoryBytes = ProcessMemory.resident
        return health
    }

    private var database: ComponentHealth {
        get async {
            var health: ComponentHealth
            do {
                try await store.check()
                health = ComponentHealth(.ok)
            } catch {
                health = ComponentHealth(.error, detail: Self.words(for: error))
            }
            let size = store.size()
            health.sizeBytes = size.database + size.log
            return health
        }
    }

    /// Without paths: those are for the log.
    private static func words(for error: StoreError) -> String {
        switch error {
        case .full: "The disk is full: make room."
        case .busy: "Another program holds the database."
        case .denied: "The agent may not write its database."
        case .corrupt: "The database is damaged: restore a backup with putlive-agent restore."
        default: "The database can't be used; the agent's log says why."
        }
    }

    private var disk: ComponentHealth {
        Self.usage(of: AgentGauges.folder(of: store.path), what: "The disk of the database")
    }

    private var tmpfs: ComponentHealth? {
        Self.percentUsed(of: hlsFolder) == nil ? nil : Self.usage(of: hlsFolder, what: "The file system of HLS")
    }

    private static func usage(of path: String, what: String) -> ComponentHealth {
        guard let percent = percentUsed(of: path) else {
            return ComponentHealth(.degraded, detail: "\(what) can't be read.")
        }
        var health = ComponentHealth(percent > 97 ? .degraded : .ok)
        if percent > 97 { health.detail = "\(what) is nearly full: make room." }
        health.usagePercent = percent
        return health
    }

    /// Of what an ordinary user may fill.
    private static func percentUsed(of path: String) -> Double? {
        guard let space = DiskSpace(path: path), space.total > 0 else { return nil }
        let used = Double(space.total - space.free)
        let usable = used + Double(space.available)
        return usable > 0 ? used / usable * 100 : 100
    }

    private static func health(of srs: SRSHealth) -> ComponentHealth {
        guard srs.isUp else {
            return ComponentHealth(
                .degraded,
                detail: "SRS doesn't answer its API: nobody can broadcast by RTMP. See systemctl status srs.")
        }
        var health = ComponentHealth(.ok)
        health.pid = srs.pid
        health.memoryBytes = srs.memoryBytes
        return health
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// Resident, in bytes.
    static var resident: Int64? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let fields = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
