import Logging
import PutLiveAPI

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Every log line of the process goes through one output, as JSON.
enum LogSetup {
    private static let standardOutput: Int32 = 1

    /// Before the first logger is made.
    ///
    /// - Parameter secrets: Texts that no line may show, whoever logs them.
    /// - Returns: What the lines go through, for secrets that change.
    static func start(secrets: [String], metrics: MetricsRegistry) -> LogOutput {
        let output = LogOutput(
            secrets: secrets, writer: DescriptorLogWriter(descriptor: standardOutput), registry: metrics,
            saysPriority: isJournal)
        LoggingSystem.bootstrap { _ in JSONLogHandler(output: output) }
        return output
    }

    /// Whether standard output is what systemd connected to its journal: `$JOURNAL_STREAM` is device and inode of that,
    /// which children with another output inherit as well (systemd.exec(5)).
    private static var isJournal: Bool {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(standardOutput, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }
}
