#if canImport(Glibc)
    import Glibc
#endif

/// A name in an open folder: a path whose folders are looked up and can't be exchanged any more.
struct Place {
    /// Nil where `name` is the whole path.
    let folder: Descriptor?
    let name: String
    /// The path on the host, for messages.
    let path: String

    /// At the end of the name under which new content is written.
    static let temporarySuffix = ".putlive-new"

    private var number: Int32 { folder?.number ?? AT_FDCWD }

    /// Where the new content is written before it takes the place. Always the same name, so that what a crash left there
    /// is replaced by the next write.
    var beside: Place {
        Place(folder: folder, name: name + Self.temporarySuffix, path: path + Self.temporarySuffix)
    }

    /// Of what is there itself; nil when there is nothing.
    func status() throws(SystemError) -> stat? {
        var status = stat()
        if fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw SystemError("\(path) can't be looked at", errno: errno)
    }

    /// Opens what is there, never through a link.
    func open(_ flags: Int32, mode: mode_t = 0) -> Descriptor? {
        Descriptor(openat(number, name, flags | O_NOFOLLOW | O_CLOEXEC, mode))
    }

    /// Where a link leads to; nil for anything but a link.
    func linkTarget() throws(SystemError) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlinkat(number, name, $0, characters.count) } ?? -1
            }
        }
        if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
        if errno == EINVAL || errno == ENOENT { return nil }
        throw SystemError("\(path) can't be looked at", errno: errno)
    }

    func makeFolder() throws(SystemError) {
        guard mkdirat(number, name, 0o700) == 0 else { throw SystemError("\(path) can't be made", errno: errno) }
    }

    func makeLink(to target: String) throws(SystemError) {
        guard symlinkat(target, number, name) == 0 else { throw SystemError("\(path) can't be made", errno: errno) }
    }

    /// Takes the place of what is at `other`, in one step.
    func rename(to other: Place) throws(SystemError) {
        guard renameat(number, name, other.number, other.name) == 0 else {
            throw SystemError("\(other.path) can't be replaced", errno: errno)
        }
    }

    /// Removes a file or link, or an empty folder. False when nothing was there.
    @discardableResult
    func remove(folder isFolder: Bool = false) throws(SystemError) -> Bool {
        if unlinkat(number, name, isFolder ? AT_REMOVEDIR : 0) == 0 { return true }
        if errno == ENOENT || errno == ENOTDIR { return false }
        if isFolder && (errno == ENOTEMPTY || errno == EEXIST) { return false }
        throw SystemError("\(path) can't be removed", errno: errno)
    }

    func setMode(_ mode: UInt16) throws(SystemError) {
        guard fchmodat(number, name, mode_t(mode), AT_SYMLINK_NOFOLLOW) == 0 else {
            throw SystemError("the mode of \(path) can't be set", errno: errno)
        }
    }

    func setOwner(user: UInt32, group: UInt32) throws(SystemError) {
        guard fchownat(number, name, user, group, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw SystemError("the owner of \(path) can't be set", errno: errno)
        }
    }

    /// Makes sure that what was made, renamed or removed in the folder outlives a power cut.
    func syncFolder() throws(SystemError) {
        guard let folder, fsync(folder.number) == 0 else {
            throw SystemError("the folder of \(path) can't be synced", errno: errno)
        }
    }
}
