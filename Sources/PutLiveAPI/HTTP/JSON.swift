import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How bodies become values and values bodies. Keys are sorted, so the same value gives the same bytes.
enum JSON {
    /// The largest body that is read as JSON, in bytes.
    static let bodyLimit = 64 * 1024
    /// How long a client may take to send a body.
    static let bodyTimeout = Duration.seconds(15)

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    /// `value` as bytes. What we encode has neither non-finite numbers nor other values that JSON lacks.
    static func bytes(_ value: some Encodable) -> ByteBuffer {
        guard let data = try? encoder.encode(value) else { return ByteBuffer(string: "null") }
        return ByteBuffer(bytes: data)
    }

    /// The request's body as a `Value`.
    ///
    /// - Throws: `Problem` for another media type, a body that is too large, too slow, or not such JSON.
    static func decode<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        let mediaType = request.headers[.contentType].map { $0.prefix { $0 != ";" }.lowercased() } ?? ""
        guard mediaType.trimmed == "application/json" else {
            throw Problem.unsupportedMediaType("application/json")
        }
        let body = try await collect(request, limit: bodyLimit)
        guard body.readableBytes > 0 else { throw Problem.invalidJSON("The body is empty.") }
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw Problem.invalidJSON(error.explanation)
        }
    }

    /// The whole body, within `limit` bytes and ``bodyTimeout``.
    static func collect(_ request: Request, limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem.tooLarge(limit: limit)
        }
        let body = request.body
        return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await body.collect(upTo: limit) }
            group.addTask {
                try await Task.sleep(for: bodyTimeout)
                throw Problem.timeout("The body has to arrive within \(bodyTimeout.components.seconds) s.")
            }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? ByteBuffer()
            } catch is NIOTooManyBytesError {
                throw Problem.tooLarge(limit: limit)
            }
        }
    }
}

extension DecodingError {
    /// For the client that sent it: the key and what is wrong with it.
    fileprivate var explanation: String {
        func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
            let path = (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "The body" : path
        }
        switch self {
        case .keyNotFound(let key, let context): return "\(path(context, key)) is missing."
        case .typeMismatch(let type, let context): return "\(path(context)) has to be \(jsonName(of: type))."
        case .valueNotFound(let type, let context):
            return "\(path(context)) has to be \(jsonName(of: type)), not null."
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: return "\(path(context)) isn't valid."
        default: return "The body isn't valid JSON."
        }
    }

    private func jsonName(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a boolean"
        case is Int.Type, is Int64.Type: "a whole number"
        default: "an object"
        }
    }
}

extension Response {
    /// An answer in JSON.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        json(bytes: JSON.bytes(value), status: status)
    }

    /// An answer of ready JSON.
    static func json(bytes: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "application/json", .contentLength: String(bytes.readableBytes),
                .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: bytes))
    }
}

/// `{"message":"…"}`, the spec's answer to what has nothing else to say.
struct Message: Encodable {
    let message: String
}

extension StringProtocol {
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
