/// Reads one JSON object of strings and numbers without nesting (RFC 8259), such as nginx logs, without Foundation and
/// without a copy of what isn't asked for.
struct FlatJSON {
    /// A value, as it stands between its quotes, or as a number.
    enum Value {
        case string(Slice<UnsafeRawBufferPointer>, isEscaped: Bool)
        case number(Slice<UnsafeRawBufferPointer>)
    }

    private var rest: Slice<UnsafeRawBufferPointer>
    private static let mostFields = 64

    /// Calls `take` with each name and value. False if it isn't such an object, or if anything but blanks follows it;
    /// `take` may have been called by then.
    static func read(
        _ bytes: Slice<UnsafeRawBufferPointer>, take: (Slice<UnsafeRawBufferPointer>, Value) -> Void
    ) -> Bool {
        var reader = FlatJSON(rest: bytes)
        return reader.object(take)
    }

    private init(rest: Slice<UnsafeRawBufferPointer>) {
        self.rest = rest
    }

    private mutating func object(_ take: (Slice<UnsafeRawBufferPointer>, Value) -> Void) -> Bool {
        guard next(UInt8(ascii: "{")) else { return false }
        if next(UInt8(ascii: "}")) { return isAtEnd() }
        for _ in 0..<Self.mostFields {
            guard next(UInt8(ascii: "\"")), let name = string(), next(UInt8(ascii: ":")), let value = value()
            else { return false }
            take(name.0, value)
            if next(UInt8(ascii: "}")) { return isAtEnd() }
            guard next(UInt8(ascii: ",")) else { return false }
        }
        return false
    }

    private mutating func isAtEnd() -> Bool {
        skipBlanks()
        return rest.isEmpty
    }

    private mutating func skipBlanks() {
        while let byte = rest.first, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { rest.removeFirst() }
    }

    private mutating func next(_ expected: UInt8) -> Bool {
        skipBlanks()
        guard rest.first == expected else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func value() -> Value? {
        if next(UInt8(ascii: "\"")) {
            return string().map { .string($0.0, isEscaped: $0.1) }
        }
        let digits = rest.prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
        }
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        return .number(digits)
    }

    /// What stands before the closing quote, which is skipped.
    private mutating func string() -> (Slice<UnsafeRawBufferPointer>, Bool)? {
        var isEscaped = false
        var index = rest.startIndex
        while index < rest.endIndex {
            switch rest[index] {
            case UInt8(ascii: "\""):
                defer { rest = rest[(index + 1)...] }
                return (rest[..<index], isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                index += 2
            case 0..<0x20:
                return nil
            default:
                index += 1
            }
        }
        return nil
    }

    /// The text of a string; nil for a bad escape.
    static func text(_ bytes: Slice<UnsafeRawBufferPointer>, isEscaped: Bool) -> String? {
        guard isEscaped else { return String(decoding: bytes, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard index + 1 < bytes.endIndex else { return nil }
            let escape = bytes[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard index + 4 <= bytes.endIndex,
                    let code = UInt16(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16)
                else { return nil }
                // A half of a pair means nothing alone; nginx writes none.
                text += Array(String(Unicode.Scalar(code) ?? "\u{fffd}").utf8)
                index += 4
            default: return nil
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A decimal number without exponent, in thousandths; nil for what is none or out of range.
    static func thousandths(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int64? {
        var value: Int64 = 0
        var decimals: Int?
        guard (1...20).contains(bytes.count) else { return nil }
        for byte in bytes {
            if byte == UInt8(ascii: "."), decimals == nil {
                decimals = 0
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            if let places = decimals {
                decimals = places + 1
                if places >= 3 { continue }
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= Int64.max / 2000 else { return nil }
            value = product + Int64(byte - UInt8(ascii: "0"))
        }
        for _ in min(3, decimals ?? 0)..<3 { value *= 10 }
        return value
    }
}
