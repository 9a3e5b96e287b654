/// The name of a stream: 1 to 64 lower-case letters, digits or dashes. `_` is not among them: it parts name and quality
/// in the names of files.
public struct StreamName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As it stands in URLs and file names.
    public let text: String

    /// Nil for what is no name.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), bytes.allSatisfy(Self.isNameByte) else { return nil }
        self.text = String(text)
    }

    /// The stream that a request means that names none.
    public static let standard = StreamName(valid: "stream")

    private init(valid text: String) { self.text = text }

    /// The name itself.
    public var description: String { text }

    /// By the bytes of the name.
    public static func < (one: StreamName, other: StreamName) -> Bool { one.text < other.text }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
