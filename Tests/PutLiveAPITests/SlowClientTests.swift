import NIOCore
import NIOEmbedded
import Testing

@testable import PutLiveAPI

struct SlowClientTests {
    private func channel() throws -> (EmbeddedChannel, EmbeddedEventLoop) {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(handler: SlowClientHandler(timeout: .seconds(30)), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, loop)
    }

    private func setWritable(_ isWritable: Bool, _ channel: EmbeddedChannel) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test func aClientThatTakesNothingIsLeft() throws {
        let (channel, loop) = try channel()
        setWritable(false, channel)
        loop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aClientThatGoesOnInTimeIsKept() throws {
        let (channel, loop) = try channel()
        for _ in 0..<5 {
            setWritable(false, channel)
            loop.advanceTime(by: .seconds(29))
            setWritable(true, channel)
            loop.advanceTime(by: .seconds(100))
        }
        #expect(channel.isActive)
        _ = try channel.finish()
    }
}
