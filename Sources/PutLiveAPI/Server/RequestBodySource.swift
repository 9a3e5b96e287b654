import HummingbirdCore
import NIOCore

/// The connection's end of a request's body: pieces go in on the event loop, and the handler of the request reads them.
struct RequestBodySource {
    private typealias Pieces = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, Demand
    >

    /// What the handler reads.
    let body: RequestBody
    private let source: Pieces.Source

    /// - Parameter onDemand: Called, on any thread, when more pieces are wanted after ``yield(_:)`` said that they aren't,
    ///   or nobody reads any more.
    init(onDemand: @escaping @Sendable () -> Void) {
        let pieces = Pieces.makeSequence(
            backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8), finishOnDeinit: true,
            delegate: Demand(more: onDemand))
        body = RequestBody(asyncSequence: pieces.sequence)
        source = pieces.source
    }

    /// Hands a piece over.
    ///
    /// - Returns: Whether no more should be read of the connection for now.
    func yield(_ piece: ByteBuffer) -> Bool {
        source.yield(contentsOf: CollectionOfOne(piece)) == .stopProducing
    }

    /// The body is complete.
    func finish() {
        source.finish()
    }

    /// The rest won't come.
    func fail(_ error: any Error) {
        source.finish(error)
    }
}

/// Tells the connection of its reader.
private struct Demand: NIOAsyncSequenceProducerDelegate {
    let more: @Sendable () -> Void

    func produceMore() { more() }
    func didTerminate() { more() }
}
