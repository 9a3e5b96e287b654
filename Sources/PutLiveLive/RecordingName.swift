/// The name of a recording, as this agent and SRS's DVR give them. Whatever has another name isn't ours.
public struct RecordingName: Sendable, Equatable {
    /// What was recorded.
    public var stream: StreamName
    /// When its broadcast began, where the name says so in a way that doesn't depend on a time zone.
    public var startedAt: UnixMilliseconds?
    /// By its name it is still being written; or was, when its writer was killed.
    public var isUnfinished = false

    /// Of a recording of the embedded engine that begins at `time`.
    public static func text(_ stream: StreamName, at time: UnixMilliseconds) -> String { "\(stream)-\(time).mp4" }

    /// Reads the name of a file in the folder of recordings: `<stream>-<milliseconds>.mp4`, and `…-<number>.mp4` of the
    /// parts that follow it.
    public init?(embedded name: String) {
        guard name.utf8.count <= 100, name.hasSuffix(".mp4") else { return nil }
        var parts = name.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        if let part = parts.last, Self.isNumber(part, of: 1...4) { parts.removeLast() }
        guard let time = parts.popLast(), Self.isNumber(time, of: 13...13),
            let stream = StreamName(parts.joined(separator: "-"))
        else { return nil }
        self.stream = stream
        startedAt = UnixMilliseconds(time)
    }

    /// Reads the name of a file in SRS's folder of `stream`: `<date>_<time>.flv`, and `….tmp` while it is written.
    public init?(srs name: String, of stream: StreamName) {
        let isUnfinished = name.hasSuffix(".tmp")
        let whole = isUnfinished ? name.dropLast(4) : name[...]
        // As srs.conf has dvr_path: 2026-11-22_14-05-42-364.flv.
        let digits = whole.utf8.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) ? UInt8(ascii: "0") : $0 }
        guard String(decoding: digits, as: UTF8.self) == "0000-00-00_00-00-00-000.flv" else { return nil }
        self.stream = stream
        self.isUnfinished = isUnfinished
    }

    private static func isNumber(_ text: Substring, of count: ClosedRange<Int>) -> Bool {
        count.contains(text.utf8.count) && text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    }
}
