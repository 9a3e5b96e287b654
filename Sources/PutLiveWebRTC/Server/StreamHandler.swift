import NIOCore

/// Takes the packets of one TCP connection, framed by RFC 4571.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let core: ServerCore
    private var framing = TCPFraming()
    private var source: TransportAddress?
    private var timer: RepeatedTask?
    /// Something came from a peer that is known, since the timer looked last.
    private var isAlive = false
    /// A connection that has said nothing from one look of the timer to the next is closed, and one that hasn't shown by the
    /// first whose it is.
    private static let patience = TimeAmount.seconds(15)

    init(core: ServerCore) {
        self.core = core
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let remote = context.channel.remoteAddress, let number = core.admit(context.channel) else {
            context.close(promise: nil)
            return
        }
        source = TransportAddress(remote, isTCP: true, connection: number)
        watch(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let source else { return }
        let bytes = unwrapInboundIn(data)
        let isGood = bytes.withUnsafeReadableBytes { framing.append($0) }
        while let frame = framing.next() { core.receive(ByteBuffer(bytes: frame), from: source) }
        guard isGood else {
            context.close(promise: nil)
            return
        }
        isAlive = isAlive || core.hub.knows(source)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        if let source { core.forget(source) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func watch(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.patience, delay: Self.patience) { _ in
            let (handler, context) = bound.value
            if !handler.isAlive { context.close(promise: nil) }
            handler.isAlive = false
        }
    }
}
