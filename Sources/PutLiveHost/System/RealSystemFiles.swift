#if canImport(Glibc)
    import Glibc
#endif

/// How files are read.
extension RealSystem {
    func entry(at path: String) throws(SystemError) -> FileEntry? {
        guard let place = try walk.reading(path), let status = try place.status() else { return nil }
        let kind: FileEntry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        if !accounts.hasNames(user: status.st_uid, group: status.st_gid) { forgetAccounts() }
        return FileEntry(
            kind: kind, mode: UInt16(status.st_mode & 0o7777),
            owner: accounts.owner(user: status.st_uid, group: status.st_gid), size: Int(status.st_size),
            target: kind == .link ? try place.linkTarget() : nil, stamp: Self.stamp(of: status))
    }

    /// A content can't change without the time of the last change of the inode, which nobody can set.
    private static func stamp(of status: stat) -> String {
        let numbers = [
            Int(bitPattern: UInt(status.st_dev)), Int(bitPattern: UInt(status.st_ino)), Int(status.st_size),
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
        return numbers.map { String($0) }.joined(separator: ":")
    }

    func head(of path: String, count: Int) throws(SystemError) -> [UInt8] {
        let (file, _) = try open(path)
        var content = [UInt8](repeating: 0, count: count)
        guard let filled = content.withUnsafeMutableBytes({ file.read(into: $0) }) else {
            throw SystemError("\(path) can't be read", errno: errno)
        }
        content.removeLast(count - filled)
        return content
    }

    /// A regular file, opened for reading.
    private func open(_ path: String) throws(SystemError) -> (Descriptor, stat) {
        guard let place = try walk.reading(path) else { throw SystemError("\(path) can't be read", errno: ENOENT) }
        // Without waiting for the other end where the path turns out to be a pipe.
        guard let file = place.open(O_RDONLY | O_NONBLOCK) else {
            if errno == ELOOP { throw SystemError("\(path) is a link, not a file") }
            throw SystemError("\(path) can't be read", errno: errno)
        }
        guard let status = file.status, status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError("\(path) isn't a regular file")
        }
        return (file, status)
    }

    func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let (file, status) = try open(path)
        // One byte more than it has, to see its end; the kernel's own files tell no size.
        var content = [UInt8](repeating: 0, count: max(4096, min(Int(status.st_size), limit) + 1))
        var filled = 0
        while true {
            let count = content.withUnsafeMutableBytes { bytes in
                file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
            }
            guard let count else { throw SystemError("\(path) can't be read", errno: errno) }
            filled += count
            guard filled <= limit else { throw SystemError("\(path) is larger than \(limit) bytes") }
            if count == 0 { break }
            if filled == content.count { content += [UInt8](repeating: 0, count: filled) }
        }
        content.removeLast(content.count - filled)
        return content
    }

    func space(at path: String) -> Space? {
        guard let place = try? walk.reading(path), let folder = place.open(O_RDONLY | O_DIRECTORY) else { return nil }
        var status = statvfs()
        guard fstatvfs(folder.number, &status) == 0 else { return nil }
        let size = Int64(clamping: status.f_frsize)
        return Space(
            total: Int64(clamping: status.f_blocks) &* size, free: Int64(clamping: status.f_bavail) &* size)
    }

    func names(in folder: String) throws(SystemError) -> [String] {
        guard let place = try walk.reading(folder) else { return [] }
        guard let opened = place.open(O_RDONLY | O_DIRECTORY) else {
            if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return [] }
            throw SystemError("\(folder) can't be read", errno: errno)
        }
        // The stream closes its own.
        guard let stream = fdopendir(fcntl(opened.number, F_DUPFD_CLOEXEC, 0)) else {
            throw SystemError("\(folder) can't be read", errno: errno)
        }
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
}
