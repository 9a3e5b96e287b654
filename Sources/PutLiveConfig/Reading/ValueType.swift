import YAML

/// Why a text is no value of a type.
public struct ValueError: Error, Sendable {
    /// What is wrong, to be read after the key.
    public var message: String
    /// What to do, in the imperative.
    public var remedy: String
    /// Secrets in the text; with any of them neither the text nor its line is shown.
    public var secrets: [String]

    /// A message with its remedy.
    public init(_ message: String, remedy: String, secrets: [String] = []) {
        self.message = message
        self.remedy = remedy
        self.secrets = secrets
    }
}

/// What a key may hold: one description that reading, `schema`, `explain` and the README's table share.
public struct ValueType<Value: Sendable>: Sendable {
    /// The type's name with its unit, in a word or two: `port`, `duration`, `bit rate`.
    public var name: String
    /// What to write, for a person: `30s, 5m, 6h or 7d`.
    public var form: String
    /// The JSON Schema of it (2020-12), without the description and the default. Made when it is asked for: reading a
    /// file asks for none.
    public var schema: [String: JSONValue] {
        get { makeSchema() }
        set { makeSchema = { newValue } }
    }
    private var makeSchema: @Sendable () -> [String: JSONValue]
    /// The value of a scalar's text, or why it is none.
    public var parse: @Sendable (String) throws(ValueError) -> Value
    /// The text that `parse` reads back to the same value.
    public var print: @Sendable (Value) -> String
    /// Whether the plain text stands for itself in JSON (numbers and booleans) or is a string.
    public var isBareInJSON: Bool

    init(
        name: String, form: String, schema: @escaping @autoclosure @Sendable () -> [String: JSONValue],
        parse: @escaping @Sendable (String) throws(ValueError) -> Value, print: @escaping @Sendable (Value) -> String,
        isBareInJSON: Bool = false
    ) {
        self.name = name
        self.form = form
        makeSchema = schema
        self.parse = parse
        self.print = print
        self.isBareInJSON = isBareInJSON
    }
}

extension ValueType {
    /// The default in JSON, as an editor would fill it in.
    func json(_ value: Value) -> JSONValue {
        let text = print(value)
        guard isBareInJSON else { return .string(text) }
        if let number = Int(text) { return .int(number) }
        return text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
    }
}

/// JSON Schema types of texts that YAML takes for a number when they are written without quotes, such as `3.1`.
let stringOrNumber = JSONValue.array([.string("string"), .string("number")])
