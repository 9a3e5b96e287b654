import NIOCore

/// Takes the packets of one TCP connection, framed by RFC 4571.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let core: ServerCore
    private var framing = TCPFraming()
    private var source: TransportAddress?
    private var deadline: Scheduled<Void>?
    /// A connection that says nothing for this long is closed, and one that hasn't shown by then whose it is.
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
        wait(context)
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
        if core.hub.knows(source) { wait(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if let source { core.forget(source) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func wait(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }
}
