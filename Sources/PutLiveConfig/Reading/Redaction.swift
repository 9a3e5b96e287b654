import YAML

/// Keeps the texts of secrets out of what is reported, wherever else in the file they may stand.
struct Redaction {
    /// From this length on a secret is also looked for inside of other texts; a shorter one would be found everywhere.
    private static let searchable = 8

    /// The most bytes of a text that are searched, so that a hostile file costs little time; no sound value and no
    /// secret is longer.
    static let longest = 1024

    private let secrets: [String]

    init(_ secrets: Set<String>) {
        self.secrets = secrets.filter { !$0.isEmpty }.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// Whether a value holds a secret, or is too long to tell.
    func isIn(_ text: String) -> Bool {
        let bytes = text.utf8
        if secrets.isEmpty || bytes.isEmpty { return false }
        guard bytes.count <= Self.longest else { return true }
        return secrets.contains { text == $0 || ($0.utf8.count >= Self.searchable && text.contains($0)) }
    }

    /// The places of all values that hold a secret.
    func ranges(in node: YAMLNode) -> [YAMLRange] {
        if secrets.isEmpty { return [] }
        switch node.content {
        case .scalar(let text, _): return isIn(text) ? [node.range] : []
        case .sequence(let items): return items.flatMap { ranges(in: $0) }
        case .mapping(let entries): return entries.flatMap { ranges(in: $0.value) }
        case .null: return []
        }
    }

    /// A message without the secrets that a checked value may have brought into it.
    func redacted(_ message: String) -> String {
        var result = message
        for secret in secrets {
            let shown = quoted(secret)
            if result.contains(shown) { result = result.replacing(shown, with: "\"****\"") }
            if secret.utf8.count >= Self.searchable && result.contains(secret) {
                result = result.replacing(secret, with: "****")
            }
        }
        return result
    }
}
