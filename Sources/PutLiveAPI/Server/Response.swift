import HTTPTypes
import HummingbirdCore
import NIOCore

/// An answer. Hummingbird's own hides what its body is made of; this one can be written at once if its bytes are there.
struct Response: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body = ResponseBody()
}

/// What an answer carries, of a length that is known before.
enum ResponseBody: Sendable {
    case empty
    case bytes(ByteBuffer)
    /// Written piece by piece, each when the client took enough of those before.
    case pieces(length: Int, @Sendable (inout any ResponseBodyWriter) async throws -> Void)

    /// Nothing.
    init() {
        self = .empty
    }

    init(byteBuffer: ByteBuffer) {
        self = .bytes(byteBuffer)
    }

    init(contentLength: Int, _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void) {
        self = .pieces(length: contentLength, write)
    }

    /// Bytes.
    var contentLength: Int {
        switch self {
        case .empty: 0
        case .bytes(let buffer): buffer.readableBytes
        case .pieces(let length, _): length
        }
    }

    /// Writes all of it.
    func write(_ writer: any ResponseBodyWriter) async throws {
        var writer = writer
        switch self {
        case .empty: break
        case .bytes(let buffer): try await writer.write(buffer)
        case .pieces(_, let write): return try await write(&writer)
        }
        try await writer.finish(nil)
    }
}
