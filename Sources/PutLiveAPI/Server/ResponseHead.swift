import HTTPTypes
import NIOCore

extension ByteBuffer {
    /// Writes the head of an answer (RFC 9112, section 4), with the length of its body (section 6), which we always know.
    ///
    /// - Parameter date: The field `Date`.
    mutating func writeHead(of response: Response, date: String) {
        let status = response.status
        if status == .ok {
            writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
        var hasLength = false
        for field in response.headers {
            if field.name == .contentLength { hasLength = true }
            writeField(field.name.rawName, field.value)
        }
        writeField("Date", date)
        if !hasLength, status != .noContent, status != .notModified {
            writeField("Content-Length", String(response.body.contentLength))
        }
        writeStaticString("\r\n")
    }

    private mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}
