import Hummingbird
import NIOPosix

/// What isn't an endpoint: the web pages with their assets, and with the embedded engine the streams.
struct FileRoutes: Sendable {
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
        "ico": "image/x-icon", "woff2": "font/woff2", "webmanifest": "application/manifest+json",
        "txt": "text/plain; charset=utf-8",
    ]
    /// The pages change with the product's version and their names don't: browsers ask whether they did.
    private static let cacheControl = "no-cache"

    let webFolder: String
    let files: FileServer
    let live: LiveFiles?

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix("/live/") {
            guard let live else { throw Problem.notFound() }
            return try await live.respond(to: request, context: context)
        }
        guard let (file, type) = Self.file(for: path) else { throw Problem.notFound() }
        return try await files.respond(
            to: request, path: "\(webFolder)/\(file)", contentType: type, cacheControl: Self.cacheControl)
    }

    /// The file of a page's or asset's address, and its type: names of letters, digits, `-`, `_` and dots that lead none.
    static func file(for path: String) -> (file: String, type: String)? {
        let relative = path == "/" ? "index.html" : String(path.dropFirst())
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain =
            parts.count <= 6 && relative.utf8.count <= 128
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "."
                    && part.utf8.allSatisfy {
                        (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0)
                            || [0x2D, 0x2E, 0x5F].contains($0)
                    }
            }
        guard isPlain, path.hasPrefix("/"),
            parts.count > 1 || relative.hasSuffix(".html") || Self.topLevel.contains(relative),
            let dot = relative.lastIndex(of: "."), let type = types[String(relative[relative.index(after: dot)...])]
        else { return nil }
        return (relative, type)
    }

    /// Beside the pages.
    private static let topLevel: Set<String> = ["favicon.ico", "favicon.svg", "robots.txt", "manifest.webmanifest"]
}
