/// One datagram of nginx's access log: `<190>Nov 22 14:06:00 putlive: {…}`, the JSON of its log_format `viewer`.
public enum AccessLogLine {
    /// The longest datagram that is looked at, in bytes. nginx itself cuts at 4096 or so.
    public static let limit = 8 * 1024

    /// Reads a datagram; nil for what isn't such a line.
    public static func parse(_ datagram: [UInt8]) -> ViewerHit? {
        datagram.withUnsafeBytes { parse($0) }
    }

    /// Reads a datagram; nil for what isn't such a line.
    public static func parse(_ datagram: UnsafeRawBufferPointer) -> ViewerHit? {
        guard datagram.count <= limit, let start = datagram.firstIndex(of: UInt8(ascii: "{")),
            isHead(datagram[..<start])
        else { return nil }
        var time: Int64?
        var address: String?
        var userAgent: String?
        var path: String?
        var status: Int64?
        var bytes: Int64?
        var took: Int64?
        var country: String?
        var event: String?
        let isWhole = FlatJSON.read(datagram[start...]) { name, value in
            switch value {
            case .string(let raw, let isEscaped):
                // What isn't needed isn't copied.
                switch String(decoding: name, as: UTF8.self) {
                case "event": event = FlatJSON.text(raw, isEscaped: isEscaped)
                case "ip": address = FlatJSON.text(raw, isEscaped: isEscaped)
                case "uri": path = FlatJSON.text(raw, isEscaped: isEscaped)
                case "user_agent": userAgent = FlatJSON.text(raw, isEscaped: isEscaped)
                case "country": country = FlatJSON.text(raw, isEscaped: isEscaped)
                default: break
                }
            case .number(let raw):
                switch String(decoding: name, as: UTF8.self) {
                case "time": time = FlatJSON.thousandths(raw)
                case "status": status = FlatJSON.thousandths(raw)
                case "bytes": bytes = FlatJSON.thousandths(raw)
                case "seconds": took = FlatJSON.thousandths(raw)
                default: break
                }
            }
        }
        guard isWhole, event == "hls", let time, let address, (2...45).contains(address.utf8.count), let userAgent,
            let path, let status, let bytes, let took
        else { return nil }
        return ViewerHit(
            time: time, address: address, userAgent: userAgent, path: path, status: Int(status / 1000),
            bytes: bytes / 1000, seconds: Double(took) / 1000, country: country)
    }

    /// RFC 3164: a priority in brackets, a time, perhaps the host, and the tag.
    private static func isHead(_ head: Slice<UnsafeRawBufferPointer>) -> Bool {
        let tag = "putlive: ".utf8
        return head.first == UInt8(ascii: "<") && head.count <= 300 && head.suffix(tag.count).elementsEqual(tag)
    }
}
