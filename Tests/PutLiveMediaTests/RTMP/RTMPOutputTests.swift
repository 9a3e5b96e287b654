import Testing

@testable import PutLiveMedia

@Suite struct RTMPOutputTests {
    /// A server that can be away, and a clock that stands.
    private final class World {
        var now: Int64 = 0
        var refusal: MediaError?
        var connections: [Connection] = []
        var events: [RTMPOutput.Event] = []
        lazy var output = RTMPOutput(
            limits: .init(bytes: 10_000, span: 1_000_000), clock: { [unowned self] in now }, chance: { 0.5 },
            connect: { [unowned self] format throws(MediaError) in
                if let refusal { throw refusal }
                let connection = Connection(format)
                connections.append(connection)
                return connection
            }, report: { [unowned self] in events.append($0) })

        func write(_ range: Range<Int>, keyEvery: Int = 30) throws {
            for index in range {
                now = Int64(index) * 33_333
                try output.write(
                    EncodedPacket(
                        track: .video, presentationTime: now, isKeyframe: index % keyEvery == 0,
                        data: [UInt8(index % 200)]))
            }
        }
    }

    private final class Connection: RTMPPublishing {
        let format: StreamFormat
        var written: [EncodedPacket] = []
        var changes: [VideoFormat] = []
        var failure: MediaError?
        var closed: Bool?

        init(_ format: StreamFormat) { self.format = format }

        func write(_ packet: EncodedPacket) throws(MediaError) {
            if let failure { throw failure }
            written.append(packet)
        }
        func change(to video: VideoFormat) { changes.append(video) }
        func close(isAlive: Bool) { closed = isAlive }
    }

    private let gone = MediaError(.connection, "gone")
    private let busy = MediaError(.refused, "busy")
    private let small = VideoFormat(avcC: [1], width: 320, height: 180)
    private let large = VideoFormat(avcC: [2], width: 640, height: 360)

    @Test func publishesWithTheFirstPacket() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.output.tick()
        #expect(world.connections.isEmpty)
        try world.write(0..<10)
        #expect(world.connections.count == 1)
        #expect(world.connections.first?.written.count == 10)
        #expect(world.events == [.connected, .firstPacketWritten])
        #expect(world.output.statistics.sentBytes == 10 && world.output.statistics.isConnected)
        world.output.finish()
        #expect(world.connections.first?.closed == true)
        #expect(!world.output.statistics.isConnected)
    }

    @Test func triesABusyServerAgainAndKeepsWhatItHas() throws {
        let world = World()
        world.refusal = busy
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<20)
        // At 0, 0.25 and 0.75 s it would be; 20 pictures are 0.63 s.
        #expect(world.output.statistics.attempts == 2)
        #expect(world.output.statistics.refusals == 2)
        #expect(world.events == [.lost(busy), .lost(busy)])
        world.refusal = nil
        try world.write(20..<25)
        let connection = try #require(world.connections.first)
        #expect(connection.written.count == 25 && connection.written.first?.isKeyframe == true)
        #expect(world.output.statistics.dropped.isEmpty && world.output.statistics.connects == 1)
    }

    @Test func resumesAtAKeyframeWithTimesGoingOn() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<40)
        world.connections[0].failure = gone
        world.refusal = gone
        try world.write(40..<41)
        #expect(world.connections[0].closed == false)
        #expect(world.events.suffix(2) == [.lost(gone), .needsKeyframe])
        world.refusal = nil
        try world.write(41..<70)
        #expect(world.connections.count == 2)
        #expect(world.connections[1].written.first?.presentationTime == Int64(60 * 33_333))
        #expect(world.connections[1].written.count == 10)
        #expect(world.output.statistics.dropped.video == 20)
        #expect(world.events.filter { $0 == .firstPacketWritten }.count == 1)
    }

    @Test func keepsAKeyframeThatFailed() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<30)
        world.connections[0].failure = gone
        try world.write(30..<45)
        #expect(world.connections.count == 2)
        #expect(world.connections[1].written.count == 15)
        #expect(world.output.statistics.dropped.isEmpty)
    }

    @Test func boundsWhatWaits() throws {
        let world = World()
        world.refusal = gone
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<300)
        #expect(world.output.statistics.queuePackets <= 31)
        #expect(world.output.statistics.queuePackets + world.output.statistics.dropped.video == 300)
        #expect(world.output.statistics.failures == world.output.statistics.attempts)
    }

    @Test func announcesAnotherSizeWithItsKeyframe() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<30)
        try world.output.change(to: StreamFormat(video: large))
        #expect(world.connections[0].changes.isEmpty)
        try world.write(30..<31)
        #expect(world.connections[0].changes == [large])
        #expect(world.connections.count == 1)
        // The next connection begins with it.
        world.connections[0].failure = gone
        try world.write(31..<70)
        #expect(world.connections[1].format == StreamFormat(video: large))
        #expect(world.connections[1].changes.isEmpty)
    }

    @Test func beginsWithTheFormatOfTheFirstPacketThatWaits() throws {
        let world = World()
        world.refusal = gone
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<10)
        try world.output.change(to: StreamFormat(video: large))
        try world.write(10..<11, keyEvery: 10)
        world.refusal = nil
        try world.write(11..<25)
        #expect(world.connections[0].format.video == small)
        #expect(world.connections[0].changes == [large])
        // What was before the change is dropped: then the change comes first.
        let other = World()
        other.refusal = gone
        try other.output.start(StreamFormat(video: small))
        try other.write(0..<20)
        try other.output.change(to: StreamFormat(video: large))
        try other.write(20..<50, keyEvery: 20)
        other.refusal = nil
        try other.write(50..<80, keyEvery: 100)
        #expect(other.connections.first?.format.video == large)
    }

    @Test func publishesAnewForATrackThatBeginsLate() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<30)
        let audio = AudioFormat(audioSpecificConfig: [0x11, 0x90], sampleRate: 48_000, channels: 2, bitRate: 1)
        try world.output.change(to: StreamFormat(video: small, audio: audio))
        #expect(world.connections[0].closed == true)
        try world.write(30..<32)
        #expect(world.connections.count == 2)
        #expect(world.connections[1].format.audio == audio && world.connections[1].written.count == 2)
    }

    @Test func awaitsAKeyframeAfterADiscontinuity() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<10)
        world.output.discontinuity()
        try world.write(20..<40)
        #expect(world.connections[0].written.count == 20)
        #expect(world.output.statistics.dropped.video == 10)
    }

    /// Nothing can be tried without a keyframe, and it is told all the same.
    @Test func tellsThatThereIsNoConnection() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(1..<90, keyEvery: 120)
        #expect(world.events.isEmpty)
        try world.write(91..<92, keyEvery: 120)
        guard case .lost(let reason) = world.events.first else {
            Issue.record("it isn't told")
            return
        }
        #expect(reason.kind == .connection && world.events.last == .needsKeyframe)
        try world.write(92..<120, keyEvery: 120)
        #expect(world.events.count == 2 && world.connections.isEmpty)
        try world.write(120..<121, keyEvery: 120)
        #expect(world.events.dropFirst(2) == [.connected, .firstPacketWritten])
    }

    /// The picture stopped, and then the server was away.
    @Test func comesBackWithSoundAlone() throws {
        let world = World()
        try world.output.start(StreamFormat(video: small))
        try world.write(0..<30)
        for index in 50..<300 {
            world.now = Int64(index) * 20_000
            if index == 100 { world.connections[0].failure = gone }
            try world.output.write(EncodedPacket(track: .audio, presentationTime: world.now, data: [1]))
        }
        #expect(world.connections.count == 2)
        let first = try #require(world.connections.last?.written.first)
        #expect((3_900_000...4_100_000).contains(first.presentationTime))
        #expect(world.output.statistics.isConnected)
    }
}
