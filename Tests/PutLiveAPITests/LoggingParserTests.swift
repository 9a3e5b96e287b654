import Testing

/// A JSON value with the members of objects in their order, and a strict reader of it (RFC 8259) that the tests of
/// what is written compare with.
indirect enum LoggedJSON: Equatable {
    case string(String)
    case number(String)
    case bool(Bool)
    case null
    case array([LoggedJSON])
    case object([Member])

    struct Member: Equatable {
        let key: String
        let value: LoggedJSON
    }

    struct Malformed: Error {
        let offset: Int
    }

    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    subscript(key: String) -> LoggedJSON? { members.first { $0.key == key }?.value }

    /// Exactly one value without blanks around it.
    init(parsing text: some Sequence<UInt8>) throws {
        var reader = Reader(bytes: Array(text))
        self = try reader.value()
        guard reader.index == reader.bytes.count else { throw reader.malformed }
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var malformed: Malformed { Malformed(offset: index) }

        mutating func next() throws -> UInt8 {
            guard index < bytes.count else { throw malformed }
            index += 1
            return bytes[index - 1]
        }

        mutating func take(_ text: String) -> Bool {
            guard bytes[index...].starts(with: text.utf8) else { return false }
            index += text.utf8.count
            return true
        }

        mutating func value() throws -> LoggedJSON {
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            if take("null") { return .null }
            if take("\"") { return .string(try string()) }
            if take("[") {
                var values: [LoggedJSON] = []
                if take("]") { return .array(values) }
                while true {
                    values.append(try value())
                    if take("]") { return .array(values) }
                    guard take(",") else { throw malformed }
                }
            }
            if take("{") {
                var members: [Member] = []
                if take("}") { return .object(members) }
                while true {
                    guard take("\"") else { throw malformed }
                    let key = try string()
                    guard take(":"), !members.contains(where: { $0.key == key }) else { throw malformed }
                    members.append(Member(key: key, value: try value()))
                    if take("}") { return .object(members) }
                    guard take(",") else { throw malformed }
                }
            }
            let number = bytes[index...].prefix { "+-.eE0123456789".utf8.contains($0) }
            let text = String(decoding: number, as: UTF8.self)
            guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else { throw malformed }
            index += number.count
            return .number(text)
        }

        mutating func string() throws -> String {
            var result: [UInt8] = []
            while true {
                let byte = try next()
                if byte == UInt8(ascii: "\"") { break }
                guard byte >= 0x20 else { throw malformed }
                guard byte == UInt8(ascii: "\\") else {
                    result.append(byte)
                    continue
                }
                switch try next() {
                case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
                case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "/"): result.append(UInt8(ascii: "/"))
                case UInt8(ascii: "b"): result.append(8)
                case UInt8(ascii: "t"): result.append(9)
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "f"): result.append(12)
                case UInt8(ascii: "r"): result.append(13)
                case UInt8(ascii: "u"):
                    var code: UInt32 = 0
                    for _ in 0..<4 {
                        guard let digit = Character(Unicode.Scalar(try next())).hexDigitValue else { throw malformed }
                        code = code * 16 + UInt32(digit)
                    }
                    guard let scalar = Unicode.Scalar(code) else { throw malformed }
                    result += Array(String(scalar).utf8)
                default: throw malformed
                }
            }
            guard let text = String(validating: result, as: UTF8.self) else { throw malformed }
            return text
        }
    }
}

@Suite struct LoggingParserTests {
    @Test func readsWhatIsWellFormed() throws {
        let value = try LoggedJSON(parsing: #"{"a":[1,-2.5e3,true,false,null,{}],"b":"\u00e4\n\"\\","c":[]}"#.utf8)
        #expect(
            value
                == .object([
                    .init(
                        key: "a",
                        value: .array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null, .object([])])
                    ),
                    .init(key: "b", value: .string("ä\n\"\\")), .init(key: "c", value: .array([])),
                ]))
    }

    @Test(arguments: [
        "", "{", "{}}", "{\"a\":1,\"a\":2}", "\"\n\"", "\"\\x\"", "01", "{\"a\" :1}", "[1,]", "\"\\ud800\"",
    ])
    func refusesWhatIsNot(_ text: String) {
        #expect(throws: LoggedJSON.Malformed.self) { try LoggedJSON(parsing: text.utf8) }
    }
}
