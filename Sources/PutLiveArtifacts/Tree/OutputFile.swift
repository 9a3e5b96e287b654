/// A single file that a command writes where the user says.
public enum OutputFile {
    /// Writes `text` as a whole with `mode`; an existing file is an error unless `replacing`. Behind a symbolic link it is
    /// the file that the link leads to. What is no file, such as a pipe or a device, is written to as it is.
    public static func write(_ text: String, to path: String, mode: UInt16, replacing: Bool = true) throws {
        switch FileTree.kind(path) {
        case .nothing:
            if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
                try FileTree.makeFolder(String(path[..<slash]))
            }
            guard try FileTree.create(path, Array(text.utf8), mode: mode) else {
                throw TreeError("\(path) has just been made by another program")
            }
            return
        case .folder:
            throw TreeError("\(path) is a folder: name a file")
        case _ where !replacing:
            throw TreeError("\(path) exists: choose another name, or add --force to overwrite it")
        case .file:
            try FileTree.write(text, to: path, mode: mode)
        case .link:
            let target = try FileTree.target(of: path)
            guard FileTree.kind(target) == .file else {
                throw TreeError("\(path) is a link to something that is no file")
            }
            try FileTree.write(text, to: target, mode: mode)
        case .other:
            try FileTree.append(Array(text.utf8), to: path)
        }
    }
}
