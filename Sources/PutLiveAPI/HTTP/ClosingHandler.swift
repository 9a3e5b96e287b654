import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection after an error whose answer says so (`Connection: close`), such as one to a body that is too large:
/// Hummingbird goes on reading the body for as long as it comes. The answer is sent first, then our direction is closed;
/// what still comes is thrown away for a moment, for a connection closed over unread bytes is reset, and the client might
/// never see the answer (RFC 9112, section 9.6).
final class ClosingHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let patience: TimeAmount
    private var isLast = false
    private var isOver = false
    private var closing: Scheduled<Void>?

    /// - Parameter patience: How long a client may take to see the answer.
    init(patience: TimeAmount) {
        self.patience = patience
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 400:
            isLast = head.headerFields[.connection] == "close"
        case .end where isLast && !isOver:
            isOver = true
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
            closing = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
            return
        case .head, .body, .end:
            break
        }
        context.write(data, promise: promise)
    }

    /// No request after the last answer is one.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isOver { context.fireChannelRead(data) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
        closing = nil
    }
}
