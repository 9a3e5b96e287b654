/// Reads an HTTP/1 answer as it comes, in whatever pieces (RFC 9112). What a server sends can't make it grow without bound.
struct HTTPAnswerReader {
    /// Of a body; what comes after it is left away.
    static let bodyLimit = 1 << 20
    /// Of all lines together: status, headers, chunk sizes, trailers.
    private static let headLimit = 64 << 10

    private enum State {
        case statusLine, headers
        /// So many bytes of the body are to come.
        case counted(Int)
        case untilClose
        case chunkSize
        case chunk(Int)
        case chunkEnd, trailers
        case done, failed
    }

    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headSize = 0
    private var status = 0
    private var length: Int?
    private var isChunked = false
    private var body: [UInt8] = []

    /// Whether nothing more is needed, or nothing more helps.
    var isDone: Bool {
        switch state {
        case .done, .failed: true
        default: false
        }
    }

    /// Nil before the end, and for what isn't HTTP or ended too early.
    var answer: HTTPAnswer? {
        guard case .done = state else { return nil }
        return HTTPAnswer(status: status, body: String(decoding: body, as: UTF8.self))
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty && !isDone {
            switch state {
            case .counted(let left):
                let count = takeBody(&rest, atMost: left)
                if !isDone { state = count == left ? .done : .counted(left - count) }
            case .chunk(let left):
                let count = takeBody(&rest, atMost: left)
                if !isDone { state = count == left ? .chunkEnd : .chunk(left - count) }
            case .untilClose:
                _ = takeBody(&rest, atMost: rest.count)
            default:
                takeLine(&rest)
            }
        }
    }

    /// The server has closed the connection.
    mutating func end() {
        if case .untilClose = state { state = .done } else if !isDone { state = .failed }
    }

    private mutating func takeBody(_ rest: inout ArraySlice<UInt8>, atMost limit: Int) -> Int {
        let count = min(rest.count, limit)
        body += rest.prefix(count)
        rest = rest.dropFirst(count)
        if body.count >= Self.bodyLimit {
            body.removeLast(body.count - Self.bodyLimit)
            state = .done
        }
        return count
    }

    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        let part = rest[..<(end ?? rest.endIndex)]
        line += part
        headSize += part.count + 1
        rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
        guard headSize <= Self.headLimit else {
            state = .failed
            return
        }
        guard end != nil else { return }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        state = next(text)
    }

    private mutating func next(_ line: String) -> State {
        switch state {
        case .statusLine: return statusLine(line)
        case .headers: return line.isEmpty ? afterHead() : header(line)
        case .chunkSize: return chunkSize(line)
        case .chunkEnd: return line.isEmpty ? .chunkSize : .failed
        default: return line.isEmpty ? .done : .trailers
        }
    }

    private mutating func statusLine(_ line: String) -> State {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3, let number = Int(parts[1]),
            (100..<600).contains(number)
        else { return .failed }
        status = number
        return .headers
    }

    private mutating func header(_ line: String) -> State {
        guard let colon = line.firstIndex(of: ":") else { return .failed }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }.lowercased()
        switch line[..<colon].lowercased() {
        case "content-length":
            guard let number = Int(value.prefix { $0 != " " }), number >= 0, length == nil || length == number else {
                return .failed
            }
            length = number
        case "transfer-encoding":
            // Others aren't asked for.
            guard value == "chunked" else { return .failed }
            isChunked = true
        default: break
        }
        return .headers
    }

    private mutating func afterHead() -> State {
        if status < 200 {
            // The real answer follows (RFC 9110 section 15.2).
            (length, isChunked) = (nil, false)
            return .statusLine
        }
        if status == 204 || status == 304 { return .done }
        if isChunked { return .chunkSize }
        guard let length else { return .untilClose }
        return length == 0 ? .done : .counted(length)
    }

    private func chunkSize(_ line: String) -> State {
        let digits = line.prefix { $0.isHexDigit }
        guard !digits.isEmpty, let size = Int(digits, radix: 16) else { return .failed }
        return size == 0 ? .trailers : .chunk(size)
    }
}
