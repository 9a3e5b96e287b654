/// Lets one report at a time read the database, which has few readers: a long one must not keep logins and the checks of
/// stream keys waiting.
actor ReportLine {
    /// Reports that may wait; more are turned away.
    static let limit = 8

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Does `body` when its turn has come.
    ///
    /// - Throws: `Problem` 503 where too many wait; what `body` throws.
    func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        if isBusy {
            guard waiting.count < Self.limit else {
                throw Problem.unavailable("Too many reports at once; try again.", retryAfter: 5)
            }
            await withCheckedContinuation { waiting.append($0) }
        }
        isBusy = true
        defer {
            // The next one takes over without a gap in which another could come between.
            if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
        }
        return try await body()
    }

    /// Those who wait.
    var count: Int { waiting.count }
}
