import NIOCore

/// The sockets around the hub: what comes in goes to it, what it has goes out. Owned by one event loop.
final class ServerCore {
    private struct Connection {
        let source: TransportAddress
        let channel: any Channel
    }

    let hub: PeerHub
    private let settings: SocketSettings
    private let eventLoop: any EventLoop
    private var bound: [BoundAddress] = []
    private var nextNumber: UInt32 = 1
    /// Of each address, so that its sessions go on when its sockets are made anew.
    private var numbers: [String: UInt32] = [:]
    /// Addresses of which the last try has failed.
    private var failures: [String: PortFailure] = [:]
    /// Addresses that are to be tried again.
    private var waiting: Set<String> = []
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

    /// What can't be bound now, by its address.
    var portFailures: [PortFailure] { failures.values.sorted { $0.address < $1.address } }

    /// Why no offer can be taken now; nil if one can.
    var refusal: PeerRefusal? {
        // Most browsers can't send to an address of IPv6, so those alone don't do if there should be others.
        let isIPv4 = { (address: String) in !address.contains(":") }
        if !bound.contains(where: { isIPv4($0.address) }),
            let failure = portFailures.first(where: { isIPv4($0.address) })
        {
            return .noPort(failure)
        }
        guard bound.isEmpty else { return nil }
        return portFailures.first.map { .noPort($0) } ?? .noAddress
    }

    /// Binds the ports on all addresses. What can't be bound, as when another program has a port, is tried again.
    func bind() -> EventLoopFuture<Void> {
        do {
            return bindMissing(of: try addresses())
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    /// Binds what addresses came since, and lets go of those that went. What can't be bound is tried again.
    func refresh() -> EventLoopFuture<Void> {
        // Where the interfaces can't be listed, what is bound stays.
        guard let present = try? addresses() else { return eventLoop.makeSucceededVoidFuture() }
        // Out of the list first, so that their end isn't taken for a loss.
        let gone = bound.filter { !present.contains($0.address) || !$0.isActive }
        bound.removeAll { one in gone.contains { $0.number == one.number } }
        for one in gone { one.close() }
        return bindMissing(of: present)
    }

    private func bindMissing(of present: [String]) -> EventLoopFuture<Void> {
        numbers = numbers.filter { present.contains($0.key) }
        failures = failures.filter { present.contains($0.key) }
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        let tries = missing(of: present).map { address in
            bind(address).flatMapErrorThrowing { _ in core.value.bindAgain(address, after: .milliseconds(500)) }
        }
        return EventLoopFuture.whenAllComplete(tries, on: eventLoop).map { _ in }
    }

    /// Of the host now.
    private func addresses() throws -> [String] {
        try LocalAddresses.list(includesLoopback: settings.includesLoopback)
    }

    private func missing(of addresses: [String]) -> [String] {
        guard !isShutDown else { return [] }
        return addresses.filter { address in !bound.contains { $0.address == address } }
    }

    private func number(of address: String) -> UInt32 {
        if let known = numbers[address] { return known }
        defer { nextNumber &+= 1 }
        numbers[address] = nextNumber
        return nextNumber
    }

    private func bind(_ address: String) -> EventLoopFuture<Void> {
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        return BoundAddress.bind(address, number: number(of: address), settings, core)
            .map { core.value.take($0) }
            .flatMapErrorThrowing { error in
                if let failure = error as? PortFailure { core.value.note(failure) }
                throw error
            }
    }

    private func take(_ new: BoundAddress) {
        guard !isShutDown else { return new.close() }
        failures[new.address] = nil
        waiting.remove(new.address)
        bound.append(new)
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        for channel in [new.udp, new.tcp] {
            let socket = ObjectIdentifier(channel)
            channel.closeFuture.whenComplete { _ in core.value.lost(socket) }
        }
    }

    private func note(_ failure: PortFailure) {
        // Of two tries at once, one may have found the other's sockets.
        guard !bound.contains(where: { $0.address == failure.address }) else { return }
        failures[failure.address] = failure
    }

    /// A socket has closed by itself: NIO closes one of UDP after nearly every error of sending, such as to a network that
    /// can't be reached. The address keeps its number, so that its sessions go on.
    private func lost(_ socket: ObjectIdentifier) {
        guard !isShutDown, let index = bound.firstIndex(where: { $0.has(socket) }) else { return }
        let gone = bound.remove(at: index)
        gone.close()
        bindAgain(gone.address, after: .zero)
    }

    /// Tries until it is bound or the address has gone, later and later, up to every 30 s.
    private func bindAgain(_ address: String, after delay: TimeAmount) {
        guard waiting.insert(address).inserted else { return }
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: delay) {
            let value = core.value
            value.waiting.remove(address)
            let present = (try? value.addresses()) ?? [address]
            value.failures = value.failures.filter { present.contains($0.key) }
            guard value.missing(of: present).contains(address) else { return }
            value.bind(address).whenFailure { _ in
                let next = min(max(delay * 2, .milliseconds(500)), .seconds(30))
                core.value.bindAgain(address, after: next)
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
        if let refusal { throw refusal }
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
