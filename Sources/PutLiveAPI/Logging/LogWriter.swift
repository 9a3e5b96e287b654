/// Takes log lines, from many threads.
public protocol LogWriter: Sendable {
    /// Writes a line with its end; false where it is lost.
    func accept(_ line: [UInt8]) -> Bool
}
