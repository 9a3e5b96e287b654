import CFFmpeg
import Synchronization

/// What FFmpeg's libraries, and libx264 through them, say of themselves. Left alone they write it to standard error as
/// plain text, URLs with their secrets among it: so none of it goes there. Their errors go to whoever asked for them.
public enum FFmpegLog {
    /// One of their errors.
    public struct Line: Sendable, Equatable {
        /// They can't go on: AV_LOG_PANIC and AV_LOG_FATAL, where others are AV_LOG_ERROR.
        public var isFatal: Bool
        /// What they say, with who says it: `[rtmp @ 0x…] Cannot open connection …`. No query of a URL.
        public var text: String
        /// Lines before this one that were too many.
        public var dropped: Int
    }

    private struct State {
        var limit = LineLimit()
        var take: (@Sendable (Line) -> Void)?
    }

    private static let state = Mutex(State())
    /// Longer lines are cut, in bytes.
    private static let mostBytes = 512

    /// Has `take` called with each error, from whatever thread it happens on, at most 10 times a minute. For the whole
    /// process.
    public static func route(to take: @escaping @Sendable (Line) -> Void) {
        state.withLock { $0 = State(take: take) }
        start()
    }

    /// Nothing is written to standard error any more.
    static func start() {
        _ = started
    }

    private static let started: Void = av_log_set_callback { context, level, format, arguments in
        // Most lines are of a lower level, and cost no more than this.
        guard level <= AV_LOG_ERROR, level > AV_LOG_QUIET, let arguments else { return }
        FFmpegLog.take(context, level, format, arguments)
    }

    private static func take(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>?,
        _ arguments: CVaListPointer
    ) {
        let (take, dropped) = state.withLock { state -> ((@Sendable (Line) -> Void)?, Int) in
            guard let take = state.take, let dropped = state.limit.admit(at: MonotonicClock.now()) else {
                return (nil, 0)
            }
            return (take, dropped)
        }
        guard let take else { return }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: mostBytes) { text -> String in
            // Each line with the name of who says it.
            var printsPrefix: Int32 = 1
            av_log_format_line2(context, level, format, arguments, text.baseAddress, Int32(text.count), &printsPrefix)
            return text.baseAddress.map { String(cString: $0) } ?? ""
        }
        take(Line(isFatal: level <= AV_LOG_FATAL, text: cleaned(text), dropped: dropped))
    }

    /// Without the end of the line, and without the queries of URLs, where the agent's secret and stream keys are.
    static func cleaned(_ text: String) -> String {
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        while let byte = rest.popFirst() {
            result.append(byte)
            guard byte == UInt8(ascii: "?") else { continue }
            let query = rest.prefix { $0 > 0x20 && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") }
            if !query.isEmpty { result += "***".utf8 }
            rest = rest[query.endIndex...]
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Lets 10 lines a minute through, and counts the others.
struct LineLimit: Sendable {
    private var minute: Int64?
    private var count = 0
    private var dropped = 0
    private static let most = 10

    /// How many were dropped since the last one that wasn't; nil if this one is, too. `now` in microseconds.
    mutating func admit(at now: Int64) -> Int? {
        if minute.map({ now - $0 >= 60_000_000 }) ?? true {
            minute = now
            count = 0
        }
        guard count < Self.most else {
            dropped += 1
            return nil
        }
        count += 1
        defer { dropped = 0 }
        return dropped
    }
}
