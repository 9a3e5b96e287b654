#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that gets its name when it is whole: readers see all of it or nothing. What isn't kept is removed.
final class SegmentFile {
    let file: OutputFile
    private let path: String
    private let temporary: String
    private var isKept = false

    /// Made under another name: `path` followed by `.tmp`, unless told.
    init(_ path: String, temporary: String? = nil) throws(MediaError) {
        self.path = path
        self.temporary = temporary ?? path + ".tmp"
        // Whoever serves it may be of another user.
        file = try OutputFile(self.temporary, mode: 0o664, replaces: true)
    }

    deinit {
        if !isKept { unlink(temporary) }
    }

    /// Gives it its name, in place of a file that had it, and answers its number in the file system. Throws why it isn't
    /// whole.
    @discardableResult
    func keep() throws(MediaError) -> UInt64 {
        let number = try file.close()
        guard rename(temporary, path) == 0 else { throw OutputFile.error("name", path) }
        isKept = true
        return number
    }

    /// The number of a file in the file system, and when it was changed, in Unix milliseconds; nil if it isn't there.
    static func identity(of path: String) -> (number: UInt64, modified: Int64)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        #if canImport(Glibc)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        return (UInt64(status.st_ino), Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// All of a file as text; nil if it can't be read, or is larger than `limit` bytes.
    static func text(of path: String, limit: Int) -> String? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, filled in
            while filled < limit + 1, let base = buffer.baseAddress {
                let count = read(file, base + filled, limit + 1 - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
        }
        return bytes.count > limit ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) {
        unlink(path)
    }
}
