#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Finds and ends transcoders that outlive their stream. SRS ends its own; what is left over is the fault of a crash.
public enum FFmpegCleanup {
    /// Why a transcoder has no business any more.
    public enum Reason: String, Sendable {
        /// The SRS that started it is gone.
        case orphaned = "the SRS that started it is gone"
        /// SRS hasn't its stream any more.
        case streamGone = "its stream is gone"
    }

    /// A transcoder that should end.
    public struct Finding: Sendable, Equatable {
        /// Which.
        public var transcoder: Transcoder
        /// Why.
        public var reason: Reason
    }

    /// How ending it went.
    public enum Outcome: Sendable, Equatable {
        /// It ended by SIGTERM, or by itself.
        case ended
        /// It took SIGKILL.
        case killed
        /// It could not be ended, with the error's number, or is still there.
        case failed(Int32)
    }

    /// One that is younger may belong to a stream that SRS doesn't list yet.
    private static let youth: UInt64 = 30 * ProcessTable.ticksPerSecond

    /// Which of `processes` should end. Those of another user than `user` never do. `active` are the streams that SRS has;
    /// nil when it doesn't answer, and then only orphans count.
    public static func findings(
        _ processes: [ProcessEntry], user: UInt32, active: Set<StreamName>?, at place: Transcoder.Place,
        nowTicks: UInt64
    ) -> [Finding] {
        let byPID = Dictionary(processes.map { ($0.pid, $0) }, uniquingKeysWith: { first, _ in first })
        return processes.compactMap { process in
            guard process.user == user, let transcoder = Transcoder(process, at: place) else { return nil }
            let parent = byPID[process.parent]
            // In a container SRS itself may be the first process.
            if parent?.command != "srs", process.parent == 1 || parent == nil {
                return Finding(transcoder: transcoder, reason: .orphaned)
            }
            guard let active, !active.contains(transcoder.rendition.stream),
                nowTicks >= process.startTicks + youth
            else { return nil }
            return Finding(transcoder: transcoder, reason: .streamGone)
        }
    }

    /// What ending a process takes, passed in for tests.
    public struct Means: Sendable {
        /// The process of a number, as it is now.
        public var look: @Sendable (Int32) -> ProcessEntry?
        /// Sends a signal; the error's number, or 0.
        public var send: @Sendable (Int32, Int32) -> Int32
        /// Lets time pass.
        public var wait: @Sendable (Duration) async -> Void

        /// Of its parts.
        public init(
            look: @escaping @Sendable (Int32) -> ProcessEntry?, send: @escaping @Sendable (Int32, Int32) -> Int32,
            wait: @escaping @Sendable (Duration) async -> Void
        ) {
            self.look = look
            self.send = send
            self.wait = wait
        }

        /// This host's.
        public static let host = Means(
            look: ProcessTable.entry, send: { kill($0, $1) == 0 ? 0 : errno },
            wait: { try? await Task.sleep(for: $0) })
    }

    /// Ends them: SIGTERM to all, SIGKILL to those that are still there after `grace`. Before each signal it is made sure
    /// that the number still means the same process.
    public static func end(_ findings: [Finding], grace: Duration, by means: Means) async -> [Outcome] {
        var outcomes = findings.map { send(SIGTERM, to: $0, means) }
        let step = Duration.milliseconds(200)
        var waited = Duration.zero
        while waited < grace, findings.contains(where: { isThere($0, means) }) {
            await means.wait(step)
            waited += step
        }
        for (index, finding) in findings.enumerated() where outcomes[index] == .ended && isThere(finding, means) {
            outcomes[index] = send(SIGKILL, to: finding, means) == .ended ? .killed : .failed(EPERM)
        }
        return outcomes
    }

    private static func send(_ signal: Int32, to finding: Finding, _ means: Means) -> Outcome {
        guard isThere(finding, means) else { return .ended }
        let failure = means.send(finding.transcoder.process.pid, signal)
        return failure == 0 || failure == ESRCH ? .ended : .failed(failure)
    }

    private static func isThere(_ finding: Finding, _ means: Means) -> Bool {
        let process = finding.transcoder.process
        guard let now = means.look(process.pid) else { return false }
        return now.startTicks == process.startTicks && !now.isDefunct
    }
}
