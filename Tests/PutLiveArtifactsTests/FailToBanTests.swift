import Foundation
import Testing

@testable import PutLiveArtifacts

/// The filters match every line that the agent writes of a failure, and nothing else, hostile names included.
@Suite struct FailToBanTests {
    private func matches(_ filter: String, _ log: String) async throws -> (lines: Int, matched: Int) {
        let set = try ArtifactSet(config: try goldenConfig("single"), share: share)
        let item = try #require(set.artifacts.first { $0.artifact.name == filter })
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + filter
        try item.text.write(toFile: path, atomically: true, encoding: .utf8)
        let runner = ToolRunner(path: ProcessInfo.processInfo.environment["PATH"] ?? "")
        let outcome = try await runner.run(
            "fail2ban-regex", ["\(packageFolder)/Tests/Native/fail2ban/\(log).log", path], in: folder.path)
        // Lines: 9 lines, 0 ignored, 9 matched, 0 missed
        let row = try #require(
            outcome.output.split(separator: "\n").first { $0.hasPrefix("Lines: ") }, "\(outcome.output)")
        let numbers = row.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        try #require(numbers.count >= 3)
        return (numbers[0], numbers[2])
    }

    /// CI has every tool: there its absence is a failure.
    private static let hasTool =
        ToolRunner(path: "").find("fail2ban-regex") != nil || ProcessInfo.processInfo.environment["CI"] == "true"

    @Test(.enabled(if: hasTool, "fail2ban is not installed")) func everyFailureIsMatched() async throws {
        let login = try await matches("putlive-login.conf", "login")
        #expect(login.lines > 5 && login.matched == login.lines)
        let key = try await matches("putlive-stream-key.conf", "stream-key")
        #expect(key.lines > 4 && key.matched == key.lines)
    }

    @Test(.enabled(if: hasTool, "fail2ban is not installed")) func nothingElseIsMatched() async throws {
        for filter in ["putlive-login.conf", "putlive-stream-key.conf"] {
            let other = try await matches(filter, "other")
            #expect(other.lines > 10 && other.matched == 0)
        }
        #expect(try await matches("putlive-login.conf", "stream-key").matched == 0)
        #expect(try await matches("putlive-stream-key.conf", "login").matched == 0)
    }
}
