#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#endif

/// A tree like the host's in a temporary folder, in which the tools find what the artifacts name: the artifacts, and
/// stand-ins for what only a host has. It is readable by its owner alone, for it holds the secrets.
final class Stage: Sendable {
    let root: String
    let set: ArtifactSet

    init(_ set: ArtifactSet, below folder: String) throws {
        var template = Array("\(folder)/putlive-verify-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TreeError("\(folder) can't hold a stage", errno: errno) }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.set = set
        for item in set.artifacts {
            try write(item.text, at: "/tree" + item.path, mode: item.artifact.mode)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// The tree as the host would have it.
    var tree: String { root + "/tree" }

    func path(_ hostPath: String) -> String { root + hostPath }

    func write(_ text: String, at path: String, mode: UInt16 = 0o644) throws {
        try write(bytes: Array(text.utf8), at: path, mode: mode)
    }

    func write(bytes: [UInt8], at path: String, mode: UInt16 = 0o644) throws {
        let full = root + path
        if let slash = full.lastIndex(of: "/") { try FileTree.makeFolder(String(full[..<slash])) }
        try FileTree.write(bytes, to: full, mode: mode)
    }

    func makeFolder(_ path: String) throws {
        try FileTree.makeFolder(root + path)
    }

    /// The rendered artifacts that `check` covers.
    func artifacts(_ check: CheckKind) -> [RenderedArtifact] {
        set.artifacts.filter { $0.artifact.check == check }
    }

    /// `text` with the absolute paths that stand at the start of a word moved below `folder`.
    static func moved(_ text: String, below folder: String, prefixes: [String]) -> String {
        var result = ""
        var last: Character = "\n"
        var rest = Substring(text)
        while !rest.isEmpty {
            if !(last.isLetter || last.isNumber || "._-/".contains(last)),
                prefixes.contains(where: { rest.hasPrefix($0) })
            {
                result += folder
            }
            last = rest.removeFirst()
            result.append(last)
        }
        return result
    }
}
