import Hummingbird
import Logging
import NIOCore
import NIOEmbedded

@testable import PutLiveAPI

/// A connection without a socket, to the gate of a fixture.
final class TestConnection: Sendable {
    static let idleTimeout = TimeAmount.seconds(30)

    let channel: NIOAsyncTestingChannel
    /// Serves it; ends when it is closed.
    let task: Task<Void, Never>

    init(to fixture: APIFixture) async throws {
        let channel = NIOAsyncTestingChannel()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connections = Connections(
            gate: fixture.server.gate, dates: HTTPDateCache(clock: { start }), idleTimeout: Self.idleTimeout)
        let connection = try await channel.eventLoop.flatSubmit {
            connections.setup(channel: channel, logger: logger)
        }.get()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        task = Task { await connections.handle(value: connection, logger: logger) }
        self.channel = channel
    }

    func send(_ text: String) async throws {
        try await channel.writeInbound(ByteBuffer(string: text))
    }

    /// What is sent until it ends with `end`.
    func receive(until end: String) async throws -> String {
        var text = ""
        while !text.hasSuffix(end) {
            text += String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
        }
        return text
    }

    /// What is sent until the connection is closed.
    func receiveAll() async throws -> String {
        _ = await task.value
        var text = ""
        while let buffer = try await channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func tell(_ event: any Sendable) async throws {
        let channel = channel
        try await channel.eventLoop.submit { channel.pipeline.fireUserInboundEventTriggered(event) }.get()
    }

    func setWritable(_ isWritable: Bool) async throws {
        let channel = channel
        channel.isWritable = isWritable
        try await channel.eventLoop.submit { channel.pipeline.fireChannelWritabilityChanged() }.get()
    }
}

extension String {
    /// The status of each answer in it.
    var statuses: [String] {
        matches(of: /HTTP\/1\.1 (\d+)/).map { String($0.1) }
    }
}
