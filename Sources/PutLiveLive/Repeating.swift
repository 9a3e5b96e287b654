import ServiceLifecycle

/// Something that is done again and again until the service is asked to stop.
enum Repeating {
    /// Calls `body` at once and then `interval` after it has ended, until graceful shutdown or cancellation. A call that
    /// runs then is let end.
    static func every(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        // The first waits for nothing.
        let ticks = AsyncStream<Void>(unfolding: {
            do {
                try await Task.sleep(for: interval)
                return ()
            } catch {
                return nil
            }
        })
        await body()
        for await _ in ticks.cancelOnGracefulShutdown() { await body() }
    }
}
