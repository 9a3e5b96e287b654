import PutLiveStore
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The last reconcile of this host, from the file that `putlive-agent reconcile` writes as root. The agent reads that file
/// and nothing else of reconcile's.
public final class ReconcileStatus: Sendable {
    enum Reading: Sendable, Equatable {
        /// There was no reconcile since the host started.
        case absent
        /// Why the file tells nothing, and what to do; for a person, without any of its content.
        case unreadable(String)
        case report(ReconcileReport)
    }

    /// What changes when the file is replaced or written to.
    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            #if canImport(Darwin)
                let modified = status.st_mtimespec
            #else
                let modified = status.st_mtim
            #endif
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = modified.tv_sec
            nanoseconds = modified.tv_nsec
        }
    }

    private struct State {
        /// Of the file that `reading` came from.
        var stamp: Stamp?
        var reading = Reading.absent
    }

    /// A report is a few KiB; diffs of many files make it larger.
    private static let mostBytes = 1 << 20

    private let path: String
    private let state = Mutex(State())
    private let seconds: Atomic<Int64>

    /// - Parameters:
    ///   - path: Of status.json; it need not be there.
    ///   - interval: Seconds between two runs.
    public init(path: String, interval: Int64) {
        self.path = path
        seconds = Atomic(interval)
    }

    /// `reliability.reconcile_interval`, in seconds; it may change while the agent runs.
    public var interval: Int64 {
        get { seconds.load(ordering: .relaxed) }
        set { seconds.store(newValue, ordering: .relaxed) }
    }

    /// The file as it is now. Reads it only if it has changed.
    @discardableResult func look() -> Reading {
        // Never through a link, and never held up by a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let isAbsent = errno == ENOENT || errno == ENOTDIR
            return keep(isAbsent ? .absent : .unreadable("The agent may not read it: it belongs to the group putlive."))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return keep(.unreadable("It isn't a file: remove it."))
        }
        let stamp = Stamp(status)
        let known = state.withLock { $0.stamp == stamp ? $0.reading : nil }
        if let known { return known }
        return keep(Self.reading(of: descriptor), of: stamp)
    }

    /// As it was read last, without another look: for what is asked with every request.
    var last: Reading { state.withLock { $0.reading } }

    /// Whether browsers may trust the certificate that nginx shows: the configured one, while its time isn't over.
    ///
    /// As of the last look, which the health check takes every few seconds.
    func showsTrustedCertificate(at now: UnixTime) -> Bool {
        guard case .report(let report) = last, let certificate = report.certificate else { return false }
        return !certificate.isSelfSigned && certificate.problem.isEmpty
            && ReconcileReport.seconds(certificate.notAfter) > now
    }

    private func keep(_ reading: Reading, of stamp: Stamp? = nil) -> Reading {
        state.withLock { $0 = State(stamp: stamp, reading: reading) }
        return reading
    }

    private static func reading(of descriptor: Int32) -> Reading {
        guard let bytes = contents(of: descriptor) else {
            return .unreadable("It is larger than 1 MiB, or can't be read: journalctl -u putlive-reconcile says more.")
        }
        // The number alone first: a later format may look otherwise in all else.
        struct Version: Decodable { let version: Int }
        let decoder = JSONDecoder()
        guard let version = try? decoder.decode(Version.self, from: bytes).version else {
            return .unreadable("It isn't a report: the next reconcile writes it anew.")
        }
        guard version == ReconcileReport.format else {
            return .unreadable("Another version of PutLive wrote it: systemctl restart putlive-agent.")
        }
        guard let report = try? decoder.decode(ReconcileReport.self, from: bytes) else {
            return .unreadable("It isn't a whole report: the next reconcile writes it anew.")
        }
        return .report(report)
    }

    private static func contents(of descriptor: Int32) -> Data? {
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= mostBytes {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
        return nil
    }
}
