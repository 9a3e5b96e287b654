/// Quantities with a unit: durations, byte sizes, bit rates and resolutions.
extension ValueType where Value == Duration {
    /// A duration within `range`; a bare number is seconds.
    public static func duration(_ range: ClosedRange<Duration>) -> ValueType<Duration> {
        let bounds = "\(range.lowerBound.configText) to \(range.upperBound.configText)"
        return ValueType(
            name: "duration", form: "\(bounds), as 500ms, 30s, 5m, 6h or 7d; a bare number is seconds",
            schema: [
                "type": .array([.string("string"), .string("integer")]),
                "pattern": .string("^([0-9]+(ms|s|m|h|d|w))+$|^[0-9]+$"),
            ],
            parse: { (text) throws(ValueError) in
                guard let value = parseDuration(text) else {
                    throw ValueError(
                        "\(quoted(text)) is not a duration", remedy: "write a number with its unit: 30s, 5m, 6h or 7d")
                }
                guard range.contains(value) else {
                    throw ValueError("\(value.configText) is out of range", remedy: "write a duration from \(bounds)")
                }
                return value
            },
            print: { $0.configText })
    }
}

/// `1h30m`, `500ms` or a bare number of seconds; nil for anything else or more than a century.
func parseDuration(_ text: String) -> Duration? {
    let units: [(String, Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
    ]
    let longest = 100 * 366 * 86_400_000
    var rest = text.utf8[...]
    var total = 0
    var parts = 0
    while !rest.isEmpty {
        // Ten digits of the largest unit are far from an overflow.
        let digits = rest.prefix(while: isDigit)
        guard (1...10).contains(digits.count), let number = Int(Substring(digits)) else { return nil }
        rest = rest.dropFirst(digits.count)
        let unit = rest.prefix(while: isLowercase)
        rest = rest.dropFirst(unit.count)
        if unit.isEmpty {
            guard parts == 0, rest.isEmpty else { return nil }
            total = number * 1000
        } else {
            guard let size = units.first(where: { $0.0.utf8.elementsEqual(unit) })?.1 else { return nil }
            total += number * size
        }
        parts += 1
        guard total <= longest, parts <= 8 else { return nil }
    }
    return parts > 0 ? .milliseconds(total) : nil
}

extension ValueType where Value == ByteSize {
    /// A byte size within `range`.
    public static func byteSize(_ range: ClosedRange<ByteSize>) -> ValueType<ByteSize> {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return ValueType(
            name: "byte size", form: "\(bounds), as 500M or 2G (powers of 1024); a bare number is bytes",
            schema: [
                "type": .array([.string("string"), .string("integer")]),
                "pattern": .string("^[0-9]+([KkMmGgTt]([Ii]?[Bb])?)?$"),
            ],
            parse: { (text) throws(ValueError) in
                guard let value = parseByteSize(text) else {
                    throw ValueError(
                        "\(quoted(text)) is not a byte size", remedy: "write a number with its unit: 500M or 2G")
                }
                guard range.contains(value) else {
                    throw ValueError("\(value) is out of range", remedy: "write a size from \(bounds)")
                }
                return value
            },
            print: { $0.description })
    }
}

/// `500M`, `2G`, `2GiB` or a bare number of bytes; nil for anything else or more than 64 bits hold.
func parseByteSize(_ text: String) -> ByteSize? {
    let digits = text.utf8.prefix(while: isDigit)
    guard (1...15).contains(digits.count), let number = Int(Substring(digits)) else { return nil }
    var suffix = text.utf8.dropFirst(digits.count).map { isLetter($0) ? $0 & 0xDF : $0 }[...]
    for ending in ["IB", "B"]
    where suffix.count > ending.utf8.count && suffix.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
        suffix.removeLast(ending.utf8.count)
        break
    }
    // Not by string comparison, to which the Kelvin sign is a K.
    let prefixes = Array("KMGT".utf8)
    guard suffix.count <= 1,
        let shift = suffix.first.map({ letter in prefixes.firstIndex(of: letter).map { 10 * ($0 + 1) } }) ?? 0
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : ByteSize(bytes: bytes)
}

extension ValueType where Value == BitRate {
    /// A bit rate within `range`.
    public static func bitRate(_ range: ClosedRange<BitRate>) -> ValueType<BitRate> {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return ValueType(
            name: "bit rate", form: "\(bounds), as 1200k or 2.5M (powers of 1000); a bare number is kbit/s",
            schema: [
                "type": .array([.string("string"), .string("integer")]),
                "pattern": .string("^[0-9]+$|^[0-9]+(\\.[0-9]{1,3})?[KkMm]$"),
            ],
            parse: { (text) throws(ValueError) in
                guard let value = parseBitRate(text) else {
                    throw ValueError(
                        "\(quoted(text)) is not a bit rate", remedy: "write a number with its unit: 1200k or 2.5M")
                }
                guard range.contains(value) else {
                    throw ValueError("\(value) is out of range", remedy: "write a bit rate from \(bounds)")
                }
                return value
            },
            print: { $0.description })
    }
}

/// Exact in thousandths, so that `2.5M` is 2500 kbit/s without rounding.
func parseBitRate(_ text: String) -> BitRate? {
    var number = text.utf8[...]
    var unit = 1000
    if let last = number.last, isLetter(last) {
        guard let size = [UInt8(ascii: "k"): 1000, UInt8(ascii: "m"): 1_000_000][last | 0x20] else { return nil }
        unit = size
        number.removeLast()
    } else if number.contains(UInt8(ascii: ".")) {
        return nil
    }
    let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ (1...9).contains($0.count) && $0.allSatisfy(isDigit) }),
        let whole = Int(Substring(parts[0]))
    else { return nil }
    var bits = whole * unit
    if parts.count == 2 {
        guard parts[1].count <= 3, let fraction = Int(Substring(parts[1])) else { return nil }
        bits += fraction * unit / [1: 10, 2: 100, 3: 1000][parts[1].count, default: 1]
    }
    return BitRate(bitsPerSecond: bits)
}

extension ValueType where Value == Resolution {
    /// A picture size with even sides, up to 8K.
    public static var resolution: ValueType<Resolution> {
        ValueType(
            name: "resolution", form: "WIDTHxHEIGHT in even pixels, such as 854x480",
            schema: ["type": .string("string"), "pattern": .string("^[0-9]+x[0-9]+$")],
            parse: { (text) throws(ValueError) in
                let parts = text.split(separator: "x", omittingEmptySubsequences: false)
                guard parts.count == 2, parts.allSatisfy({ $0.utf8.count <= 5 && $0.utf8.allSatisfy(isDigit) }),
                    let width = Int(parts[0]), let height = Int(parts[1])
                else {
                    throw ValueError(
                        "\(quoted(text)) is not a resolution", remedy: "write WIDTHxHEIGHT, such as 854x480")
                }
                guard width >= 16, height >= 16, width <= 7680, height <= 7680 else {
                    throw ValueError(
                        "\(quoted(text)) is no picture that can be encoded",
                        remedy: "use sides from 16 to 7680 pixels, such as 854x480")
                }
                guard width % 2 == 0, height % 2 == 0 else {
                    let even = "\((width + 1) / 2 * 2)x\((height + 1) / 2 * 2)"
                    throw ValueError(
                        "\(text) has an odd side, which 4:2:0 video can't have", remedy: "use even sides: \(even)")
                }
                return Resolution(width: width, height: height)
            },
            print: { $0.description })
    }
}
