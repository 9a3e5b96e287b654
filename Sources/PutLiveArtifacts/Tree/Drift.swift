import PutLiveConfig

/// A way in which a tree differs from its config.
public struct Drift: Sendable, Codable, Hashable {
    /// How the two differ.
    public enum Kind: String, Sendable, Codable {
        /// The artifact isn't there.
        case missing
        /// The content differs.
        case content
        /// The permission bits differ.
        case mode
        /// A file that the config doesn't ask for.
        case extra
        /// Something that can't be read or is no regular file.
        case unreadable
    }

    /// How the two differ.
    public var kind: Kind
    /// Absolute, as on the host.
    public var path: String
    /// For a person, without any content.
    public var detail: String
}

/// Compares a tree with an artifact set without changing either.
public struct DriftCheck: Sendable {
    /// The folder compared, without a slash at its end; empty for `/`.
    public let root: String

    /// Compares the tree at `root`.
    public init(root: String) {
        self.root = root == "/" ? "" : FileTree.withoutSlash(root)
    }

    /// The differences in the order of their paths; empty when the tree is true to the config.
    public func run(_ set: ArtifactSet) throws -> [Drift] {
        guard root.isEmpty || FileTree.isFolder(root) || FileTree.names(in: root) != nil else {
            throw TreeError("\(root) is not a folder that can be read")
        }
        var found: [Drift] = []
        for item in set.artifacts {
            let path = root + item.path
            guard let mode = FileTree.mode(path) else {
                found.append(Drift(kind: .missing, path: item.path, detail: "is missing"))
                continue
            }
            do {
                if try FileTree.read(path).map({ $0 != Array(item.text.utf8) }) ?? true {
                    found.append(Drift(kind: .content, path: item.path, detail: "has another content"))
                }
            } catch {
                found.append(Drift(kind: .unreadable, path: item.path, detail: "can't be compared: \(error)"))
                continue
            }
            if mode != item.artifact.mode {
                found.append(
                    Drift(
                        kind: .mode, path: item.path,
                        detail: "has mode \(octal(mode)) and should have \(item.artifact.modeText)"))
            }
        }
        return (found + extras(set)).sorted { ($0.path, $0.detail) < ($1.path, $1.detail) }
    }

    /// In a rendered tree, every file that isn't an artifact; in an operating system's, the artifacts of other roles
    /// and conditions alone, for the rest belongs to others.
    private func extras(_ set: ArtifactSet) -> [Drift] {
        let wanted = Set(set.artifacts.map(\.path))
        let isSystem =
            root.isEmpty || ["/etc/os-release", "/usr/lib/os-release"].contains { FileTree.mode(root + $0) != nil }
        let candidates: [String]
        if isSystem {
            let paths = Catalog.artifacts.filter(\.isOursAlone).map { $0.path(set.context.config) }
            candidates = Set(paths).filter { FileTree.mode(root + $0) != nil }
        } else {
            candidates = files(below: "").filter { $0 != "/" + Manifest.fileName }
        }
        return candidates.filter { !wanted.contains($0) }.map {
            Drift(kind: .extra, path: $0, detail: "is not asked for by the config")
        }
    }

    private func files(below folder: String, depth: Int = 0) -> [String] {
        guard depth < 64 else { return [] }
        return (FileTree.names(in: root + folder) ?? []).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return FileTree.isFolder(root + path) ? files(below: path, depth: depth + 1) : [path]
        }
    }
}
