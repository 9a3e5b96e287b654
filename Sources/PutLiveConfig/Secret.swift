/// A secret from the config: it prints as `<secret>` everywhere, and only `reveal()` gives its text.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    /// Takes a text as a secret.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that needs it: never for a log, an error or an argument list.
    public func reveal() -> String { text }

    /// Whether there is no text.
    public var isEmpty: Bool { text.isEmpty }

    /// The same word for every secret.
    public var description: String { "<secret>" }
    /// The same word for every secret.
    public var debugDescription: String { description }
    /// Shows no child: the text stays out of dumps, too.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Why this is no secret to run a public host with, or nil when it will do.
    func weakness(minimumLength: Int) -> String? {
        let plain = text.lowercased().utf8.filter(isAlphanumeric)
        if text.isEmpty { return "is empty" }
        if String(decoding: plain, as: UTF8.self).contains("changeme") {
            return "is still the placeholder of an example"
        }
        if text.unicodeScalars.count < minimumLength {
            return "is shorter than \(counted(minimumLength, "character"))"
        }
        if minimumLength > 1 && Set(text).count < 4 { return "repeats the same few characters" }
        return nil
    }
}
