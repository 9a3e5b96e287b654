import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import PutLiveAPI

struct ClosingTests {
    /// A socket can be closed in one direction, which EmbeddedChannel can't.
    private final class HalfOpen: ChannelOutboundHandler {
        typealias OutboundIn = HTTPResponsePart
        var isClosed = false

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard case .output = mode else { return context.close(mode: mode, promise: promise) }
            isClosed = true
            promise?.succeed()
        }
    }

    private let halfOpen = HalfOpen()
    private let loop: EmbeddedEventLoop
    private let channel: EmbeddedChannel

    init() throws {
        loop = EmbeddedEventLoop()
        channel = EmbeddedChannel(handlers: [halfOpen, ClosingHandler(patience: .seconds(2))], loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func answer(_ status: HTTPResponse.Status, _ fields: HTTPFields) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: status, headerFields: fields)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    private func hears(_ part: HTTPRequestPart) throws -> Bool {
        try channel.writeInbound(part)
        return try channel.readInbound(as: HTTPRequestPart.self) != nil
    }

    @Test func anErrorThatSaysSoIsTheLast() throws {
        #expect(try hears(.body(ByteBuffer(string: "a"))))
        try answer(.contentTooLarge, [.connection: "close"])
        // All of the answer is out.
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) != nil)
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) == .end(nil))
        #expect(halfOpen.isClosed)
        // What comes now is read, and is nobody's request.
        #expect(try !hears(.body(ByteBuffer(string: "b"))))
        #expect(
            try !hears(.head(HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: [:]))))
        loop.advanceTime(by: .milliseconds(1_999))
        #expect(channel.isActive)
        loop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func othersAreNot() throws {
        try answer(.notFound, [:])
        try answer(.contentTooLarge, [.connection: "keep-alive"])
        try answer(.ok, [:])
        loop.advanceTime(by: .seconds(100))
        #expect(try hears(.body(ByteBuffer(string: "a"))))
        #expect(channel.isActive && !halfOpen.isClosed)
        _ = try channel.finish()
    }
}
