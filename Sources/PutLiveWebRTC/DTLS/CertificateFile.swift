#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where our certificate is kept, so that it is the same after a restart, for no longer than its validity.
public struct CertificateFile: Sendable {
    /// Of the file, in PEM, readable by us alone.
    public let path: String
    /// More than any certificate with its key has.
    private static let longest = 65_536

    /// The folder has to exist.
    public init(path: String) {
        self.path = path
    }

    /// The certificate in the file, or a new one that is put there: if there is none, it is damaged or nearly expired, or
    /// others could have read the key.
    ///
    /// - Parameter now: Seconds since 1970.
    public func loadOrMake(now: Int64) throws(CertificateError) -> Certificate {
        if let pem = try kept(), let old = try? Certificate(pem: pem), !old.needsRenewal(now: now) { return old }
        let certificate = try Certificate.make(now: now)
        try keep(certificate.pem())
        return certificate
    }

    /// The same, but if the file can't be read or written, a new one that is lost with the process; `unkept` is told why.
    ///
    /// - Parameter now: Seconds since 1970.
    public func loadOrMake(now: Int64, unkept: (CertificateError) -> Void) throws(CertificateError) -> Certificate {
        do throws(CertificateError) {
            return try loadOrMake(now: now)
        } catch {
            guard case .file = error else { throw error }
            unkept(error)
            return try Certificate.make(now: now)
        }
    }

    /// Nil if there is none that may be used.
    private func kept() throws(CertificateError) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            // A link is replaced by a file of ours.
            if errno == ENOENT || errno == ELOOP { return nil }
            throw failure("open")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
            status.st_size <= Self.longest
        else { return nil }
        var text = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < text.count {
            let taken = text.withUnsafeMutableBytes {
                read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard taken >= 0 || errno == EINTR else { throw failure("read") }
            if taken == 0 { break }
            count += max(0, taken)
        }
        return String(decoding: text[..<count], as: UTF8.self)
    }

    /// All of it or nothing: a new file takes the place of the old one.
    private func keep(_ pem: String) throws(CertificateError) {
        let temporary = path + ".tmp"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", temporary) }
        do throws(CertificateError) {
            defer { close(file) }
            try append(Array(pem.utf8), to: file, temporary)
            guard fsync(file) == 0 else { throw failure("fsync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure("rename")
            unlink(temporary)
            throw error
        }
    }

    private func append(_ text: [UInt8], to file: Int32, _ temporary: String) throws(CertificateError) {
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { throw failure("write", temporary) }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private func failure(_ call: String, _ other: String? = nil) -> CertificateError {
        .file(call: call, path: other ?? path, errno: errno)
    }
}
