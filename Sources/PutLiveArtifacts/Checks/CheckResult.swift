/// What came of one native check.
public struct CheckResult: Sendable, Codable, Hashable {
    /// How a check ended.
    public enum Status: String, Sendable, Codable {
        case passed, failed
        /// The tool is missing.
        case skipped
    }

    /// What was checked, and the name for `--allow-missing`: `nginx`, `systemd`.
    public var name: String
    /// How it ended.
    public var status: Status
    /// The artifacts covered, by their host paths.
    public var covers: [String]
    /// The tool's own words for a failure, why it was skipped, or what stood in for what the host would have.
    public var notes: [String]
}

/// A check by the program that reads the artifact on a host.
struct NativeCheck: Sendable {
    /// For a person and for `--allow-missing`.
    var name: String
    var covers: [String]
    /// The programs that it runs; the check is skipped unless all are there.
    var tools: [Tool]
    /// What the stage had to make up, for the report.
    var standIns: [String] = []
    /// Runs on the stage: nil when the artifacts are good, else the tool's words.
    var run: @Sendable (Stage, ToolRunner) async throws -> String?
}

/// A program and where it comes from.
struct Tool: Sendable, Hashable {
    var name: String
    /// For a person who lacks it: a Debian package, or a way to get it.
    var source: String
}
