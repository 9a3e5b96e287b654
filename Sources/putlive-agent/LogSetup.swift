import Logging
import PutLiveAPI

/// Every log line of the process goes through one output, as JSON.
enum LogSetup {
    /// Before the first logger is made.
    ///
    /// - Parameter secrets: Texts that no line may show, whoever logs them.
    /// - Returns: What the lines go through, for secrets that change.
    static func start(secrets: [String], metrics: MetricsRegistry) -> LogOutput {
        let output = LogOutput(secrets: secrets, writer: DescriptorLogWriter(descriptor: 1), registry: metrics)
        LoggingSystem.bootstrap { _ in JSONLogHandler(output: output) }
        return output
    }
}
