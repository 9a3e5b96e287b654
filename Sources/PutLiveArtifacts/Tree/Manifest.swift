import PutLiveConfig

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// manifest.json of a rendered tree: what was written, so that the next render can replace it and a deploy can set
/// the owners that an ordinary user can't.
public struct Manifest: Sendable, Codable {
    /// Its name, at the top of the tree.
    public static let fileName = "manifest.json"

    /// One file of the tree.
    public struct Entry: Sendable, Codable, Hashable {
        /// The artifact's name in the catalog.
        public var name: String
        /// Absolute, as on the host.
        public var path: String
        /// In octal: `0640`.
        public var mode: String
        /// The owner's name on the host.
        public var owner: String
        /// The group's name on the host.
        public var group: String
        /// Of the content, in lower-case hexadecimal.
        public var sha256: String
    }

    /// The version of this file's format.
    public var version = 1
    /// The role that the tree is for.
    public var role: String
    /// In the order of their paths.
    public var artifacts: [Entry]

    init(_ set: ArtifactSet) {
        let entries = set.artifacts.map { item in
            Entry(
                name: item.artifact.name, path: item.path, mode: item.artifact.modeText, owner: item.artifact.owner,
                group: item.artifact.group, sha256: item.sha256)
        }
        self.init(role: set.context.config.deployment.role.rawValue, artifacts: entries)
    }

    private init(role: String, artifacts: [Entry]) {
        self.role = role
        self.artifacts = artifacts
    }

    /// Reads the manifest of the tree at `folder`: nil when it has none.
    static func read(in folder: String) throws -> Manifest? {
        guard let data = try FileTree.read("\(folder)/\(fileName)") else { return nil }
        do {
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(data))
            guard manifest.artifacts.allSatisfy({ isSafe($0.path) }) else {
                throw TreeError("\(folder)/\(fileName) names paths outside of the tree: it is not ours")
            }
            return manifest
        } catch is DecodingError {
            throw TreeError("\(folder)/\(fileName) is no manifest of putlive-gen: choose another folder")
        }
    }

    private static func isSafe(_ path: String) -> Bool {
        // By bytes, as the kernel reads it.
        path.utf8.first == UInt8(ascii: "/") && !path.utf8.contains(0)
            && !path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// Encodes a manifest of nothing: see `Catalog.prepare()`.
    static func prepare() {
        let entry = Entry(name: "", path: "", mode: "", owner: "", group: "", sha256: "")
        _ = try? Manifest(role: "", artifacts: [entry]).encoded()
    }

    func encoded() throws -> String {
        try JSONText.encode(self)
    }
}

/// JSON as every report writes it: keys sorted, indented, ending in a newline.
public enum JSONText {
    /// The text of `value`.
    public static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
