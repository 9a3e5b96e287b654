/// Keeps secrets out of a diff: those of this config by their text, and, in an artifact that holds secrets, any line
/// of the old file that might hold another one.
struct Redactor {
    static let hidden = "(a line that may hold a secret is not shown)"

    let isSensitive: Bool
    let context: HostContext

    /// The change of a file that stays, from nothing where it isn't there yet.
    func diff(from old: String?, to text: String, path: String) -> String {
        let new = context.masked(text)
        let before = old.map { isSensitive ? guarded($0, beside: new) : context.masked($0) }
        let result = UnifiedDiff.text(
            from: before ?? "", to: new, oldName: before == nil ? "/dev/null" : "a" + path, newName: "b" + path)
        // Only what is hidden differs.
        return result.isEmpty ? "--- a\(path)\n+++ b\(path)\n@@ only secrets differ @@\n" : result
    }

    /// The removal of a file.
    func removal(of old: String, path: String) -> String {
        UnifiedDiff.text(
            from: isSensitive ? Self.hidden + "\n" : context.masked(old), to: "", oldName: "a" + path,
            newName: "/dev/null")
    }

    /// Lines of `old` that stand in `new` too are harmless, and so are those without a long word.
    private func guarded(_ old: String, beside new: String) -> String {
        let known = Set(new.split(separator: "\n", omittingEmptySubsequences: false))
        let rows = context.masked(old).split(separator: "\n", omittingEmptySubsequences: false).map {
            line -> Substring in
            known.contains(line) || !mayHoldSecret(line) ? line : Self.hidden[...]
        }
        return rows.joined(separator: "\n")
    }

    private func mayHoldSecret(_ line: Substring) -> Bool {
        let lowered = line.lowercased()
        if ["secret", "pass", "token", "key", "credential"].contains(where: { lowered.contains($0) }) { return true }
        var run = 0
        for character in line {
            run = character.isLetter || character.isNumber ? run + 1 : 0
            if run >= 16 { return true }
        }
        return false
    }
}
