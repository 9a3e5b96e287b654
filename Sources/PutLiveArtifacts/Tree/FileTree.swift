#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a folder can't be read or written.
public struct TreeError: Error, Sendable, CustomStringConvertible {
    /// What, where, and what the system says of it.
    public var description: String

    init(_ description: String) {
        self.description = description
    }

    /// With what the system says of `errno`.
    init(_ what: String, errno code: Int32) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}

/// Files as the commands need them: whole and with their modes. A link at the end of a path isn't followed.
enum FileTree {
    /// More than any artifact has.
    static let sizeLimit = 8 << 20

    /// A regular file's content, or nil when there is none. A link at the end of the path is refused.
    static func read(_ path: String) throws(TreeError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            if errno == ELOOP { throw TreeError("\(path) is a symbolic link") }
            throw TreeError("\(path) can't be read", errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TreeError("\(path) is not a regular file")
        }
        guard status.st_size <= sizeLimit else { throw TreeError("\(path) is larger than \(sizeLimit >> 20) MiB") }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size))
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = systemRead(descriptor, &buffer, buffer.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw TreeError("\(path) can't be read", errno: errno)
            }
            content.append(contentsOf: buffer[..<count])
            guard content.count <= sizeLimit else { throw TreeError("\(path) is larger than \(sizeLimit >> 20) MiB") }
        }
    }

    /// A folder's path without the slash at its end; `/` stays.
    static func withoutSlash(_ folder: String) -> String {
        folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    /// What can be at a path.
    enum Kind {
        case nothing, file, folder, link, other
    }

    /// What is at `path` itself.
    static func kind(_ path: String) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .nothing }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// What a link leads to in the end, as an absolute path without links.
    static func target(of path: String) throws(TreeError) -> String {
        guard let resolved = realpath(path, nil) else { throw TreeError("\(path) leads nowhere", errno: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Throws when a folder on the way from `root` to `path` is a link: what is written behind it would be elsewhere.
    static func requireNoLink(from root: String, to path: some StringProtocol) throws(TreeError) {
        var folder = root
        for part in path.split(separator: "/") {
            folder += "/" + part
            switch kind(folder) {
            case .nothing: return
            case .link: throw TreeError("\(folder) is a symbolic link, which leads out of \(root): remove it")
            default: continue
            }
        }
    }

    /// The permission bits of what is at `path`, a link's own; nil when there is nothing.
    static func mode(_ path: String) -> UInt16? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt16(status.st_mode & 0o7777) : nil
    }

    /// Writes a file as a whole: beside its place, then renamed into it, so that nobody sees half of it.
    static func write(_ text: String, to path: String, mode: UInt16) throws(TreeError) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    static func write(_ content: [UInt8], to path: String, mode: UInt16) throws(TreeError) {
        let temporary = path + ".putlive-new"
        // One that an interrupted render left.
        if try !create(temporary, content, mode: mode) {
            unlink(temporary)
            guard try create(temporary, content, mode: mode) else { throw TreeError("\(temporary) is in the way") }
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw TreeError("\(path) can't be written", errno: code)
        }
    }

    /// Makes a file where nothing is; false where something is. One that can't be finished is removed.
    static func create(_ path: String, _ content: [UInt8], mode: UInt16) throws(TreeError) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw TreeError("\(path) can't be written", errno: errno)
        }
        var failure = writeAll(content, to: descriptor)
        if failure == nil && fchmod(descriptor, mode_t(mode)) != 0 { failure = errno }
        if close(descriptor) != 0 && failure == nil { failure = errno }
        if let failure {
            unlink(path)
            throw TreeError("\(path) can't be written", errno: failure)
        }
        return true
    }

    /// Writes into what is there already and is no file: a pipe, a terminal.
    static func append(_ content: [UInt8], to path: String) throws(TreeError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TreeError("\(path) can't be written", errno: errno) }
        defer { close(descriptor) }
        if let failure = writeAll(content, to: descriptor) {
            throw TreeError("\(path) can't be written", errno: failure)
        }
    }

    /// The error's number, or nil.
    private static func writeAll(_ content: [UInt8], to descriptor: Int32) -> Int32? {
        content.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return errno }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }

    /// Makes the folder with all above it, mode 0755 where made.
    static func makeFolder(_ path: String) throws(TreeError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw TreeError("\(path) can't be made", errno: errno)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw TreeError("\(path) can't be made", errno: errno) }
    }

    /// Removes a file and the folders above it that it leaves empty, up to `root`.
    static func remove(_ path: String, upTo root: String) throws(TreeError) {
        guard unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw TreeError("\(path) can't be removed", errno: errno)
        }
        var folder = path
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            guard folder.count > root.count, rmdir(folder) == 0 else { return }
        }
    }

    /// The names in a folder, without `.` and `..`, sorted; nil when it can't be opened.
    static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Copies a folder with its files and links, by their content and the modes a copy needs, without owners: an
    /// ordinary user can't give them. What can't be read is left out.
    static func copy(_ folder: String, to target: String, depth: Int = 0) throws(TreeError) {
        try makeFolder(target)
        guard depth < 32 else { return }
        for name in names(in: folder) ?? [] {
            let (source, copy) = ("\(folder)/\(name)", "\(target)/\(name)")
            if isFolder(source) {
                try self.copy(source, to: copy, depth: depth + 1)
            } else if let link = linkTarget(source) {
                guard symlink(link, copy) == 0 || errno == EEXIST else {
                    throw TreeError("\(copy) can't be made", errno: errno)
                }
            } else if access(source, R_OK) == 0, let content = try read(source) {
                try write(content, to: copy, mode: 0o644)
            }
        }
    }

    private static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    /// Whether `path` is a folder itself, not a link to one.
    static func isFolder(_ path: String) -> Bool { kind(path) == .folder }
}

// The names are taken inside of FileTree.
private let systemRead = read
private let systemWrite = write
