import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How Hummingbird's server makes a connection that it took, and serves it.
struct Connections: ServerChildChannel {
    let gate: Gate
    let dates: HTTPDateCache
    /// How long a client may take for a request's head, for taking an answer, or be idle.
    let idleTimeout: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = 8 * 1024
            limits.maxHeaderListSize = 32 * 1024
            limits.maxHeaderFieldCount = 100
            try pipeline.addHandler(SlowClientHandler(timeout: idleTimeout))
            try pipeline.addHandler(
                ByteToMessageHandler(
                    HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
            let handler = ConnectionHandler(gate: gate, dates: dates, logger: logger, idleTimeout: idleTimeout)
            try pipeline.addHandler(handler)
            return Connection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
    }

    /// Does what the handler can't do at once, until the connection is closed.
    func handle(value connection: Connection, logger: Logger) async {
        await withTaskCancellationHandler {
            while let work = await connection.next() {
                switch work {
                case .finish(let visit): await connection.answer(gate.finish(visit))
                case .write(let response): await connection.answer(response)
                }
            }
        } onCancel: {
            connection.cancel()
        }
    }
}

/// A connection as its task sees it.
struct Connection: ServerChildChannelValue {
    let channel: any Channel
    let handler: NIOLoopBound<ConnectionHandler>

    /// Nil when it is closed.
    func next() async -> ConnectionWork.Item? {
        await withCheckedContinuation { worker in
            onLoop { $0.next(worker) }
        }
    }

    func answer(_ response: Response) async {
        guard case .pieces = response.body else { return onLoop { $0.answer(response) } }
        onLoop { $0.writeHead(of: response) }
        do {
            try await response.body.write(Writer(connection: self))
            onLoop { $0.endBody(isWhole: true) }
        } catch {
            onLoop { $0.endBody(isWhole: false) }
        }
    }

    func cancel() {
        onLoop { $0.cancel() }
    }

    private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
        if channel.eventLoop.inEventLoop {
            body(handler.value)
        } else {
            channel.eventLoop.execute { body(handler.value) }
        }
    }

    private struct Writer: ResponseBodyWriter {
        let connection: Connection

        func write(_ buffer: ByteBuffer) async throws {
            try await withCheckedThrowingContinuation { writer in
                connection.onLoop { $0.write(buffer, writer) }
            }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
