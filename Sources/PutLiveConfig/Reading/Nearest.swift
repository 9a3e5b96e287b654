/// The word of `words` that `text` was most likely meant to be, or nil when none is near.
func nearest(to text: String, in words: [String]) -> String? {
    let wanted = text.lowercased()
    let bound = max(1, min(text.count / 3, 4))
    var best: (word: String, distance: Int)?
    for word in words {
        let distance = editDistance(wanted, word.lowercased(), bound: bound)
        if distance <= bound && distance < best?.distance ?? .max { best = (word, distance) }
    }
    return best?.word
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two words (optimal string
/// alignment); words whose lengths differ by more than `bound` are not compared.
private func editDistance(_ left: String, _ right: String, bound: Int) -> Int {
    let a = Array(left.unicodeScalars.prefix(80))
    let b = Array(right.unicodeScalars.prefix(80))
    if abs(a.count - b.count) > bound { return .max }
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var rows = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    for i in 1...a.count {
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            var least = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = min(least, rows[i - 2][j - 2] + 1)
            }
            rows[i][j] = least
        }
    }
    return rows[a.count][b.count]
}
