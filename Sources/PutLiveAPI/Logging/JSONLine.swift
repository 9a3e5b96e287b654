import Logging

/// Writes one JSON object (RFC 8259) of bounded size, without blanks outside of its strings.
struct JSONLine {
    /// Of a line with its end.
    static let longestLine = 16_384
    /// A field of this name, `true`, stands in a line that lacks fields for want of room.
    static let truncationKey = "truncated"
    /// Of one text, before it is escaped.
    private static let longestText = 8_192
    private static let longestKey = 64
    private static let deepestNesting = 4
    private static let truncationMark = "…"
    private static let end = "}\n"
    private static let truncatedEnd = ",\"\(truncationKey)\":true}\n"
    /// What fields may fill.
    private static let room = longestLine - truncatedEnd.utf8.count

    private var bytes: [UInt8] = []
    private var isTruncated = false
    private let scrubber: SecretScrubber

    init(scrubber: SecretScrubber) {
        self.scrubber = scrubber
        bytes.reserveCapacity(512)
    }

    /// The first three fields. `level` and `event` hold nothing that has to be escaped.
    mutating func begin(milliseconds: Int64, level: String, event: String) {
        append("{\"ts\":\"")
        RFC3339.append(milliseconds: milliseconds, to: &bytes)
        append("\",\"level\":\"")
        append(level)
        append("\",\"event\":\"")
        append(event)
        append("\"")
    }

    /// One more field, if there is room for it.
    mutating func field(_ key: String, _ value: Logger.MetadataValue) {
        let start = bytes.count
        append(",")
        member(key, value, depth: 0)
        if bytes.count > Self.room {
            bytes.removeSubrange(start...)
            isTruncated = true
        }
    }

    /// The whole line.
    consuming func ended() -> [UInt8] {
        append(isTruncated ? Self.truncatedEnd : Self.end)
        return bytes
    }

    private mutating func member(_ key: String, _ value: Logger.MetadataValue, depth: Int) {
        string(key, limit: Self.longestKey)
        append(":")
        if SecretScrubber.isSecretName(key) {
            append("\"\(SecretScrubber.mask)\"")
        } else {
            self.value(value, depth: depth)
        }
    }

    private mutating func value(_ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value): scalar(value)
        case .dictionary, .array:
            guard depth < Self.deepestNesting else { return string(Self.truncationMark) }
            nested(value, depth: depth + 1)
        }
    }

    /// Ends as soon as there is no room left: the whole field is then left out.
    private mutating func nested(_ value: Logger.MetadataValue, depth: Int) {
        if case .array(let values) = value {
            append("[")
            for (index, value) in values.enumerated() where bytes.count <= Self.room {
                if index > 0 { append(",") }
                self.value(value, depth: depth)
            }
            append("]")
        } else if case .dictionary(let values) = value {
            append("{")
            for (index, key) in values.keys.sorted().enumerated() where bytes.count <= Self.room {
                guard let value = values[key] else { continue }
                if index > 0 { append(",") }
                member(key, value, depth: depth)
            }
            append("}")
        }
    }

    /// Numbers and truth values stay what they are.
    private mutating func scalar(_ value: any CustomStringConvertible & Sendable) {
        switch value {
        case let value as Int: append(value.description)
        case let value as Int64: append(value.description)
        case let value as Bool: append(value.description)
        case let value as Double where value.isFinite: append(value.description)
        default: string(value.description)
        }
    }

    // MARK: Strings

    /// A string without secrets, cut to what there is room for.
    private mutating func string(_ text: String, limit: Int = longestText) {
        append("\"")
        var text = text
        text.withUTF8 { content($0, limit: limit) }
        append("\"")
    }

    private mutating func content(_ text: UnsafeBufferPointer<UInt8>, limit: Int) {
        // A secret that begins within the limit is found as a whole, for a part of it is a secret too.
        let stop = min(limit, text.count)
        var index = 0
        while index < stop {
            let secret = scrubber.secret(in: text, from: index, to: stop)
            let written = escape(text, from: index, to: secret?.lowerBound ?? stop)
            index = written
            guard let secret, written == secret.lowerBound else { break }
            append(SecretScrubber.mask)
            index = secret.upperBound
        }
        if index < text.count { append(Self.truncationMark) }
    }

    /// Writes bytes up to `end`, or to where the room ends; never half a scalar. Returns where it stopped.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
        // Room for what may follow: a secret's mask, the mark of truncation, the quotation mark.
        let room = Self.room - SecretScrubber.mask.utf8.count - Self.truncationMark.utf8.count - 1
        var plain = start
        var index = start
        while index < end {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            let cut = copy(text, from: plain, to: index, room: room)
            guard cut == index else { return cut }
            guard bytes.count + 6 <= room else { return index }
            escape(byte)
            index += 1
            plain = index
        }
        return copy(text, from: plain, to: end, room: room)
    }

    private mutating func copy(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, room: Int
    ) -> Int {
        var end = min(end, start + max(room - bytes.count, 0))
        // A byte 10xxxxxx goes on with the scalar before it.
        while end > start, end < text.count, text[end] & 0xc0 == 0x80 { end -= 1 }
        bytes.append(contentsOf: text[start..<end])
        return end
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            append("u00")
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0x0f
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: bytes.append(byte)
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
