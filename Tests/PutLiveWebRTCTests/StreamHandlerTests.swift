import NIOCore
import NIOEmbedded
import Testing

@testable import PutLiveWebRTC

/// TCP connections without sockets, in a time that the test makes pass.
@Suite struct StreamHandlerTests {
    /// Of one thread, as its event loop is.
    private final class House {
        let loop = EmbeddedEventLoop()
        let core: ServerCore
        let answer: PeerAnswer

        init() throws {
            let hub = try PeerHub(
                settings: PeerSettings(maxBitrate: 2_500_000, keyframeInterval: 2_000_000),
                certificate: DTLSPair.certificate)
            core = ServerCore(
                hub: hub,
                settings: SocketSettings(udpPort: 1, tcpPort: 1, mostConnections: 3, mostConnectionsOfOne: 2),
                eventLoop: loop)
            answer = try hub.accept(
                id: "one",
                offer: SessionTestPeer.offer(ufrag: "them", fingerprint: SessionTestPeer.certificate.fingerprint),
                candidates: [], handlers: SessionDiary().handlers, now: core.now)
        }

        func connect(_ ip: String = "192.0.2.1") throws -> EmbeddedChannel {
            let channel = EmbeddedChannel(handler: StreamHandler(core: core), loop: loop)
            let address = try SocketAddress(ipAddress: ip, port: 5000)
            channel.remoteAddress = address
            channel.connect(to: address, promise: nil)
            return channel
        }

        func check(_ channel: EmbeddedChannel) throws {
            try send(TCPFraming.framed(SessionTestPeer.check(answer)), to: channel)
        }

        func send(_ bytes: [UInt8], to channel: EmbeddedChannel) throws {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            loop.run()
        }
    }

    @Test func aStrangerHasFiveSeconds() throws {
        let house = try House()
        let (silent, known, garbled) = (
            try house.connect("192.0.2.1"), try house.connect("192.0.2.2"), try house.connect("192.0.2.3")
        )
        house.loop.advanceTime(by: .seconds(4))
        try house.check(known)
        try house.send(TCPFraming.framed([UInt8](repeating: 9, count: 100)), to: garbled)
        #expect(silent.isActive && known.isActive && garbled.isActive)
        house.loop.advanceTime(by: .seconds(1))
        #expect(!silent.isActive && known.isActive && !garbled.isActive)
        #expect(try known.readOutbound(as: ByteBuffer.self)?.getBytes(at: 2, length: 2) == [1, 1])
    }

    @Test func whoIsKnownStaysWhileItSpeaks() throws {
        let house = try House()
        let channel = try house.connect()
        for _ in 0..<4 {
            try house.check(channel)
            house.loop.advanceTime(by: .seconds(14))
        }
        #expect(channel.isActive)
        house.loop.advanceTime(by: .seconds(30))
        #expect(!channel.isActive)
    }

    @Test(arguments: [100, 1000, 8000]) func aStrangerIsNotListenedToForLong(_ size: Int) throws {
        let house = try House()
        let channel = try house.connect()
        let frame = TCPFraming.framed([UInt8](repeating: 9, count: size))
        var count = 0
        while channel.isActive {
            try house.send(frame, to: channel)
            count += frame.count
        }
        #expect(count > 8192 && count <= 8192 + frame.count)
        // Those whose check came aren't counted.
        let known = try house.connect()
        try house.check(known)
        for _ in 0..<1000 { try house.send(frame, to: known) }
        #expect(known.isActive)
    }

    @Test func strangersMakeRoomAndSessionsDoNot() throws {
        let house = try House()
        let first = try ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map { try house.connect($0) }
        try house.check(first[0])
        let fourth = try house.connect("192.0.2.4")
        #expect(first.map(\.isActive) == [true, false, true] && fourth.isActive)
        try house.check(first[2])
        try house.check(fourth)
        #expect(try !house.connect("192.0.2.5").isActive)
        #expect(first[0].isActive && first[2].isActive && fourth.isActive)
        // Its session is over, so it is a stranger again.
        house.core.hub.close(id: "one")
        #expect(try house.connect("192.0.2.5").isActive)
        #expect(!first[0].isActive && first[2].isActive)
    }
}
