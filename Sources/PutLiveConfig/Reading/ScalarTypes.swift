/// Booleans, numbers and plain words.
extension ValueType where Value == Bool {
    public static var bool: ValueType<Bool> {
        ValueType(
            name: "boolean", form: "true or false", schema: ["type": .string("boolean")],
            parse: { (text) throws(ValueError) in
                switch text {
                case "true", "True", "TRUE": return true
                case "false", "False", "FALSE": return false
                default: throw ValueError("\(quoted(text)) is neither true nor false", remedy: "write true or false")
                }
            },
            print: { $0 ? "true" : "false" }, isBareInJSON: true)
    }
}

extension ValueType where Value == Int {
    /// A whole number within `range`, in `unit`.
    public static func int(_ range: ClosedRange<Int>, unit: String = "") -> ValueType<Int> {
        let form = "\(range.lowerBound) to \(range.upperBound)"
        return ValueType(
            name: unit.isEmpty ? "integer" : "integer (\(unit))", form: form,
            schema: [
                "type": .string("integer"), "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound),
            ],
            parse: { (text) throws(ValueError) in
                guard let number = Int(text) else {
                    throw ValueError("\(quoted(text)) is not a whole number", remedy: "write a number from \(form)")
                }
                guard range.contains(number) else {
                    throw ValueError("\(number) is out of range", remedy: "write a number from \(form)")
                }
                return number
            },
            print: { String($0) }, isBareInJSON: true)
    }

    /// A TCP or UDP port.
    public static var port: ValueType<Int> {
        var type = int(1...65535)
        type.name = "port"
        type.parse = { (text) throws(ValueError) in
            guard let number = Int(text), (1...65535).contains(number) else {
                throw ValueError("\(quoted(text)) is not a port", remedy: "write a number from 1 to 65535")
            }
            return number
        }
        return type
    }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of an enumeration's words.
    public static var oneOf: ValueType<Value> {
        let words = Value.allCases.map(\.rawValue)
        let form = words.joined(separator: ", ")
        return ValueType(
            name: "word", form: form, schema: ["type": .string("string"), "enum": .array(words.map(JSONValue.string))],
            parse: { (text) throws(ValueError) in
                if let value = Value(rawValue: text) { return value }
                let hint = nearest(to: text, in: words).map { "write \($0); " } ?? ""
                throw ValueError("\(quoted(text)) is not one of \(form)", remedy: "\(hint)possible are \(form)")
            },
            print: { $0.rawValue })
    }
}

extension ValueType where Value == String {
    /// A word of `allowed` characters, at most `limit` of them.
    static func word(_ name: String, form: String, pattern: String, limit: Int, allowed: @escaping @Sendable (Character) -> Bool)
        -> ValueType<String>
    {
        ValueType(
            name: name, form: form, schema: ["type": .string("string"), "pattern": .string(pattern)],
            parse: { (text) throws(ValueError) in
                guard !text.isEmpty, text.unicodeScalars.count <= limit, text.allSatisfy(allowed) else {
                    throw ValueError("\(quoted(text)) is not a \(name)", remedy: "write \(form)")
                }
                return text
            },
            print: { $0 })
    }

    /// The account name of a user.
    public static var userName: ValueType<String> {
        word(
            "user name", form: "1 to 64 letters, digits, dots, dashes or underscores",
            pattern: "^[A-Za-z0-9._-]{1,64}$", limit: 64
        ) { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    /// The name of a rung of the ladder. It stands after `_` in a stream's name, so it can't hold one.
    public static var qualityName: ValueType<String> {
        word(
            "quality name", form: "1 to 32 lower-case letters, digits or dashes, such as 480p",
            pattern: "^[a-z0-9-]{1,32}$", limit: 32, allowed: isNameCharacter)
    }

    /// A CloudWatch namespace.
    public static var metricNamespace: ValueType<String> {
        word(
            "metric namespace", form: "1 to 128 letters, digits or . - _ / #, not starting with AWS/",
            pattern: "^(?!AWS/)[A-Za-z0-9./#_-]{1,128}$", limit: 128
        ) { $0.isASCII && ($0.isLetter || $0.isNumber || "./#_-".contains($0)) }
    }

    /// An AWS region.
    public static var region: ValueType<String> {
        word(
            "AWS region", form: "a region such as us-east-1", pattern: "^[a-z0-9-]{5,32}$", limit: 32,
            allowed: isNameCharacter)
    }

    /// An EC2 instance type.
    public static var instanceType: ValueType<String> {
        word(
            "EC2 instance type", form: "an instance type such as t3.micro", pattern: "^[a-z0-9-]+\\.[a-z0-9-]+$",
            limit: 32
        ) { isNameCharacter($0) || $0 == "." }
    }

    /// A user name that a TURN server knows; printable ASCII.
    public static var turnUserName: ValueType<String> {
        word(
            "TURN user name", form: "1 to 128 printable ASCII characters without spaces", pattern: "^[!-~]{1,128}$",
            limit: 128
        ) { $0.isASCII && $0 > " " && $0 < "\u{7F}" }
    }
}

@Sendable func isNameCharacter(_ character: Character) -> Bool {
    ("a"..."z").contains(character) || ("0"..."9").contains(character) || character == "-"
}

extension ValueType where Value == String {
    /// A value of `type`, or empty for none.
    public static func optional(_ type: ValueType<String>) -> ValueType<String> {
        ValueType(
            name: type.name, form: "\(type.form); or empty",
            schema: type.schema["pattern"] == nil
                ? type.schema : ["anyOf": .array([.object(type.schema), .object(["const": .string("")])])],
            parse: { (text) throws(ValueError) in text.isEmpty ? text : try type.parse(text) },
            print: { $0 })
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
