#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A system call that failed.
struct SystemFault: Error {
    /// As `write` or `rename`.
    var call: String
    var path: String
    var number: Int32

    init(_ call: String, _ path: String, _ number: Int32 = errno) {
        self.call = call
        self.path = path
        self.number = number
    }

    var storeError: StoreError {
        switch number {
        case ENOSPC, EDQUOT: .full(path: path)
        case EACCES, EPERM, EROFS: .denied(path: path, owner: StoreFile.ownerName(path))
        case ENOENT: .missing(path: path)
        default: .unusable(path: path, detail: "\(call): \(String(cString: strerror(number)))")
        }
    }
}

/// Files around a database. SQLite gives -wal and -shm the database's mode and owner by itself.
enum StoreFile {
    /// Readable by the service's group, and by nobody else.
    static let databaseMode: mode_t = 0o640
    /// For folders that are missing.
    static let folderMode: mode_t = 0o750

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Why there is no file at `path`, as far as this user can see; nil if there is.
    static func absence(_ path: String) -> StoreError? {
        if exists(path) { return nil }
        return SystemFault("open", path).storeError
    }

    static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

    static func isFile(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFREG } ?? false }

    /// Bytes; 0 where there is no file.
    static func size(_ path: String) -> Int64 { status(path).map { Int64($0.st_size) } ?? 0 }

    static func isAccessible(_ path: String) -> Bool { access(path, R_OK | W_OK) == 0 }

    /// Whether both are one file.
    static func isSame(_ one: String, _ other: String) -> Bool {
        guard let one = status(one), let other = status(other) else { return false }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    /// Who owns the file, or else the nearest folder that exists.
    static func ownerName(_ path: String) -> String? {
        guard let owner = nearest(path)?.st_uid else { return nil }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(owner, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return "user \(owner)"
        }
        return String(cString: entry.pw_name)
    }

    /// Makes the folder and those above it where they are missing.
    static func makeFolder(_ path: String) throws(SystemFault) {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if parent != path && !exists(parent) { try makeFolder(parent) }
        if mkdir(path, folderMode) != 0 {
            // Another process may have been faster.
            guard errno == EEXIST, isFolder(path) else { throw SystemFault("mkdir", path) }
            return
        }
        try handOver(path)
    }

    /// Makes an empty file with just this mode; false if there is one already.
    static func create(_ path: String, mode: mode_t) throws(SystemFault) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        if descriptor < 0 {
            if errno == EEXIST { return false }
            throw SystemFault("create", path)
        }
        // The umask took its part.
        let isSet = fchmod(descriptor, mode) == 0
        let number = errno
        close(descriptor)
        if !isSet { throw SystemFault("chmod", path, number) }
        try handOver(path)
        return true
    }

    /// What root makes belongs to whom its folder belongs to, else the service couldn't use it.
    static func handOver(_ path: String) throws(SystemFault) {
        guard geteuid() == 0, let folder = status(folder(of: path)), folder.st_uid != 0 else { return }
        if lchown(path, folder.st_uid, folder.st_gid) != 0 { throw SystemFault("chown", path) }
    }

    /// Copies a file's bytes into an empty file.
    static func copy(_ source: String, into target: String) throws(SystemFault) {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw SystemFault("open", source) }
        defer { close(from) }
        let into = open(target, O_WRONLY | O_CLOEXEC)
        guard into >= 0 else { throw SystemFault("open", target) }
        defer { close(into) }
        let size = 64 << 10
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = retrying { read(from, buffer, size) }
            if count == 0 { return }
            guard count > 0 else { throw SystemFault("read", source) }
            var written = 0
            while written < count {
                let step = retrying { write(into, buffer + written, count - written) }
                guard step > 0 else { throw SystemFault("write", target) }
                written += step
            }
        }
    }

    /// Puts what was written on disk; of a folder, its entries.
    static func sync(_ path: String) throws(SystemFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open", path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw SystemFault("fsync", path) }
    }

    static func move(_ source: String, to target: String) throws(SystemFault) {
        if rename(source, target) != 0 { throw SystemFault("rename", target) }
    }

    /// Removes a file; one that is gone already is fine.
    static func remove(_ path: String) throws(SystemFault) {
        if unlink(path) != 0 && errno != ENOENT { throw SystemFault("remove", path) }
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) throws(SystemFault) -> [String] {
        guard let stream = opendir(folder) else { throw SystemFault("open", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.sorted()
    }

    static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func nearest(_ path: String) -> stat? {
        var path = path
        while true {
            if let status = status(path) { return status }
            let parent = folder(of: path)
            if parent == path || parent == "." { return nil }
            path = parent
        }
    }
}
