import Synchronization

/// Takes snapshots of this host; for many callers at once.
public final class SystemMonitor: Sendable {
    private let sampler: Mutex<SystemSampler>
    private let read: @Sendable () -> SystemReading

    /// Takes the first reading, which the first snapshot's rates are measured from.
    public convenience init(diskPath: String) {
        self.init { SystemReading.current(diskPath: diskPath) }
    }

    /// Takes readings from `read`.
    init(read: @escaping @Sendable () -> SystemReading) {
        self.read = read
        var sampler = SystemSampler()
        _ = sampler.snapshot(of: read())
        self.sampler = Mutex(sampler)
    }

    /// The host now. Rates are means since the snapshot before, but at least of a second; so take one every ten
    /// seconds or so though nobody asks, or the first to ask gets the mean of a long time. It reads five small files,
    /// which takes about 0.1 ms.
    @discardableResult public func snapshot() -> SystemSnapshot {
        let reading = read()
        return sampler.withLock { $0.snapshot(of: reading) }
    }
}
