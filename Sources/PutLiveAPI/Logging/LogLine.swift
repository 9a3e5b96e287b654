import Logging

/// A line of the log: which fields it has, and in what order (docs/logs.md).
enum LogLine {
    /// A longer message is a sentence.
    private static let longestEvent = 64
    /// These stand first, in this order; the rest follows by name.
    private static let firstKeys = ["ip", "user", "stream", "request_id"]

    /// The line with its end. `milliseconds` are those since 1970.
    static func bytes(
        of event: LogEvent, metadata: Logger.Metadata, milliseconds: Int64, scrubber: SecretScrubber
    ) -> [UInt8] {
        let message = event.message.description
        let isEvent = isEventName(message)
        let tellsPlace = event.level <= .debug

        var line = JSONLine(scrubber: scrubber)
        line.begin(milliseconds: milliseconds, level: name(of: event.level), event: isEvent ? message : "message")
        if let ip = metadata["ip"] { line.field("ip", ip) }
        // A message may quote what a client said, so it comes after the address too.
        if !isEvent { line.field("message", .string(message)) }
        for key in firstKeys.dropFirst() {
            if let value = metadata[key] { line.field(key, value) }
        }
        for key in metadata.keys.sorted() where !firstKeys.contains(key) {
            guard let value = metadata[key] else { continue }
            // No object may have two fields of one name.
            let isTaken: Bool
            switch key {
            case "ts", "level", "event", JSONLine.truncationKey: isTaken = true
            case "message": isTaken = !isEvent
            case "source", "file": isTaken = tellsPlace
            default: isTaken = false
            }
            line.field(isTaken ? key + "_" : key, value)
        }
        if let error = event.error, metadata["error"] == nil { line.field("error", .string(String(describing: error))) }
        if tellsPlace {
            line.field("source", .string(event.source))
            line.field("file", .string("\(event.file):\(event.line)"))
        }
        return line.ended()
    }

    /// `[a-z0-9_]+`
    private static func isEventName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longestEvent
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// docs/logs.md knows no level below debug.
    private static func name(of level: Logger.Level) -> String {
        level == .trace ? Logger.Level.debug.rawValue : level.rawValue
    }
}
