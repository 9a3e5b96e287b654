#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that is written from its start to its end. It remembers why it couldn't be, so that a muxer above it needs no
/// way to say so.
final class OutputFile {
    private let path: String
    private var descriptor: Int32
    /// Bytes that were written.
    private(set) var count: Int64 = 0
    /// Why not all could be written.
    private(set) var failure: MediaError?

    /// Makes a file that isn't there yet; if it `replaces`, what was there is lost. `mode` holds whatever the umask says.
    convenience init(_ path: String, mode: mode_t, replaces: Bool) throws(MediaError) {
        let fresh = replaces ? O_TRUNC : O_EXCL
        let descriptor = open(path, O_WRONLY | O_CREAT | fresh | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Self.error("make", path) }
        fchmod(descriptor, mode)
        self.init(descriptor: descriptor, path: path)
    }

    /// Takes over a descriptor.
    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        if descriptor >= 0 { _ = systemClose(descriptor) }
    }

    /// Appends, unless something couldn't be written before.
    func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty, failure == nil {
            let written = systemWrite(descriptor, rest.baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                failure = Self.error("write", path)
                return
            }
            count += Int64(written)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }

    /// Appends in UTF-8.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Gives back what comes after the first `length` bytes.
    func truncate(to length: Int64) {
        ftruncate(descriptor, off_t(length))
    }

    /// Takes the name away, unless it is another file's by now. To be called before `close`.
    func remove() {
        var (own, named) = (stat(), stat())
        guard fstat(descriptor, &own) == 0, lstat(path, &named) == 0, own.st_ino == named.st_ino,
            own.st_dev == named.st_dev
        else { return }
        unlink(path)
    }

    /// Nothing more is written. Throws why not all of it was. Answers the file's number in the file system.
    @discardableResult
    func close() throws(MediaError) -> UInt64 {
        var status = stat()
        fstat(descriptor, &status)
        // Some file systems say only now that they are full.
        if systemClose(descriptor) != 0, failure == nil { failure = Self.error("write", path) }
        descriptor = -1
        if let failure { throw failure }
        return UInt64(status.st_ino)
    }

    /// What the system said last, of the file's name alone.
    static func error(_ action: String, _ path: String) -> MediaError {
        let reason = String(cString: strerror(errno))
        return MediaError(.storage, "can't \(action) \(path.split(separator: "/").last ?? ""): \(reason)")
    }
}

// The names are taken inside of OutputFile.
#if canImport(Glibc)
    private let systemWrite = Glibc.write
    private let systemClose = Glibc.close
#else
    private let systemWrite = Darwin.write
    private let systemClose = Darwin.close
#endif
