/// A point of time on a clock that never goes back; the state machines are told it and never ask for it.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Microseconds since some moment before the first use.
    public var microseconds: Int64

    /// Of microseconds.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Later by `milliseconds`.
    public func adding(milliseconds: Int) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + Int64(milliseconds) * 1000)
    }

    /// Later by `microseconds`.
    public func adding(microseconds more: Int64) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + more)
    }

    /// Microseconds from `earlier` to this; negative if it is later.
    public func microseconds(since earlier: MonotonicTime) -> Int64 { microseconds - earlier.microseconds }

    /// By time.
    public static func < (one: MonotonicTime, other: MonotonicTime) -> Bool { one.microseconds < other.microseconds }
}
