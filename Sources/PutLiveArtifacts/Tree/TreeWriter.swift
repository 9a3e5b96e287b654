/// Writes an artifact set as a tree like the host's.
public struct TreeWriter: Sendable {
    /// What a render did.
    public struct Result: Sendable {
        /// Host paths of the files that are new or changed.
        public var written: [String]
        /// Host paths of the files that were right already.
        public var unchanged: [String]
        /// Host paths of the files that are no longer asked for.
        public var removed: [String]
    }

    /// The folder written to, without a slash at its end.
    public let folder: String

    /// `folder` may be absent, empty, or an earlier render's output.
    public init(folder: String) {
        self.folder = FileTree.withoutSlash(folder)
    }

    /// Replaces the earlier output: what the manifest lists and the set lacks is removed, unless only a part of the
    /// artifacts was rendered. Files of other origin are left alone.
    public func write(_ set: ArtifactSet, isPart: Bool) throws -> Result {
        let earlier = try Manifest.read(in: folder)
        if earlier == nil, let names = FileTree.names(in: folder), !names.isEmpty {
            throw TreeError(
                "\(folder) holds other files and no \(Manifest.fileName) of an earlier render: choose an empty folder")
        }
        var manifest = Manifest(set)
        let current = Set(manifest.artifacts.map(\.path))
        let stale = (earlier?.artifacts ?? []).filter { !current.contains($0.path) }
        if isPart {
            manifest.artifacts = (manifest.artifacts + stale).sorted { $0.path < $1.path }
        }
        // A link below the folder would lead what is written or removed out of it.
        let parents = Set(set.artifacts.map { Self.parent(of: $0.path) })
        if earlier != nil {
            for parent in parents.union(stale.map { Self.parent(of: $0.path) }) {
                try FileTree.requireNoLink(from: folder, to: parent)
            }
        }
        try FileTree.makeFolder(folder)
        // The manifest comes first in a new tree, so that one that was interrupted is known as ours.
        let manifestPath = "\(folder)/\(Manifest.fileName)"
        let manifestText = try manifest.encoded()
        let isNew = try FileTree.create(manifestPath, Array(manifestText.utf8), mode: 0o644)
        var result = Result(written: [], unchanged: [], removed: [])
        for parent in parents { try FileTree.makeFolder(folder + parent) }
        for item in set.artifacts {
            let path = folder + item.path
            if try replace(path, with: Array(item.text.utf8), mode: item.artifact.mode) {
                result.written.append(item.path)
            } else {
                result.unchanged.append(item.path)
            }
        }
        for entry in stale where !isPart {
            try FileTree.remove(folder + entry.path, upTo: folder)
            result.removed.append(entry.path)
        }
        if !isNew { try FileTree.write(manifestText, to: manifestPath, mode: 0o644) }
        return result
    }

    private static func parent(of path: String) -> Substring {
        path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }

    /// False when the file is right already.
    private func replace(_ path: String, with content: [UInt8], mode: UInt16) throws -> Bool {
        if try FileTree.create(path, content, mode: mode) { return true }
        if FileTree.mode(path) == mode, let old = try? FileTree.read(path), old == content { return false }
        try FileTree.write(content, to: path, mode: mode)
        return true
    }
}
