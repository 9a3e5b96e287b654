#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why the folder of HLS can't be read or written.
struct FolderFailure: Error, Sendable, Equatable, CustomStringConvertible {
    var path: String
    var what: String
    var number: Int32

    init(_ path: String, _ what: String, _ number: Int32 = errno) {
        self.path = path
        self.what = what
        self.number = number
    }

    var description: String { "\(path): \(what): \(String(cString: strerror(number)))" }
}

/// The folder of playlists and segments. Links to it are followed, for its path is the config's; nothing in it that isn't
/// a plain file is looked at, and no link in it is followed.
struct LiveFolder {
    let path: String
    private var texts: [Rendition: (size: Int64, modified: UnixMilliseconds, playlist: MediaPlaylist?)] = [:]
    /// More than a host can have; beyond it somebody else fills the folder.
    private static let mostFiles = 20_000

    init(path: String) {
        self.path = path
    }

    /// Lists it, and reads the playlists that have changed since the last time.
    mutating func read() throws(FolderFailure) -> HLSListing {
        let descriptor = try opened()
        defer { close(descriptor) }
        var listing = HLSListing(files: try Self.files(descriptor, path))
        var kept = texts
        kept.removeAll(keepingCapacity: true)
        for file in listing.files {
            guard case .playlist(let rendition) = file.kind else { continue }
            if let known = texts[rendition], known.size == file.size, known.modified == file.modified {
                kept[rendition] = known
            } else {
                let text = Self.contents(descriptor, file.name, limit: MediaPlaylist.limit)
                    .map { String(decoding: $0, as: UTF8.self) }
                kept[rendition] = (file.size, file.modified, text.flatMap(MediaPlaylist.parse))
            }
            listing.playlists[rendition] = kept[rendition]?.playlist
        }
        texts = kept
        return listing
    }

    /// The start of a segment; nil if it isn't there any more.
    func start(of name: String, limit: Int) throws(FolderFailure) -> [UInt8]? {
        let descriptor = try opened()
        defer { close(descriptor) }
        return Self.contents(descriptor, name, limit: limit, isWhole: false)
    }

    /// Replaces a file at once: readers see the old one or the new one. Its mode is 0664.
    func write(_ name: String, _ text: String) throws(FolderFailure) {
        let descriptor = try opened()
        defer { close(descriptor) }
        let temporary = name + ".tmp"
        // Left by an agent that was killed in between; nobody else writes names of ours.
        unlinkat(descriptor, temporary, 0)
        let file = openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o664)
        guard file >= 0 else { throw FolderFailure("\(path)/\(temporary)", "can't be made") }
        do {
            defer { close(file) }
            // The umask may have taken the group's right.
            fchmod(file, 0o664)
            try Self.write(Array(text.utf8), to: file, "\(path)/\(temporary)")
        } catch {
            unlinkat(descriptor, temporary, 0)
            throw error
        }
        guard renameat(descriptor, temporary, descriptor, name) == 0 else {
            let failure = FolderFailure("\(path)/\(name)", "can't be replaced")
            unlinkat(descriptor, temporary, 0)
            throw failure
        }
    }

    /// Removes a file. One that isn't there any more is no error.
    func remove(_ name: String) throws(FolderFailure) {
        let descriptor = try opened()
        defer { close(descriptor) }
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw FolderFailure("\(path)/\(name)", "can't be removed")
        }
    }

    /// Size and use of the file system that it is on, in bytes; nil if it can't be told.
    func space() -> (size: Int64, used: Int64)? {
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { return nil }
        let unit = Int64(space.f_frsize)
        return (Int64(space.f_blocks) * unit, Int64(space.f_blocks - space.f_bfree) * unit)
    }

    private func opened() throws(FolderFailure) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FolderFailure(path, "can't be opened") }
        return descriptor
    }

    private static func files(_ folder: Int32, _ path: String) throws(FolderFailure) -> [HLSFile] {
        // The stream of entries takes its descriptor with it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let entries = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            throw FolderFailure(path, "can't be listed")
        }
        defer { closedir(entries) }
        var files: [HLSFile] = []
        while files.count < mostFiles, let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard let kind = HLSFileName(name), fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            #if canImport(Glibc)
                let time = status.st_mtim
            #else
                let time = status.st_mtimespec
            #endif
            let modified = UnixMilliseconds(time.tv_sec) * 1000 + UnixMilliseconds(time.tv_nsec) / 1_000_000
            files.append(HLSFile(name: name, kind: kind, size: Int64(status.st_size), modified: modified))
        }
        return files
    }

    /// Nil if it can't be read, or if all of it is wanted and it is larger than `limit`.
    private static func contents(_ folder: Int32, _ name: String, limit: Int, isWhole: Bool = true) -> [UInt8]? {
        let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let capacity = isWhole ? limit + 1 : limit
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
            filled = 0
            while filled < capacity, let base = buffer.baseAddress {
                let count = systemRead(file, base + filled, capacity - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
        }
        return isWhole && bytes.count > limit ? nil : bytes
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FolderFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FolderFailure(path, "can't be written") }
            rest = rest.dropFirst(count)
        }
    }
}

// The names are taken inside of LiveFolder.
#if canImport(Glibc)
    private let systemRead = Glibc.read
    private let systemWrite = Glibc.write
#else
    private let systemRead = Darwin.read
    private let systemWrite = Darwin.write
#endif
