/// A secret from the config: it prints as `<secret>` everywhere, and only `reveal()` gives its text.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that needs it: never for a log, an error or an argument list.
    public func reveal() -> String { text }

    public var isEmpty: Bool { text.isEmpty }

    public var description: String { "<secret>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Why this is no secret to run a public host with, or nil when it will do.
    func weakness(minimumLength: Int) -> String? {
        let plain = text.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
        if text.isEmpty { return "is empty" }
        if plain.hasPrefix("changeme") { return "still has its CHANGE_ME text" }
        if text.unicodeScalars.count < minimumLength {
            return "is shorter than \(minimumLength) characters"
        }
        if Set(text).count < 4 { return "repeats the same few characters" }
        return nil
    }
}
