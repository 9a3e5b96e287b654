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
        do {
            guard let (file, type) = Self.file(for: path) else { throw Problem.notFound() }
            return try await files.respond(
                to: request, path: "\(webFolder)/\(file)", contentType: type, cacheControl: Self.cacheControl)
        } catch let problem as Problem where problem.status == .notFound && Self.isForPeople(request) {
            return try await missingPage(for: request)
        }
    }

    /// What somebody sees who has mistyped an address, instead of problem details.
    /// - Throws: `Problem` where the pages are without it.
    private func missingPage(for request: Request) async throws -> Response {
        var response = try await files.respond(
            to: request, path: "\(webFolder)/404.html", contentType: Self.types["html"] ?? "",
            cacheControl: "no-store", isValidated: false, mayRange: false)
        response.status = .notFound
        return response
    }

    /// Whether a page was to be opened: browsers name its type then, which programs, scripts and images' elements don't.
    private static func isForPeople(_ request: Request) -> Bool {
        guard !["/api", "/live", "/whip"].contains(where: { isBelow($0, request.uri.path) }) else { return false }
        return request.headers[values: .accept].contains { field in
            field.split(separator: ",").contains { entry in
                entry.split(separator: ";").first.map(String.init)?.trimmed.lowercased() == "text/html"
            }
        }
    }

    private static func isBelow(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
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
