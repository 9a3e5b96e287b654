/// A message of D-Bus (its specification, "Message Protocol"), as far as asking systemd of its units needs it.
struct DBusMessage {
    /// What it answers; nil for a signal, which nobody asked for.
    var replySerial: UInt32?
    var isError: Bool
    var body: DBusReader

    /// Answers are a few KiB.
    private static let sizeLimit = 4 << 20

    /// The bytes of a call of a method.
    static func call(
        _ member: String, of interface: String, at path: String, serial: UInt32, signature: String, body: DBusWriter
    ) -> [UInt8] {
        var message = DBusWriter()
        // Little-endian, a method call, without flags, of protocol version 1.
        message.bytes = [UInt8(ascii: "l"), 1, 0, 1]
        message.put(UInt32(body.bytes.count))
        message.put(serial)
        var fields = DBusWriter()
        for (code, type, value) in [(1, "o", path), (2, "s", interface), (3, "s", member), (8, "g", signature)] {
            fields.align(to: 8)
            fields.bytes.append(UInt8(code))
            fields.put(signature: type)
            if type == "g" { fields.put(signature: value) } else { fields.put(value) }
        }
        message.put(UInt32(fields.bytes.count))
        // 16 bytes in, so that the alignment within the fields is the message's.
        message.bytes += fields.bytes
        message.align(to: 8)
        return message.bytes + body.bytes
    }

    /// Takes the first message out of `bytes`; nil while it isn't complete.
    ///
    /// - Throws: `SystemError` for what isn't D-Bus.
    static func take(from bytes: inout [UInt8]) throws(SystemError) -> DBusMessage? {
        guard bytes.count >= 16 else { return nil }
        var header = DBusReader(bytes: bytes[..<16], offset: 4)
        guard bytes[0] == UInt8(ascii: "l"), bytes[3] == 1, let bodySize = header.number(), header.number() != nil,
            let fieldSize = header.number(), Int(bodySize) + Int(fieldSize) <= sizeLimit
        else { throw SystemError("systemd's answer isn't of D-Bus") }
        let start = (16 + Int(fieldSize) + 7) / 8 * 8
        let end = start + Int(bodySize)
        guard bytes.count >= end else { return nil }
        let isError = bytes[1] == 3
        var fields = DBusReader(bytes: bytes[..<(16 + Int(fieldSize))], offset: 16)
        var replySerial: UInt32?
        while fields.align(to: 8), let code = fields.byte() {
            guard let value = fields.variant() else { throw SystemError("systemd's answer isn't of D-Bus") }
            if code == 5, case .number(let serial) = value { replySerial = serial }
        }
        let body = DBusReader(bytes: ArraySlice(Array(bytes[start..<end])), offset: 0)
        bytes.removeFirst(end)
        return DBusMessage(replySerial: replySerial, isError: isError, body: body)
    }
}

/// Writes values as D-Bus marshals them: aligned to their size, counted from the first byte.
struct DBusWriter {
    var bytes: [UInt8] = []

    mutating func align(to size: Int) {
        while !bytes.count.isMultiple(of: size) { bytes.append(0) }
    }

    mutating func put(_ number: UInt32) {
        align(to: 4)
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    }

    mutating func put(_ text: String) {
        put(UInt32(text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    mutating func put(signature: String) {
        bytes += [UInt8(signature.utf8.count)] + Array(signature.utf8) + [0]
    }

    /// An array of strings.
    mutating func put(_ texts: [String]) {
        var list = DBusWriter()
        for text in texts { list.put(text) }
        put(UInt32(list.bytes.count))
        bytes += list.bytes
    }
}

/// Reads values that D-Bus marshalled. Each is nil where the bytes end or hold something else.
struct DBusReader {
    enum Value {
        case number(UInt32)
        case text(String)
    }

    /// From offset 0, to which values are aligned.
    let bytes: ArraySlice<UInt8>
    var offset: Int

    var isAtEnd: Bool { offset >= bytes.endIndex }

    mutating func align(to size: Int) -> Bool {
        offset = (offset + size - 1) / size * size
        return offset <= bytes.endIndex
    }

    mutating func byte() -> UInt8? {
        guard offset < bytes.endIndex else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func number() -> UInt32? {
        guard align(to: 4), offset + 4 <= bytes.endIndex else { return nil }
        defer { offset += 4 }
        return (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }

    /// Of a string or an object's path.
    mutating func text() -> String? {
        guard let count = number() else { return nil }
        return text(Int(count))
    }

    private mutating func text(_ count: Int) -> String? {
        // With the zero after it.
        guard offset + count < bytes.endIndex else { return nil }
        defer { offset += count + 1 }
        return String(decoding: bytes[offset..<(offset + count)], as: UTF8.self)
    }

    /// A value with its type; nil for types that aren't asked for.
    mutating func variant() -> Value? {
        guard let count = byte(), let type = text(Int(count)) else { return nil }
        switch type {
        case "s", "o": return text().map { .text($0) }
        case "u", "b": return number().map { .number($0) }
        case "g":
            guard let size = byte() else { return nil }
            return text(Int(size)).map { .text($0) }
        default: return nil
        }
    }
}
