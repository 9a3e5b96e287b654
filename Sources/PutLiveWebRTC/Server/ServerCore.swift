import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The sockets around the hub: what comes in goes to it, what it has goes out. Owned by one event loop.
final class ServerCore {
    /// One local address with its sockets.
    private struct Bound {
        let address: String
        let number: UInt32
        let udp: any Channel
        let tcp: any Channel

        var isActive: Bool { udp.isActive && tcp.isActive }

        func close() {
            udp.close(promise: nil)
            tcp.close(promise: nil)
        }
    }

    private struct Connection {
        let source: TransportAddress
        let channel: any Channel
    }

    let hub: PeerHub
    private let settings: SocketSettings
    private let eventLoop: any EventLoop
    private var bound: [Bound] = []
    private var nextNumber: UInt32 = 1
    /// TCP connections by their number.
    private var connections: [UInt32: Connection] = [:]
    private var timer: RepeatedTask?
    private var isShutDown = false
    /// Packets are decrypted here, so that NIO's own buffers need no copy for each.
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    init(hub: PeerHub, settings: SocketSettings, eventLoop: any EventLoop) {
        self.hub = hub
        self.settings = settings
        self.eventLoop = eventLoop
        hub.send = { [unowned self] bytes, destination in send(bytes, to: destination) }
    }

    deinit { scratch.deallocate() }

    var now: MonotonicTime { MonotonicTime(microseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1000)) }

    // MARK: Addresses

    /// There is an address that browsers can send to.
    var isBound: Bool { !bound.isEmpty }

    /// Binds the ports on all addresses. At least one has to work; a port that is taken is an error.
    func bind() -> EventLoopFuture<Void> {
        let futures: [EventLoopFuture<Void>]
        do {
            futures = missing(of: try addresses()).map { bind($0) }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        return EventLoopFuture.whenAllComplete(futures, on: eventLoop).flatMapThrowing { results in
            let failures = results.compactMap { result -> (any Error)? in
                if case .failure(let error) = result { return error }
                return nil
            }
            if let taken = failures.first(where: { ($0 as? IOError)?.errnoCode == EADDRINUSE }) { throw taken }
            if core.value.bound.isEmpty, let failure = failures.first { throw failure }
        }
    }

    /// Binds what addresses came since, and lets go of those that went. What can't be bound is left out.
    func refresh() -> EventLoopFuture<Void> {
        // Where the interfaces can't be listed, what is bound stays.
        guard let present = try? addresses() else { return eventLoop.makeSucceededVoidFuture() }
        // Out of the list first, so that their end isn't taken for a loss.
        let gone = bound.filter { !present.contains($0.address) || !$0.isActive }
        bound.removeAll { one in gone.contains { $0.number == one.number } }
        for one in gone { one.close() }
        return EventLoopFuture.whenAllComplete(missing(of: present).map { bind($0) }, on: eventLoop).map { _ in }
    }

    /// Of the host now.
    private func addresses() throws -> [String] {
        try LocalAddresses.list(includesLoopback: settings.includesLoopback)
    }

    private func missing(of addresses: [String]) -> [String] {
        guard !isShutDown else { return [] }
        return addresses.filter { address in !bound.contains { $0.address == address } }
    }

    /// - Parameter known: The number of the address before its sockets were lost.
    private func bind(_ address: String, as known: UInt32? = nil) -> EventLoopFuture<Void> {
        let number = known ?? nextNumber
        if known == nil { nextNumber &+= 1 }
        let core = NIOLoopBound(self, eventLoop: eventLoop)
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
        let (eventLoop, tcpPort) = (eventLoop, settings.tcpPort)
        return udp.flatMap { udp in
            ServerBootstrap(group: eventLoop)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(StreamHandler(core: core.value))
                    }
                }
                .bind(host: address, port: tcpPort)
                .map { tcp in
                    core.value.bound.append(Bound(address: address, number: number, udp: udp, tcp: tcp))
                    for channel in [udp, tcp] { channel.closeFuture.whenComplete { _ in core.value.lost(number) } }
                }
                .flatMapError { error in
                    udp.close(promise: nil)
                    return eventLoop.makeFailedFuture(error)
                }
        }
    }

    /// A socket has closed by itself: NIO closes one of UDP after nearly every error of sending, such as to a network that
    /// can't be reached. The address keeps its number, so that its sessions go on.
    private func lost(_ number: UInt32) {
        guard !isShutDown, let index = bound.firstIndex(where: { $0.number == number }) else { return }
        let gone = bound.remove(at: index)
        gone.close()
        bindAgain(gone.address, as: number, after: .zero)
    }

    private func bindAgain(_ address: String, as number: UInt32, after delay: TimeAmount) {
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: delay) {
            let value = core.value
            let present = (try? value.addresses()) ?? [address]
            guard value.missing(of: present).contains(address) else { return }
            value.bind(address, as: number).whenFailure { _ in
                let next = min(max(delay * 2, .milliseconds(500)), .seconds(30))
                core.value.bindAgain(address, as: number, after: next)
            }
        }
    }

    /// What browsers are told of where to send: the values of `a=candidate`.
    func candidates(publicAddress: String?) -> [String] {
        addresses(publicAddress: publicAddress).enumerated().flatMap { index, address in
            [
                ICECandidate.udp(address: address, port: UInt16(settings.udpPort), index: index),
                ICECandidate.passiveTCP(address: address, port: UInt16(settings.tcpPort), index: index),
            ]
        }
    }

    /// With what a browser finds out whether UDP leads here.
    func probe(publicAddress: String?) throws(PeerRefusal) -> PeerProbe {
        guard isBound else { throw .noAddress }
        let candidates = addresses(publicAddress: publicAddress).enumerated().map { index, address in
            ICECandidate.udp(address: address, port: UInt16(settings.udpPort), index: index)
        }
        return PeerProbe(credentials: try hub.probe(at: now), candidates: candidates, udpPort: settings.udpPort)
    }

    /// Where browsers may reach this host, the best first.
    private func addresses(publicAddress: String?) -> [String] {
        var addresses = bound.map(\.address)
        if let publicAddress {
            // Outside, the private addresses of IPv4 lead nowhere (RFC 1918).
            addresses.removeAll { (!$0.contains(":") && $0 != "127.0.0.1") || $0 == publicAddress }
            addresses.insert(publicAddress, at: 0)
        }
        return addresses
    }

    // MARK: Packets

    /// Takes a packet from a socket.
    func receive(_ packet: ByteBuffer, from source: TransportAddress) {
        let count = min(packet.readableBytes, scratch.count)
        packet.withUnsafeReadableBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: scratch[..<count]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        hub.receive(UnsafeMutableRawBufferPointer(rebasing: scratch[..<count]), from: source, at: now)
    }

    private func send(_ bytes: [UInt8], to destination: TransportAddress) {
        if destination.isTCP {
            guard let channel = connections[destination.connection]?.channel else { return }
            // A peer that doesn't read isn't waited for: feedback that is late is worth nothing.
            guard channel.isWritable else { return }
            channel.writeAndFlush(ByteBuffer(bytes: TCPFraming.framed(bytes)), promise: nil)
        } else {
            guard let socket = bound.first(where: { $0.number == destination.connection })?.udp else { return }
            let envelope = AddressedEnvelope(
                remoteAddress: destination.socketAddress, data: ByteBuffer(bytes: bytes))
            socket.writeAndFlush(envelope, promise: nil)
        }
    }

    // MARK: TCP

    /// Takes a new TCP connection and says where it is from, with its number; nil if there are too many. One that no
    /// session uses may be closed for it.
    func admit(_ channel: any Channel) -> TransportAddress? {
        guard !isShutDown, let remote = channel.remoteAddress,
            let source = TransportAddress(remote, isTCP: true, connection: nextNumber)
        else { return nil }
        switch TCPAdmission.decide(source, among: connections.values.map(\.source), settings, knows: hub.knows) {
        case .admitted: break
        case .inPlaceOf(let stranger):
            let channel = connections[stranger.connection]?.channel
            forget(stranger)
            channel?.close(promise: nil)
        case .refused: return nil
        }
        nextNumber &+= 1
        connections[source.connection] = Connection(source: source, channel: channel)
        return source
    }

    func forget(_ address: TransportAddress) {
        connections[address.connection] = nil
        hub.forget(address)
    }

    // MARK: Time

    /// The result of something done with the hub; afterwards the timer runs if there is anything to time.
    func completing<Value: Sendable>(_ body: () throws -> Value) -> EventLoopFuture<Value> {
        let result = Result { try body() }
        if timer == nil, !hub.isEmpty, !isShutDown {
            let core = NIOLoopBound(self, eventLoop: eventLoop)
            timer = eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(10), delay: .milliseconds(10)) { _ in
                core.value.tick()
            }
        }
        return eventLoop.makeCompletedFuture(result)
    }

    private func tick() {
        hub.tick(at: now)
        if hub.isEmpty {
            timer?.cancel()
            timer = nil
        }
    }

    func shutDown() -> EventLoopFuture<Void> {
        isShutDown = true
        hub.closeAll()
        timer?.cancel()
        timer = nil
        let channels = bound.flatMap { [$0.udp, $0.tcp] } + connections.values.map(\.channel)
        bound = []
        connections = [:]
        return EventLoopFuture.whenAllComplete(channels.map { $0.close() }, on: eventLoop).map { _ in }
    }
}
