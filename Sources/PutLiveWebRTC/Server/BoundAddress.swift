import NIOCore
import NIOPosix

/// One address of the host with its sockets.
struct BoundAddress: Sendable {
    let address: String
    /// Names it in the addresses of its senders.
    let number: UInt32
    let udp: any Channel
    let tcp: any Channel

    var isActive: Bool { udp.isActive && tcp.isActive }

    func has(_ socket: ObjectIdentifier) -> Bool { [udp, tcp].contains { ObjectIdentifier($0) == socket } }

    func close() {
        udp.close(promise: nil)
        tcp.close(promise: nil)
    }

    /// Binds both ports; what comes goes to the core.
    ///
    /// - Returns: A failure is a `PortFailure`.
    static func bind(
        _ address: String, number: UInt32, _ settings: SocketSettings, _ core: NIOLoopBound<ServerCore>
    ) -> EventLoopFuture<BoundAddress> {
        let eventLoop = core.eventLoop
        let udp = DatagramBootstrap(group: eventLoop)
            .channelOption(.socketOption(.so_rcvbuf), value: 2 << 20)
            .channelOption(.datagramVectorReadMessageCount, value: 16)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(core: core.value, number: number))
                }
            }
            .bind(host: address, port: settings.udpPort)
            .flatMapErrorThrowing { throw PortFailure($0, address: address, port: settings.udpPort, isTCP: false) }
        return udp.flatMap { udp in
            ServerBootstrap(group: eventLoop)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(StreamHandler(core: core.value))
                    }
                }
                .bind(host: address, port: settings.tcpPort)
                .map { tcp in BoundAddress(address: address, number: number, udp: udp, tcp: tcp) }
                .flatMapErrorThrowing { error in
                    udp.close(promise: nil)
                    throw PortFailure(error, address: address, port: settings.tcpPort, isTCP: true)
                }
        }
    }
}

extension PortFailure {
    /// Of what NIO throws.
    fileprivate init(_ error: any Error, address: String, port: Int, isTCP: Bool) {
        self.init(address: address, port: port, isTCP: isTCP, errno: (error as? IOError)?.errnoCode ?? 0)
    }
}
