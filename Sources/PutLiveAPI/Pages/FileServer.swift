import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Sends files: conditional requests, ranges and HEAD as RFC 9110 has them, read off the event loops.
struct FileServer: Sendable {
    /// Larger ones are sent piece by piece.
    static let pieceSize = 256 * 1024

    let pool: NIOThreadPool

    /// - Parameters:
    ///   - isValidated: Answer `If-None-Match`, and give the entity tag.
    ///   - mayRange: Answer `Range`.
    /// - Throws: `Problem` where there is no such file, or the range is beyond its end.
    func respond(
        to request: Request, path: String, contentType: String, cacheControl: String, isValidated: Bool = true,
        mayRange: Bool = true
    ) async throws -> Response {
        let rangeField = request.headers[.range]
        let validator = request.headers[.ifNoneMatch]
        let mayRange = mayRange && request.method == .get && request.headers[.ifRange] == nil
        let isHead = request.method == .head
        // One visit to the pool for all that most files need.
        let (file, range, first) = try await pool.runIfActive {
            () throws -> (OpenFile, ByteRange, ByteBuffer) in
            guard let file = OpenFile(path: path) else { throw Problem.notFound() }
            if isValidated, let validator, Self.matches(validator, file.entityTag) {
                return (file, .part(0..<0), ByteBuffer())
            }
            let range = mayRange ? ByteRange(field: rangeField, size: file.size) : .whole
            let wanted = range.bytes(of: file.size)
            let first = isHead ? ByteBuffer() : try file.read(wanted.prefix(Self.pieceSize))
            return (file, range, first)
        }
        var headers: HTTPFields = [
            .contentType: contentType, .cacheControl: cacheControl, .acceptRanges: mayRange ? "bytes" : "none",
        ]
        if isValidated { headers[.eTag] = file.entityTag }
        if isValidated, let validator, Self.matches(validator, file.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        if range == .unsatisfiable {
            var problem = Problem(
                "range", .rangeNotSatisfiable, "Range not satisfiable", "The file has \(file.size) bytes.")
            problem.headers[.contentRange] = "bytes */\(file.size)"
            throw problem
        }
        let wanted = range.bytes(of: file.size)
        headers[.contentLength] = String(wanted.count)
        if case .part = range {
            headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(file.size)"
        }
        return Response(
            status: range == .whole ? .ok : .partialContent, headers: headers,
            body: isHead ? ResponseBody() : body(file, wanted, first))
    }

    private func body(_ file: OpenFile, _ wanted: Range<Int>, _ first: ByteBuffer) -> ResponseBody {
        guard first.readableBytes < wanted.count else { return ResponseBody(byteBuffer: first) }
        let pool = pool
        return ResponseBody(contentLength: wanted.count) { writer in
            try await writer.write(first)
            var offset = wanted.lowerBound + first.readableBytes
            while offset < wanted.upperBound {
                let next = offset..<min(wanted.upperBound, offset + Self.pieceSize)
                let piece = try await pool.runIfActive { try file.read(next) }
                // Cut while it was sent: the connection ends short of its length, which tells the client.
                guard piece.readableBytes == next.count else { throw IOError(errnoCode: 5, reason: "file was cut") }
                try await writer.write(piece)
                offset = next.upperBound
            }
            try await writer.finish(nil)
        }
    }

    /// RFC 9110, section 13.1.2: weak comparison with each tag of the list.
    private static func matches(_ field: String, _ tag: String) -> Bool {
        field == "*"
            || field.utf8.count <= 1024
                && field.split(separator: ",").contains { entry in
                    let entry = entry.trimmed
                    return (entry.hasPrefix("W/") ? String(entry.dropFirst(2)) : entry) == tag
                }
    }
}

extension ByteRange {
    fileprivate func bytes(of size: Int) -> Range<Int> {
        switch self {
        case .whole: 0..<size
        case .part(let range): range
        case .unsatisfiable: 0..<0
        }
    }
}

extension Range<Int> {
    fileprivate func prefix(_ count: Int) -> Range<Int> {
        lowerBound..<Swift.min(upperBound, lowerBound + count)
    }
}
