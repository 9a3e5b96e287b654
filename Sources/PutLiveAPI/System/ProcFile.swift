#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Small files of the kernel's, such as those below /proc.
enum ProcFile {
    /// The file's text, or its first `limit` bytes; nil where it can't be read.
    static func text(_ path: String, limit: Int = 65_536) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let isWhole = withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
            while bytes.count < limit {
                let count = read(descriptor, buffer.baseAddress, min(buffer.count, limit - bytes.count))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 }
                bytes.append(contentsOf: buffer[..<count])
            }
            return true
        }
        return isWhole ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Entries of a folder, `.` and `..` left out; nil where it can't be read.
    static func countEntries(_ path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return max(count - 2, 0)
    }
}
