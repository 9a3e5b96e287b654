/// What the agent's own publishes carry: random, of this process alone, never stored.
public struct InternalSecret: Sendable {
    /// 64 hexadecimal digits: it needs no encoding in a URL.
    public let text: String

    /// A new one, of the system's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    init(using generator: inout some RandomNumberGenerator) {
        text = (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// In a time that doesn't depend on how much of it is right.
    public func matches(_ other: String) -> Bool {
        text.equalsInConstantTime(other)
    }
}
