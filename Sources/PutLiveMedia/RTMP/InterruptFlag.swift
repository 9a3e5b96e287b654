import Synchronization

/// Ends what libavformat waits for: it asks ten times a second while it does. Any thread may set it.
final class InterruptFlag: Sendable {
    /// When the current operation must be over, and when all must; microseconds on `clock`.
    private let operation = Atomic<Int64>(Int64.max)
    private let final = Atomic<Int64>(Int64.max)
    private let clock: @Sendable () -> Int64

    init(clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
    }

    /// What is being done now has so much time; nil for no limit.
    func allow(microseconds: Int64?) {
        operation.store(microseconds.map { clock() + $0 } ?? Int64.max, ordering: .relaxed)
    }

    /// Everything has to be over in so much time. It can only get less.
    func end(within microseconds: Int64) {
        _ = final.min(clock() + microseconds, ordering: .relaxed)
    }

    /// The wait is to end.
    var isDue: Bool {
        let due = min(operation.load(ordering: .relaxed), final.load(ordering: .relaxed))
        return due != Int64.max && clock() >= due
    }
}
