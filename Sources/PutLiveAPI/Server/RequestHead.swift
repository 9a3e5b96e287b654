import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPRequest {
    /// The request that a head asks for.
    ///
    /// - Throws: `HTTP1TypeConversionError` for a method that is none.
    init(of head: HTTPRequestHead) throws {
        // Only another form of the target than a path has to be taken apart, which costs more than all the rest.
        guard head.uri.utf8.first == UInt8(ascii: "/") else {
            self = try HTTPRequest(head, secure: false, splitCookie: false)
            return
        }
        self.init(
            method: try Method(head.method), scheme: "http", authority: head.headers.first(name: "Host"),
            path: head.uri, headerFields: HTTPFields(head.headers, splitCookie: false))
    }
}

extension HTTPRequestHead {
    /// Whether a body follows (RFC 9112, section 6.3).
    var announcesBody: Bool {
        if headers.contains(name: "Transfer-Encoding") { return true }
        return headers.first(name: "Content-Length").map { $0 != "0" } ?? false
    }
}
