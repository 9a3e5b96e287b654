import HTTPTypes
import Hummingbird
import PutLiveLive

/// Playlists and segments, as nginx serves them in production: the same names, types and cache fields.
struct LiveFiles: Sendable {
    let hlsFolder: String
    let files: FileServer
    let viewers: @Sendable (ViewerHit) -> Void
    let clock: @Sendable () -> UnixMilliseconds

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let started = ContinuousClock.now
        let name = String(request.uri.path.dropFirst("/live/".count))
        let record = { @Sendable [self] (status: Int, bytes: Int) in
            viewers(
                ViewerHit(
                    time: clock(), address: context.client.ip, userAgent: request.headers[.userAgent] ?? "",
                    path: request.uri.path, status: status, bytes: Int64(bytes),
                    seconds: (ContinuousClock.now - started).inSeconds))
        }
        do {
            let response = try await file(name, request)
            let bytes = request.method == .head ? 0 : response.body.contentLength
            return response.whenSent { record(response.status.code, bytes) }
        } catch {
            record((error as? Problem)?.status.code ?? 500, 0)
            throw error
        }
    }

    private func file(_ name: String, _ request: Request) async throws -> Response {
        let isSegment: Bool
        switch HLSFileName(name) {
        case .master, .playlist: isSegment = false
        case .segment: isSegment = true
        case .temporary, nil: throw Problem.notFound()
        }
        // A playlist is asked for because it changes, and always whole.
        return try await files.respond(
            to: request, path: "\(hlsFolder)/live/\(name)",
            contentType: isSegment ? "video/mp2t" : "application/vnd.apple.mpegurl",
            // Names of segments never repeat; a playlist changes with each segment.
            cacheControl: isSegment ? "public, max-age=86400, immutable" : "public, max-age=1",
            isValidated: false, mayRange: isSegment)
    }
}

extension Response {
    /// Calls `end` when the body was sent or given up; at once for one in memory, which is as good as sent.
    func whenSent(_ end: @escaping @Sendable () -> Void) -> Response {
        let body = body
        guard case .pieces(let length, _) = body else {
            end()
            return self
        }
        var response = self
        response.body = ResponseBody(contentLength: length) { writer in
            defer { end() }
            try await body.write(writer)
        }
        return response
    }
}
