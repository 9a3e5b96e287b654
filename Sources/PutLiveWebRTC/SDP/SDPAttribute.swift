/// An `a=` line: a name, and for most a value (RFC 8866 section 5.13).
public struct SDPAttribute: Sendable, Equatable {
    /// What stands before the colon, or all.
    public var name: String
    /// What stands after the colon.
    public var value: String?

    /// Both are trusted to hold no line end.
    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    /// Of a line `a=…`.
    init(_ line: SDPLine) throws(SDPError) {
        let parts = line.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, SDPText.isToken(name) else {
            throw .malformed(line, "is an attribute without a good name")
        }
        self.init(String(name), parts.count > 1 ? String(parts[1]) : nil)
    }

    /// Without the line end.
    var line: String { value.map { "a=\(name):\($0)" } ?? "a=\(name)" }
}

extension [SDPAttribute] {
    /// The values of all of a name; a flag has an empty one.
    func values(_ name: String) -> [String] {
        compactMap { $0.name == name ? $0.value ?? "" : nil }
    }

    /// The value of the first of a name; a flag has an empty one.
    func value(_ name: String) -> String? {
        first { $0.name == name }.map { $0.value ?? "" }
    }

    /// One of the name is there.
    func has(_ name: String) -> Bool { contains { $0.name == name } }
}
