/// A single file that a command writes where the user says.
public enum OutputFile {
    /// Writes `text` as a whole with `mode`; an existing file is an error unless `replacing`.
    public static func write(_ text: String, to path: String, mode: UInt16, replacing: Bool = true) throws {
        if !replacing && FileTree.mode(path) != nil {
            throw TreeError("\(path) exists: choose another name, or add --force to overwrite it")
        }
        if FileTree.isFolder(path) { throw TreeError("\(path) is a folder: name a file") }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try FileTree.makeFolder(String(path[..<slash]))
        }
        try FileTree.write(text, to: path, mode: mode)
    }
}
