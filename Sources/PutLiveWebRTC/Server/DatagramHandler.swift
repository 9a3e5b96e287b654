import NIOCore

/// Takes the packets of one UDP socket.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let core: ServerCore
    private let number: UInt32

    /// - Parameter number: Of the local address, so that answers leave from where the packet came to.
    init(core: ServerCore, number: UInt32) {
        self.core = core
        self.number = number
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard
            let source = TransportAddress(envelope.remoteAddress, isTCP: false, connection: number),
            // Nobody can be answered there: it is forged, and the error of sending would close the socket.
            source.port != 0
        else { return }
        core.receive(envelope.data, from: source)
    }

    /// An error of receiving, such as of a port that has been closed, ends no socket; after one of sending NIO may close
    /// it, and the core binds another.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
