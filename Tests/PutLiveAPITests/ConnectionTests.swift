import NIOCore
import Testing

@testable import PutLiveAPI

struct ConnectionTests {
    private func connect(policy: APIPolicy = APIPolicy(rateLimit: nil)) async throws -> TestConnection {
        try await TestConnection(to: APIFixture(policy: policy))
    }

    private func head(_ method: String, _ path: String, _ fields: String...) -> String {
        (["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields + ["", ""]).joined(separator: "\r\n")
    }

    private var last: String { head("GET", "/api/nothing", "Connection: close") }

    @Test func answersComeInTheOrderOfTheRequests() async throws {
        let connection = try await connect()
        // Health is answered at once; the page has to be read first.
        let requests = [head("GET", "/login.html"), head("GET", "/health"), head("GET", "/api/auth/me")]
        try await connection.send((requests + requests + [last]).joined())
        let text = try await connection.receiveAll()
        #expect(text.statuses == ["200", "200", "401", "200", "200", "401", "404"])
    }

    @Test func aRequestMayComeByteByByte() async throws {
        let connection = try await connect()
        for character in head("GET", "/health") { try await connection.send(String(character)) }
        let text = try await connection.receive(until: "}")
        #expect(text.statuses == ["200"])
        #expect(text.contains("\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"))
    }

    @Test func aBodyMayComePieceByPiece() async throws {
        let connection = try await connect()
        let body = #"{"username":"admin","password":"\#(APIFixture.password)"}"#
        try await connection.send(
            head(
                "POST", "/api/auth/login", "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
                "Connection: close"))
        for character in body { try await connection.send(String(character)) }
        #expect(try await connection.receiveAll().statuses == ["200"])
    }

    @Test func aLongBodyIsReadAsItIsTaken() async throws {
        let connection = try await connect()
        let piece = String(repeating: "a", count: 1024)
        try await connection.send(
            head("POST", "/api/auth/login", "Content-Type: application/json", "Transfer-Encoding: chunked"))
        for _ in 0..<100 { try await connection.send("400\r\n\(piece)\r\n") }
        try await connection.send("0\r\n\r\n" + last)
        let text = try await connection.receiveAll()
        // What follows would be answered on a connection of its own: this one ends with the refusal.
        #expect(text.statuses == ["413"])
        #expect(text.contains("\r\nConnection: close\r\n"))
    }

    @Test func whatFollowsABodyThatNobodyReadsIsARequest() async throws {
        let connection = try await connect()
        let body = head("GET", "/health")
        try await connection.send(head("POST", "/api/nothing", "Content-Length: \(body.utf8.count)"))
        try await connection.send(body)
        try await connection.send(head("GET", "/api/auth/me") + last)
        #expect(try await connection.receiveAll().statuses == ["404", "401", "404"])
    }

    @Test func aRefusalIsTheLastWhateverOfTheBodyIsToCome() async throws {
        let connection = try await connect()
        try await connection.send(
            head("POST", "/api/auth/login", "Content-Type: application/json", "Content-Length: 10000000"))
        let text = try await connection.receive(until: "}")
        #expect(text.statuses == ["413"] && text.contains("\r\nConnection: close\r\n"))
        // It is answered, and whatever comes is nobody's request.
        #expect(try await connection.receiveAll() == "")
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        let connection = try await connect()
        try await connection.send(head("HEAD", "/metrics") + head("HEAD", "/health") + last)
        let text = try await connection.receiveAll()
        #expect(text.statuses == ["200", "200", "404"])
        #expect(!text.contains("# HELP") && !text.contains("uptime"))
        #expect(text.matches(of: /\r\nContent-Length: (\d+)\r\n/).allSatisfy { $0.1 != "0" })
    }

    @Test func whatIsNoHTTPIsRefusedAfterWhatIs() async throws {
        let connection = try await connect()
        try await connection.send(head("GET", "/login.html") + head("GET", "/health") + "noise\r\n\r\n")
        let text = try await connection.receiveAll()
        #expect(text.statuses == ["200", "200", "400"])
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func aBodyThatIsNoHTTPIsRefused() async throws {
        let connection = try await connect()
        try await connection.send(
            head("POST", "/api/auth/login", "Content-Type: application/json", "Transfer-Encoding: chunked") + "xyz\r\n")
        #expect(try await connection.receiveAll().statuses == ["400"])
    }

    @Test func anIdleConnectionIsClosed() async throws {
        let connection = try await connect()
        await connection.channel.testingEventLoop.advanceTime(by: .seconds(29))
        try await connection.send(head("GET", "/health"))
        _ = try await connection.receive(until: "}")
        await connection.channel.testingEventLoop.advanceTime(by: .seconds(29))
        #expect(connection.channel.isActive)
        await connection.channel.testingEventLoop.advanceTime(by: .seconds(1))
        _ = await connection.task.value
        #expect(!connection.channel.isActive)
    }

    @Test func aHeadThatNeverEndsIsNoReasonToWait() async throws {
        let connection = try await connect()
        for _ in 0..<30 {
            try await connection.send("GET")
            await connection.channel.testingEventLoop.advanceTime(by: .seconds(1))
        }
        #expect(try await connection.receiveAll().statuses.allSatisfy { $0 == "400" })
        #expect(!connection.channel.isActive)
    }

    @Test func aStoppingAgentClosesWhatIsIdle() async throws {
        let connection = try await connect()
        try await connection.send(head("GET", "/health"))
        _ = try await connection.receive(until: "}")
        try await connection.tell(ChannelShouldQuiesceEvent())
        #expect(try await connection.receiveAll() == "")
    }

    @Test func aStoppingAgentAnswersWhatHasBegun() async throws {
        let connection = try await connect()
        let body = #"{"username":"admin","password":"wrong"}"#
        try await connection.send(
            head("POST", "/api/auth/login", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"))
        try await connection.tell(ChannelShouldQuiesceEvent())
        try await connection.send(body)
        #expect(try await connection.receiveAll().statuses == ["401"])
    }

    @Test func aCancelledConnectionEnds() async throws {
        let connection = try await connect()
        try await connection.send(
            head("POST", "/api/auth/login", "Content-Type: application/json", "Content-Length: 10"))
        connection.task.cancel()
        #expect(try await connection.receiveAll().statuses == ["503"])
    }

    @Test func whoSendsNoMoreIsStillAnswered() async throws {
        let connection = try await connect()
        try await connection.send(head("GET", "/login.html") + head("GET", "/health"))
        try await connection.tell(ChannelEvent.inputClosed)
        #expect(try await connection.receiveAll().statuses == ["200", "200"])
    }

    @Test func whoTakesNoAnswersGetsNoMore() async throws {
        let connection = try await connect()
        try await connection.setWritable(false)
        try await connection.send(head("GET", "/health") + head("GET", "/api/auth/me") + last)
        #expect(try await connection.channel.readOutbound(as: ByteBuffer.self) == nil)
        try await connection.setWritable(true)
        #expect(try await connection.receiveAll().statuses == ["200", "401", "404"])
    }
}
