#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder that holds `templates` and `stacks`.
public struct ShareFolder: Sendable {
    /// Absolute, or relative to the working directory as given.
    public let path: String

    /// The folder at `path`, unchecked.
    public init(path: String) {
        self.path = path
    }

    /// Why there is no share folder, or a file of it can't be read.
    public struct Missing: Error, Sendable, CustomStringConvertible {
        /// What is missing, where, and what to do.
        public var description: String
    }

    /// Finds the folder: the one given, `$PUTLIVE_SHARE`, `../share/putlive` beside the executable, or the package that
    /// the executable was built in. Never by the working directory, which anybody may choose.
    public static func find(given: String?, variable: String?, executable: String) throws -> ShareFolder {
        let manager = FileManager.default
        for (path, source) in [(given, "--share"), (variable, "PUTLIVE_SHARE")] {
            guard let path, !path.isEmpty else { continue }
            guard manager.fileExists(atPath: path + "/templates") else {
                throw Missing(description: "\(source) names \(path), which has no folder templates")
            }
            return ShareFolder(path: path)
        }
        var folder = parent(of: executable[...])
        let installed = String(parent(of: folder)) + "/share/putlive"
        if manager.fileExists(atPath: installed + "/templates") { return ShareFolder(path: installed) }
        while !folder.isEmpty {
            let candidate = String(folder)
            if manager.fileExists(atPath: candidate + "/Package.swift")
                && manager.fileExists(atPath: candidate + "/templates")
            {
                return ShareFolder(path: candidate)
            }
            folder = parent(of: folder)
        }
        throw Missing(
            description: "there are no templates beside \(executable); name their folder with --share or $PUTLIVE_SHARE"
        )
    }

    private static func parent(of path: Substring) -> Substring {
        path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }

    /// The text of a file below the folder.
    func read(_ name: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(name)"),
            let text = String(validating: data, as: UTF8.self)
        else { throw Missing(description: "\(path)/\(name) is missing or no text: reinstall putlive-gen") }
        return text
    }
}
