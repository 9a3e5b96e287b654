import Testing

@testable import PutLiveHost

@Suite struct HTTPAnswerReaderTests {
    /// What comes of an answer sent in pieces of `size` bytes, the connection closed after it.
    private func answer(to text: String, pieces size: Int = .max) -> HTTPAnswer? {
        var reader = HTTPAnswerReader()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            reader.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        reader.end()
        return reader.answer
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloand more", 200, "hello"),
            ("HTTP/1.1 200 OK\r\ncontent-length:\t0 \r\n\r\n", 200, ""),
            ("HTTP/1.0 503\r\n\r\nuntil the end", 503, "until the end"),
            ("HTTP/1.1 200 OK\nServer: x\n\nbare", 200, "bare"),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 204, ""),
            ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, ""),
            (
                "HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
                404, "no"
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n"
                    + "5;name=value\r\nhello\r\nA\r\n, world...\r\n0\r\nTrailer: x\r\n\r\n",
                200, "hello, world..."
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        ])
    func anAnswerIsReadInWhateverPieces(_ text: String, _ status: Int, _ body: String) {
        for size in [1, 2, 7, Int.max] {
            #expect(answer(to: text, pieces: size) == HTTPAnswer(status: status, body: body), "pieces of \(size)")
        }
    }

    @Test(
        arguments: [
            "", "\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshor", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        ])
    func whatIsNoAnswerIsNone(_ text: String) {
        for size in [1, Int.max] { #expect(answer(to: text, pieces: size) == nil) }
    }

    @Test func aBodyIsCutWhereTheLimitIs() {
        let long = String(repeating: "x", count: HTTPAnswerReader.bodyLimit + 10)
        for head in ["Content-Length: 999999999", "Connection: close", "Transfer-Encoding: chunked"] {
            var reader = HTTPAnswerReader()
            let chunk = head.hasSuffix("chunked") ? "fffffff\r\n" : ""
            reader.take(Array("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n\(chunk)\(long)".utf8)[...])
            #expect(reader.isDone)
            #expect(reader.answer?.body.utf8.count == HTTPAnswerReader.bodyLimit)
        }
    }

    @Test(arguments: ["a", "X-Header: y\r\n", "\r\n", "HTTP/1.1 100 Continue\r\n\r\n"])
    func aHeadWithoutEndIsGivenUp(_ piece: String) {
        var reader = HTTPAnswerReader()
        if !piece.hasPrefix("HTTP") { reader.take(Array("HTTP/1.1 200 OK\r\nX: ".utf8)[...]) }
        for _ in 0..<70_000 where !reader.isDone { reader.take(Array(piece.utf8)[...]) }
        if piece == "\r\n" { reader.end() }
        #expect(reader.isDone)
        #expect((reader.answer == nil) == (piece != "\r\n"))
    }

    @Test func noiseCantStopIt() {
        var random = SystemRandomNumberGenerator()
        let parts = [
            "HTTP/1.1 ", "200", " OK", "\r\n", "\n", "Content-Length: ", "5", "Transfer-Encoding: chunked", ":", "\0",
            "ÿ",
        ]
        for _ in 0..<3000 {
            var reader = HTTPAnswerReader()
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                reader.take(Array((parts.randomElement(using: &random) ?? "").utf8)[...])
            }
            reader.end()
            #expect(reader.isDone)
        }
    }
}
