/// The `key=value` pairs of an `a=fmtp` line, as H.264 (RFC 6184 section 8.1), Opus (RFC 7587 section 6.1) and
/// retransmission (RFC 4588 section 8.6) write them.
struct FormatParameters {
    private var pairs: [(key: String, value: String)] = []

    /// Of what follows the payload type; empty for none.
    init(_ text: String = "") { add(text[...]) }

    /// A second line for the same payload type adds to the first.
    mutating func add(_ text: Substring) {
        for pair in text.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { part in String(part.filter { $0 != " " }) }
            guard let key = parts.first, !key.isEmpty else { continue }
            pairs.append((key.lowercased(), parts.count > 1 ? parts[1] : ""))
        }
    }

    /// The first of a key, which is in lower case here; letters' case doesn't matter in a line.
    subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }
}
