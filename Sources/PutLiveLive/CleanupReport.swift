#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How many transcoders `ffmpeg-cleanup` has ended since the host started: a number in a file, for the cleanup is a
/// process of its own and the agent serves the metric.
public struct CleanupReport: Sendable {
    private let path: String

    /// The file; its folder must be there.
    public init(path: String) {
        self.path = path
    }

    /// Nil if there is none, or if it isn't a number.
    public func total() -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.utf8.count < 32 else { return nil }
        return Int(text.prefix { $0.isNumber })
    }

    /// Adds to it. The file is readable by all, for the agent is another user.
    public func add(_ count: Int) throws {
        let text = "\((total() ?? 0) + count)\n"
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    }
}
