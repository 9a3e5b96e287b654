import Foundation
import Testing

@testable import PutLiveHost

@Suite struct LocalHTTPTests {
    /// A server on 127.0.0.1 that answers one request with `pieces`; with none it never does.
    private final class Server: @unchecked Sendable {
        let port: Int
        private let listener: Int32
        /// Written by the server's thread before the client sees the end.
        private(set) var request = ""

        init(_ pieces: [String]) {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(listener, $0, size)
                    _ = getsockname(listener, $0, &size)
                }
            }
            listen(listener, 4)
            self.listener = listener
            port = Int(UInt16(bigEndian: address.sin_port))
            guard !pieces.isEmpty else { return }
            Thread.detachNewThread { [self] in
                let client = accept(self.listener, nil, nil)
                var buffer = [UInt8](repeating: 0, count: 4096)
                while !request.hasSuffix("\r\n\r\n") {
                    let count = recv(client, &buffer, buffer.count, 0)
                    if count <= 0 { break }
                    request += String(decoding: buffer[..<count], as: UTF8.self)
                }
                for piece in pieces { send(client, piece, piece.utf8.count, Int32(MSG_NOSIGNAL)) }
                close(client)
            }
        }

        deinit { close(listener) }
    }

    @Test func aServerAnswers() {
        let server = Server(["HTTP/1.1 200 OK\r\nTransfer-", "Encoding: chunked\r\n\r\n2\r\no", "k\r\n0\r\n\r\n"])
        let answer = RealSystem().get(port: server.port, path: "/api/health?a=b", limit: .seconds(20))
        #expect(answer == HTTPAnswer(status: 200, body: "ok"))
        #expect(server.request.hasPrefix("GET /api/health?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\n"))
        #expect(server.request.contains("Connection: close\r\n"))
    }

    @Test func aServerThatClosesEarlyIsNoAnswer() {
        let server = Server(["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nno"])
        #expect(LocalHTTP.get(port: server.port, path: "/", limit: .seconds(20)) == nil)
    }

    @Test func aServerThatHangsIsNotWaitedFor() {
        let server = Server([])
        #expect(LocalHTTP.get(port: server.port, path: "/", limit: .milliseconds(20)) == nil)
        #expect(LocalHTTP.get(port: server.port, path: "/", limit: .zero) == nil)
    }

    @Test func nobodyIsNoAnswer() {
        var server: Server? = Server([])
        let port = server?.port ?? 0
        server = nil
        #expect(LocalHTTP.get(port: port, path: "/", limit: .seconds(20)) == nil)
        #expect(LocalHTTP.get(port: -1, path: "/", limit: .seconds(20)) == nil)
        #expect(LocalHTTP.get(port: 70_000, path: "/", limit: .seconds(20)) == nil)
    }

    @Test(arguments: ["/a b", "/a\r\nX: y", "/ä"])
    func aPathCantHoldAnotherRequest(_ path: String) {
        let server = Server(["HTTP/1.1 200 OK\r\n\r\n"])
        #expect(LocalHTTP.get(port: server.port, path: path, limit: .seconds(20)) == nil)
        // The server's thread would wait for ever.
        _ = LocalHTTP.get(port: server.port, path: "/", limit: .seconds(20))
        #expect(server.request.hasPrefix("GET / HTTP/1.1\r\n"))
    }
}
