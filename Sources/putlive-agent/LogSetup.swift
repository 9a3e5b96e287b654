import Logging
import PutLiveAPI
import PutLiveCommands

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
            saysPriority: JournalStream.isConnected(to: standardOutput))
        LoggingSystem.bootstrap { _ in JSONLogHandler(output: output) }
        return output
    }
}
