#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The stream that systemd connects a service's output to its journal by (systemd.exec(5)). There a line that begins with
/// `<` number `>` has that priority (sd-daemon(3)).
public enum JournalStream {
    /// Whether a descriptor is that stream: `$JOURNAL_STREAM` is its device and inode, and children with another output
    /// inherit the variable as well.
    public static func isConnected(to descriptor: Int32) -> Bool {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(descriptor, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }
}
