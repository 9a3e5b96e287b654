import Subprocess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Finds and runs the native tools: without a shell, bounded in time and output.
struct ToolRunner: Sendable {
    /// Where tools are looked for, in this order; /usr/sbin is no part of an ordinary user's PATH.
    let folders: [String]
    /// The programs that variables name, for those that no package installs: `srs` from SRS_BINARY.
    let named: [String: String]
    /// Longer than the slowest check, cfn-lint, needs on a small machine.
    var limit = Duration.seconds(120)

    init(path: String, named: [String: String] = [:]) {
        let given = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        folders = given + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].filter { !given.contains($0) }
        // The tools run in a folder of the stage.
        self.named = named.mapValues { $0.hasPrefix("/") ? $0 : FileManager.default.currentDirectoryPath + "/" + $0 }
    }

    func find(_ tool: String) -> String? {
        if let path = named[tool] { return access(path, X_OK) == 0 ? path : nil }
        return folders.lazy.map { "\($0)/\(tool)" }.first { access($0, X_OK) == 0 && !FileTree.isFolder($0) }
    }

    /// What a tool said and how it ended.
    struct Outcome: Sendable {
        var succeeded: Bool
        /// Output and errors in the order they came.
        var output: String
    }

    /// Runs `tool` in `folder`. A tool that takes too long is ended, which is a failure.
    func run(_ tool: String, _ arguments: [String], in folder: String) async throws -> Outcome {
        guard let path = find(tool) else { throw TreeError("\(tool) is not installed") }
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    .path(FilePath(path)), arguments: Arguments(arguments),
                    environment: .inherit.updating(["LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "NO_COLOR": "1"]),
                    workingDirectory: FilePath(folder), output: .string(limit: 1 << 20), error: .combinedWithOutput)
                return Outcome(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
            }
            let limit = self.limit
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let outcome = first else {
                return Outcome(succeeded: false, output: "\(tool) did not end within \(limit.components.seconds) s")
            }
            return outcome
        }
    }
}
