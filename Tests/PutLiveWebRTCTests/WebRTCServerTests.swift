import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import PutLiveWebRTC

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The sockets: what the hub is given by them, and what leaves by them.
@Suite(.serialized) struct WebRTCServerTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func server(port: Int) async throws -> WebRTCServer {
        try await WebRTCServer.make(
            settings: PeerSettings(maxBitrate: 2_500_000, keyframeInterval: 2_000_000),
            sockets: SocketSettings(udpPort: port, tcpPort: port, includesLoopback: true),
            certificate: DTLSPair.certificate, group: group)
    }

    /// One that serves, and its port: below those that the system gives to whoever asks for any.
    private func serving() async throws -> (server: WebRTCServer, port: Int) {
        for _ in 0..<20 {
            let port = Int.random(in: 20_000..<32_000)
            let server = try await server(port: port)
            try await server.start()
            if try await server.portFailures().isEmpty { return (server, port) }
            try await server.shutDown()
        }
        throw NoPort()
    }

    private struct NoPort: Error {}

    private func accept(_ server: WebRTCServer, _ diary: SessionDiary, id: String = "one") async throws -> PeerAnswer {
        try await server.accept(
            id: id, offer: SessionTestPeer.offer(ufrag: "them", fingerprint: SessionTestPeer.certificate.fingerprint),
            publicAddress: nil, handlers: diary.handlers)
    }

    /// What comes to one channel.
    private final class Answers<Message>: ChannelInboundHandler, Sendable {
        typealias InboundIn = Message
        let first: EventLoopPromise<[UInt8]>
        let bytes: @Sendable (Message) -> ByteBuffer

        init(_ first: EventLoopPromise<[UInt8]>, _ bytes: @escaping @Sendable (Message) -> ByteBuffer) {
            self.first = first
            self.bytes = bytes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            first.succeed(Array(bytes(unwrapInboundIn(data)).readableBytesView))
        }
    }

    @Test func checksAreAnsweredOverUDP() async throws {
        let (server, port) = try await serving()
        let diary = SessionDiary()
        let answer = try await accept(server, diary)
        #expect(answer.sdp.contains("udp 2130706431 ") && answer.sdp.contains(" 127.0.0.1 \(port) typ host\r\n"))
        #expect(answer.sdp.contains("tcptype passive"))
        let promise = group.next().makePromise(of: [UInt8].self)
        let handler = Answers<AddressedEnvelope<ByteBuffer>>(promise) { $0.data }
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0).get()
        let remote = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        for bytes in [[UInt8](repeating: 9, count: 100), try SessionTestPeer.check(answer)] {
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: bytes)))
        }
        let message = try await promise.futureResult.get()
        #expect(message[0] == 1 && message[1] == 1)
        #expect(try await server.entityTag(of: "one") == answer.entityTag)
        #expect(try await server.statistics()["one"]?.usesTCP == false)
        server.requestKeyframe(id: "one")
        try await channel.close()
        try await server.shutDown()
        #expect(diary.told == [.ended(.closed)])
        // The port is free again.
        let next = try await self.server(port: port)
        try await next.start()
        try await next.shutDown()
    }

    @Test func aProbeIsAnsweredWithoutASession() async throws {
        let (server, port) = try await serving()
        let probe = try await server.probe(publicAddress: nil)
        #expect(probe.candidates.contains { $0.hasSuffix(" 127.0.0.1 \(port) typ host") } && probe.udpPort == port)
        #expect(probe.candidates.allSatisfy { $0.contains(" udp ") })
        let outside = try await server.probe(publicAddress: "198.51.100.1")
        #expect(outside.candidates.first?.hasSuffix(" 198.51.100.1 \(port) typ host") == true)
        let promise = group.next().makePromise(of: [UInt8].self)
        let handler = Answers<AddressedEnvelope<ByteBuffer>>(promise) { $0.data }
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0).get()
        let remote = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let check = ByteBuffer(bytes: SessionTestPeer.check(probe.credentials))
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: check))
        let message = try await promise.futureResult.get()
        #expect(message.prefix(2) == [1, 1])
        #expect(try await server.statistics().isEmpty)
        try await channel.close()
        try await server.shutDown()
    }

    @Test func withoutAnAddressNoOfferIsTaken() async throws {
        let (server, _) = try await serving()
        try await server.shutDown()
        await #expect(throws: PeerRefusal.noAddress) { try await server.probe(publicAddress: nil) }
        await #expect(throws: PeerRefusal.noAddress) { try await accept(server, SessionDiary()) }
    }

    /// NIO closes a socket of UDP after an error of sending, as to a port 0, which anybody can forge.
    @Test func aSocketThatIsLostIsBoundAnew() async throws {
        let (server, port) = try await serving()
        let answer = try await accept(server, SessionDiary())
        let loop = server.eventLoop
        try await loop.submit {
            let core = server.core.value
            for number in UInt32(1)...32 {
                let nowhere = [UInt8]([127, 0, 0, 1]).withUnsafeBytes {
                    TransportAddress(ip: $0, port: 0, isTCP: false, connection: number)
                }
                core.hub.send([1, 2, 3], nowhere)
            }
        }.get()
        let promise = group.next().makePromise(of: [UInt8].self)
        let handler = Answers<AddressedEnvelope<ByteBuffer>>(promise) { $0.data }
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0).get()
        let remote = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let check = try SessionTestPeer.check(answer)
        // As browsers do, until there is an answer.
        let asking = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) { _ in
            channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: check)), promise: nil)
        }
        let limit = channel.eventLoop.scheduleTask(in: .seconds(5)) { promise.fail(NoPort()) }
        let message = try? await promise.futureResult.get()
        asking.cancel()
        limit.cancel()
        #expect(message?.prefix(2) == [1, 1])
        #expect(try await server.statistics()["one"] != nil)
        try await channel.close()
        try await server.shutDown()
    }

    @Test func checksAreAnsweredOverTCP() async throws {
        let (server, port) = try await serving()
        let diary = SessionDiary()
        let answer = try await accept(server, diary)
        let promise = group.next().makePromise(of: [UInt8].self)
        let handler = Answers<ByteBuffer>(promise) { $0 }
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(bytes: TCPFraming.framed(SessionTestPeer.check(answer))))
        let message = try await promise.futureResult.get()
        #expect(message.count > 22 && message[2] == 1 && message[3] == 1)
        #expect(try await server.statistics()["one"]?.usesTCP == true)
        // What is no such stream of packets is closed.
        try await channel.writeAndFlush(ByteBuffer(bytes: [0xff, 0xff, 1, 2, 3]))
        try await channel.closeFuture.get()
        server.close(id: "one")
        try await server.shutDown()
        #expect(diary.told == [.ended(.closed)])
    }

    @Test func whoSaysNothingKeepsNobodyOut() async throws {
        let (server, port) = try await serving()
        let answer = try await accept(server, SessionDiary())
        var silent: [any Channel] = []
        for _ in 0..<20 {
            silent.append(try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get())
        }
        let promise = group.next().makePromise(of: [UInt8].self)
        let handler = Answers<ByteBuffer>(promise) { $0 }
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .connect(host: "127.0.0.1", port: port).get()
        channel.closeFuture.whenComplete { _ in promise.fail(NoPort()) }
        try? await channel.writeAndFlush(ByteBuffer(bytes: TCPFraming.framed(SessionTestPeer.check(answer))))
        let message = (try? await promise.futureResult.get()) ?? []
        #expect(message.count > 22 && message[2] == 1 && message[3] == 1)
        // The oldest made room.
        try await silent[0].closeFuture.get()
        for one in silent + [channel] { try? await one.close() }
        try await server.shutDown()
    }

    @Test func iceRestartsAndUnknownSessions() async throws {
        let (server, port) = try await serving()
        let answer = try await accept(server, SessionDiary())
        let offer = SessionTestPeer.offer(ufrag: "again", fingerprint: SessionTestPeer.certificate.fingerprint)
        let restarted = try await server.restart(id: "one", offer: offer, publicAddress: "198.51.100.1")
        #expect(restarted.entityTag != answer.entityTag)
        #expect(restarted.sdp.contains(" 198.51.100.1 \(port) typ host"))
        let fragment = SDPFragment(ufrag: "third", password: "a-third-password-of-theirs", mids: ["0"], candidates: [])
        let third = try await server.restart(id: "one", fragment: fragment, publicAddress: nil)
        #expect(third.entityTag != restarted.entityTag)
        await #expect(throws: PeerRefusal.unknownSession) {
            try await server.restart(id: "two", offer: offer, publicAddress: nil)
        }
        #expect(try await server.entityTag(of: "two") == nil)
        try await server.shutDown()
    }

    /// Asks again and again, for five seconds at most.
    private func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<250 {
            if try await isTrue() { return true }
            try await group.next().scheduleTask(in: .milliseconds(20)) {}.futureResult.get()
        }
        return false
    }

    @Test func aPortThatIsTakenIsBoundOnceItIsFree() async throws {
        let (first, port) = try await serving()
        let second = try await server(port: port)
        try await second.start()
        let failures = try await second.portFailures()
        let failure = PortFailure(address: "127.0.0.1", port: port, isTCP: false, errno: EADDRINUSE)
        #expect(failures.contains(failure) && failures.allSatisfy { !$0.isTCP && !$0.isOfAddress })
        // An offer doesn't wait for the next try, and makes no second one beside it.
        for _ in 0..<3 {
            let refusal = await #expect(throws: PeerRefusal.self) { try await accept(second, SessionDiary()) }
            guard case .noPort(let told)? = refusal else {
                Issue.record("\(String(describing: refusal))")
                continue
            }
            #expect(failures.contains(told))
        }
        try await first.shutDown()
        #expect(try await eventually { try await second.portFailures().isEmpty })
        #expect(try await accept(second, SessionDiary()).sdp.contains(" 127.0.0.1 \(port) typ host\r\n"))
        try await second.shutDown()
    }

    @Test func anOfferFindsThePortThatIsFreeAgain() async throws {
        let (first, port) = try await serving()
        let second = try await server(port: port)
        try await second.start()
        try await first.shutDown()
        #expect(try await accept(second, SessionDiary()).sdp.contains(" 127.0.0.1 \(port) typ host\r\n"))
        #expect(try await second.portFailures().isEmpty)
        try await second.shutDown()
    }

    @Test func withoutItsPortOfTCPAnAddressIsNotUsed() async throws {
        let (first, port) = try await serving()
        try await first.shutDown()
        let other = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: port).get()
        let server = try await server(port: port)
        try await server.start()
        let failure = PortFailure(address: "127.0.0.1", port: port, isTCP: true, errno: EADDRINUSE)
        #expect(try await server.portFailures() == [failure])
        // Its socket of UDP is given back.
        let socket = try await DatagramBootstrap(group: group).bind(host: "127.0.0.1", port: port).get()
        try await socket.close()
        try await other.close()
        #expect(try await eventually { try await server.portFailures().isEmpty })
        try await server.shutDown()
    }

    @Test func whatIsWrongWithAPort() {
        let cases: [(PortFailure, String)] = [
            (
                .init(address: "::1", port: 8000, isTCP: false, errno: EADDRINUSE),
                "UDP port 8000 is taken by another program"
            ),
            (.init(address: "::1", port: 80, isTCP: true, errno: EACCES), "TCP port 80 may not be used by the agent"),
            (
                .init(address: "::1", port: 8000, isTCP: true, errno: EMFILE),
                "TCP port 8000 can't be had: Too many open files"
            ),
            (.init(address: "::1", port: 8000, isTCP: true, errno: 0), "TCP port 8000 can't be had"),
        ]
        for (failure, words) in cases { #expect("\(failure)" == words && !failure.isOfAddress) }
        #expect(PortFailure(address: "::1", port: 1, isTCP: true, errno: EADDRNOTAVAIL).isOfAddress)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.0.0.2", false), ("::1", true), ("169.254.1.1", false), ("fe80::1", false),
        ("192.0.2.1", true), ("0.0.0.0", false), ("::", false), ("2001:db8::1", true),
    ])
    func addressesThatBrowsersCanSendTo(_ text: String, _ isUsable: Bool) throws {
        let address = try SocketAddress(ipAddress: text, port: 8000)
        #expect(LocalAddresses.isUsable(address, includesLoopback: true) == isUsable)
        let isLoopback = text.hasPrefix("127.") || text == "::1"
        #expect(LocalAddresses.isUsable(address, includesLoopback: false) == (isUsable && !isLoopback))
    }

    @Test(arguments: ["192.0.2.1", "2001:db8::1"])
    func addressesSurviveTheWayThereAndBack(_ text: String) throws {
        let address = try SocketAddress(ipAddress: text, port: 8000)
        let there = try #require(TransportAddress(address, isTCP: false, connection: 3))
        #expect(there.ipText == text && there.port == 8000 && there.connection == 3)
        #expect(there.socketAddress == address)
        let pipe = try SocketAddress(unixDomainSocketPath: "/tmp/x")
        #expect(TransportAddress(pipe, isTCP: false, connection: 3) == nil)
        #expect(!LocalAddresses.isUsable(pipe, includesLoopback: true))
    }
}
