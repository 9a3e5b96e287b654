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
    }

    /// The folder compared, without a slash at its end; empty for `/`.
    public let root: String

    /// Compares the tree at `root`.
    public init(root: String) {
        self.root = root == "/" ? "" : root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// The changes in the order of their paths; empty when there are none.
    public func run(_ set: ArtifactSet) throws -> [Entry] {
        guard root.isEmpty || FileTree.names(in: root) != nil else {
            throw TreeError("\(root) is not a folder that can be read")
        }
        var entries: [Entry] = []
        for item in set.artifacts {
            let redactor = Redactor(item, secrets: set.context.secretTexts)
            let old = try FileTree.read(root + item.path).map { String(decoding: $0, as: UTF8.self) }
            let oldMode = FileTree.mode(root + item.path)
            let mode =
                oldMode.map { $0 == item.artifact.mode ? "" : "\(octal($0)) -> \(item.artifact.modeText)" } ?? ""
            let isSame = old?.utf8.elementsEqual(item.text.utf8) ?? false
            if isSame && mode.isEmpty { continue }
            let diff = isSame ? "" : redactor.diff(from: old, path: item.path)
            entries.append(Entry(path: item.path, diff: diff, mode: mode))
        }
        let current = Set(set.artifacts.map(\.path))
        for entry in try Manifest.read(in: root)?.artifacts ?? [] where !current.contains(entry.path) {
            guard let old = try FileTree.read(root + entry.path) else { continue }
            // A file of an earlier config may hold a secret that nobody knows any more.
            let isPublic = FileTree.mode(root + entry.path).map { $0 & 0o004 != 0 } ?? false
            let text = isPublic ? String(decoding: old, as: UTF8.self) : Redactor.hidden + "\n"
            let diff = UnifiedDiff.text(from: text, to: "", oldName: "a" + entry.path, newName: "/dev/null")
            entries.append(Entry(path: entry.path, diff: diff, mode: ""))
        }
        return entries.sorted { $0.path < $1.path }
    }
}

/// Keeps secrets out of a diff: those of this config by their text, and, in an artifact that holds secrets, any line
/// of the old file that might hold another one.
struct Redactor {
    static let hidden = "(a line that may hold a secret is not shown)"

    private let item: RenderedArtifact
    private let secrets: [String]

    init(_ item: RenderedArtifact, secrets: [String]) {
        self.item = item
        // The longest first, for one may be part of another.
        self.secrets = secrets.sorted { $0.utf8.count > $1.utf8.count }
    }

    func diff(from old: String?, path: String) -> String {
        let new = masked(item.text)
        let before = old.map { item.artifact.isSensitive ? guarded($0, beside: new) : masked($0) }
        let result = UnifiedDiff.text(
            from: before ?? "", to: new, oldName: before == nil ? "/dev/null" : "a" + path, newName: "b" + path)
        // Only what is hidden differs.
        return result.isEmpty ? "--- a\(path)\n+++ b\(path)\n@@ only secrets differ @@\n" : result
    }

    private func masked(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "<secret>") }
    }

    /// Lines of `old` that stand in `new` too are harmless, and so are those without a long word.
    private func guarded(_ old: String, beside new: String) -> String {
        let known = Set(new.split(separator: "\n", omittingEmptySubsequences: false))
        let rows = masked(old).split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            known.contains(line) || !mayHoldSecret(line) ? line : Self.hidden[...]
        }
        return rows.joined(separator: "\n")
    }

    private func mayHoldSecret(_ line: Substring) -> Bool {
        let lowered = line.lowercased()
        if ["secret", "pass", "token", "key", "credential"].contains(where: { lowered.contains($0) }) { return true }
        var run = 0
        for character in line {
            run = character.isLetter || character.isNumber ? run + 1 : 0
            if run >= 16 { return true }
        }
        return false
    }
}
