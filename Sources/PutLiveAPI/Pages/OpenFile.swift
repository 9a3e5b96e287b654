import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A regular file opened for reading. What is read through it is one file, even where its name is given to another
/// meanwhile, as a playlist's is every two seconds.
final class OpenFile: Sendable {
    /// Bytes, at the time of opening.
    let size: Int
    /// Changes with the file: of inode, time of change in nanoseconds, and size.
    let entityTag: String
    private let descriptor: Int32

    /// - Parameter path: Its last part may not be a link.
    /// - Returns: nil where there is no such regular file that may be read.
    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        size = Int(status.st_size)
        #if canImport(Glibc)
            let changed = status.st_mtim
        #else
            let changed = status.st_mtimespec
        #endif
        let parts = [UInt64(status.st_ino), UInt64(changed.tv_sec), UInt64(changed.tv_nsec), UInt64(size)]
        entityTag = "\"" + parts.map { String($0, radix: 36) }.joined(separator: "-") + "\""
    }

    /// The bytes of `range`; fewer if the file was cut meanwhile.
    func read(_ range: Range<Int>) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: range.count)
        while buffer.readableBytes < range.count {
            let offset = range.lowerBound + buffer.readableBytes
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.upperBound - offset) {
                bytes in
                let count = pread(descriptor, bytes.baseAddress, range.upperBound - offset, off_t(offset))
                if count < 0 && errno != EINTR { throw IOError(errnoCode: errno, reason: "pread") }
                return max(0, count)
            }
            if count == 0 { break }
        }
        return buffer
    }

    deinit {
        close(descriptor)
    }
}
