/// Booleans, numbers and plain words.
extension ValueType where Value == Bool {
    /// `true` or `false`, and nothing else that YAML 1.1 takes for one.
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
                guard let number = parseDecimal(text) else { throw notANumber(text, form: form) }
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
            guard let number = parseDecimal(text) else { throw notANumber(text, form: "1 to 65535") }
            guard (1...65535).contains(number) else {
                throw ValueError("\(number) is not a port", remedy: "write a number from 1 to 65535")
            }
            return number
        }
        return type
    }
}

private func notANumber(_ text: String, form: String) -> ValueError {
    let remedy = "write a number from \(form)"
    if !text.isEmpty && text.utf8.allSatisfy(isDigit) {
        // YAML 1.1 reads octal there, YAML 1.2 decimal.
        return text.hasPrefix("0")
            ? ValueError("\(quoted(text)) begins with a zero", remedy: "write it without, in decimal: \(form)")
            : ValueError("\(quoted(text)) is out of range", remedy: remedy)
    }
    if text.hasPrefix("-"), parseDecimal(text.dropFirst()) != nil {
        return ValueError("\(text) is out of range", remedy: remedy)
    }
    return ValueError("\(quoted(text)) is not a whole number", remedy: remedy)
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of an enumeration's words.
    public static var oneOf: ValueType<Value> {
        let words = Value.allCases.map(\.rawValue)
        let form = words.joined(separator: ", ")
        return ValueType(
            name: "word", form: form, schema: ["enum": .array(words.flatMap(Self.spellings))],
            parse: { (text) throws(ValueError) in
                if let value = Value(rawValue: text) { return value }
                let hint = nearest(to: text, in: words).map { "write \($0); " } ?? ""
                throw ValueError("\(quoted(text)) is not one of \(form)", remedy: "\(hint)possible are \(form)")
            },
            print: { $0.rawValue })
    }

    /// A word, and the number that YAML takes it for when it is written without quotes.
    private static func spellings(_ word: String) -> [JSONValue] {
        Double(word).map { [.string(word), .double($0)] } ?? [.string(word)]
    }
}

extension ValueType where Value == String {
    /// A word of `allowed` bytes, at most `limit` of them, that `fits` has nothing against.
    static func word(
        _ name: String, form: String, pattern: String, limit: Int, allowed: @escaping @Sendable (UInt8) -> Bool,
        fits: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> ValueType<String> {
        ValueType(
            name: name, form: form, schema: ["type": stringOrNumber, "pattern": .string(pattern)],
            parse: { (text) throws(ValueError) in
                guard !text.isEmpty, text.utf8.count <= limit, text.utf8.allSatisfy(allowed), fits(text) else {
                    throw ValueError("\(quoted(text)) is not \(article(name))", remedy: "write \(form)")
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
        ) { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// The name of a rung of the ladder. It stands after `_` in a stream's name, so it can't hold one.
    public static var qualityName: ValueType<String> {
        word(
            "quality name", form: "1 to 32 lower-case letters, digits or dashes, such as 480p",
            pattern: "^[a-z0-9-]{1,32}$", limit: 32, allowed: isNameByte)
    }

    /// A CloudWatch namespace.
    public static var metricNamespace: ValueType<String> {
        word(
            "metric namespace", form: "1 to 128 letters, digits or . - _ / #, not starting with AWS/",
            pattern: "^(?!AWS/)[A-Za-z0-9./#_-]{1,128}$", limit: 128,
            allowed: { isAlphanumeric($0) || "./#_-".utf8.contains($0) }, fits: { !$0.hasPrefix("AWS/") })
    }

    /// An AWS region.
    public static var region: ValueType<String> {
        word(
            "AWS region", form: "a region such as us-east-1", pattern: "^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$", limit: 32,
            allowed: isNameByte,
            fits: { text in
                let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
                return parts.count >= 3 && parts[0].count >= 2
                    && parts.dropLast().allSatisfy { !$0.isEmpty && $0.allSatisfy(isLowercase) }
                    && parts.last.map { (1...2).contains($0.count) && $0.allSatisfy(isDigit) } == true
            })
    }

    /// An EC2 instance type.
    public static var instanceType: ValueType<String> {
        word(
            "EC2 instance type", form: "an instance type such as t3.micro", pattern: "^[a-z0-9-]+\\.[a-z0-9-]+$",
            limit: 32, allowed: { isNameByte($0) || $0 == UInt8(ascii: ".") },
            fits: { text in
                let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                return parts.count == 2 && !parts.contains(where: \.isEmpty)
            })
    }

    /// A user name that a TURN server knows; printable ASCII.
    public static var turnUserName: ValueType<String> {
        word(
            "TURN user name", form: "1 to 128 printable ASCII characters without spaces", pattern: "^[!-~]{1,128}$",
            limit: 128
        ) { (0x21...0x7E).contains($0) }
    }
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
