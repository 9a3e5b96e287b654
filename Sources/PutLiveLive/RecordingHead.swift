#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What stands before the first fragment of an MP4 file of fragments (ISO/IEC 14496-12, section 8.8).
enum RecordingHead {
    /// Far more than the tables of two empty tracks take.
    private static let most = 65_536

    /// The file is a head and nothing else, so that there is nothing to play: boxes `ftyp` and `moov`, or no byte at all.
    /// False for what isn't understood.
    static func isAll(of name: String, in folder: Int32, size: off_t) -> Bool {
        guard name.hasSuffix(".mp4"), size <= most else { return false }
        if size == 0 { return true }
        let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return box("ftyp", at: 0, of: file).flatMap { box("moov", at: $0, of: file) } == size
    }

    /// Where the box of this type at `offset` ends; nil for another.
    private static func box(_ type: String, at offset: off_t, of file: Int32) -> off_t? {
        var head = [UInt8](repeating: 0, count: 8)
        guard pread(file, &head, 8, offset) == 8, head[4...].elementsEqual(type.utf8) else { return nil }
        return offset + off_t(head[..<4].reduce(0) { $0 << 8 | Int($1) })
    }
}
