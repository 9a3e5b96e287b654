import PutLiveConfig

/// What would change in a tree if it were rendered anew, as text for a person, with every secret hidden.
public struct TreeDiff: Sendable {
    /// The change of one artifact.
    public struct Entry: Sendable, Codable {
        /// Absolute, as on the host.
        public var path: String
        /// In the unified format; empty where only the mode differs.
        public var diff: String
        /// `0644 -> 0640`, or empty.
        public var mode: String
        /// Why it can't be compared, or empty.
        public var problem = ""
    }

    /// The folder compared, without a slash at its end; empty for `/`.
    public let root: String

    /// Compares the tree at `root`.
    public init(root: String) {
        self.root = root == "/" ? "" : FileTree.withoutSlash(root)
    }

    /// The changes in the order of their paths; empty when there are none.
    public func run(_ set: ArtifactSet) throws -> [Entry] {
        guard root.isEmpty || FileTree.names(in: root) != nil else {
            throw TreeError("\(root) is not a folder that can be read")
        }
        var entries: [Entry] = []
        for item in set.artifacts {
            let old: String?
            do {
                old = try FileTree.read(root + item.path).map { String(decoding: $0, as: UTF8.self) }
            } catch {
                entries.append(Entry(path: item.path, diff: "", mode: "", problem: error.description))
                continue
            }
            let oldMode = FileTree.mode(root + item.path)
            let mode =
                oldMode.map { $0 == item.artifact.mode ? "" : "\(octal($0)) -> \(item.artifact.modeText)" } ?? ""
            let isSame = old?.utf8.elementsEqual(item.text.utf8) ?? false
            if isSame && mode.isEmpty { continue }
            let redactor = Redactor(isSensitive: item.artifact.isSensitive, context: set.context)
            let diff = isSame ? "" : redactor.diff(from: old, to: item.text, path: item.path)
            entries.append(Entry(path: item.path, diff: diff, mode: mode))
        }
        let current = Set(set.artifacts.map(\.path))
        for entry in try Manifest.read(in: root)?.artifacts ?? [] where !current.contains(entry.path) {
            do {
                guard let old = try FileTree.read(root + entry.path) else { continue }
                let redactor = Redactor(isSensitive: isSensitive(entry), context: set.context)
                let diff = redactor.removal(of: String(decoding: old, as: UTF8.self), path: entry.path)
                entries.append(Entry(path: entry.path, diff: diff, mode: ""))
            } catch {
                entries.append(Entry(path: entry.path, diff: "", mode: "", problem: error.description))
            }
        }
        return entries.sorted { $0.path < $1.path }
    }

    /// Whether a file of an earlier config may hold a secret that nobody knows any more: by the catalog, by the mode that
    /// it was rendered with, or by the one it has.
    private func isSensitive(_ entry: Manifest.Entry) -> Bool {
        if Catalog.named(entry.name)?.isSensitive ?? true { return true }
        let modes = [FileTree.mode(root + entry.path), UInt16(entry.mode, radix: 8)]
        return modes.contains { ($0 ?? 0) & 0o004 == 0 }
    }
}
