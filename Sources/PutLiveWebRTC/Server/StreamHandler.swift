import NIOCore

/// Takes the packets of one TCP connection, framed by RFC 4571.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let core: ServerCore
    private var framing = TCPFraming()
    private var source: TransportAddress?
    private var firstCheck: Scheduled<Void>?
    private var timer: RepeatedTask?
    /// Something came from a peer that is known, since the timer looked last.
    private var isAlive = false
    /// An authentic check has come.
    private var isKnown = false
    /// Bytes that came before.
    private var bytesOfStranger = 0
    /// Until the first authentic check: browsers send it once they are connected.
    private static let patienceWithStrangers = TimeAmount.seconds(5)
    /// A connection that has said nothing from one look of the timer to the next is closed.
    private static let patience = TimeAmount.seconds(15)
    /// Most bytes before the first authentic check, which are some hundred.
    private static let mostOfStranger = 8192

    init(core: ServerCore) {
        self.core = core
    }

    func channelActive(context: ChannelHandlerContext) {
        source = core.admit(context.channel)
        guard source != nil else {
            context.close(promise: nil)
            return
        }
        watch(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let source else { return }
        let bytes = unwrapInboundIn(data)
        let isGood = bytes.withUnsafeReadableBytes { framing.append($0) }
        while let frame = framing.next() { core.receive(ByteBuffer(bytes: frame), from: source) }
        if core.hub.knows(source) {
            isAlive = true
            isKnown = true
        } else if !isKnown {
            bytesOfStranger += bytes.readableBytes
        }
        if !isGood || bytesOfStranger > Self.mostOfStranger { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        firstCheck?.cancel()
        timer?.cancel()
        if let source { core.forget(source) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func watch(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        firstCheck = context.eventLoop.scheduleTask(in: Self.patienceWithStrangers) {
            let (handler, context) = bound.value
            if !handler.isKnown { context.close(promise: nil) }
        }
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.patience, delay: Self.patience) { _ in
            let (handler, context) = bound.value
            if !handler.isAlive { context.close(promise: nil) }
            handler.isAlive = false
        }
    }
}
