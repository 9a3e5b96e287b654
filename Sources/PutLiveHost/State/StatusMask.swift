extension StatusReport {
    /// In bytes: what the API reads, and a person can.
    private static let diffLimit = 256 << 10

    /// Hides secrets in all that services and programs said, and bounds what is shown of files.
    mutating func mask(by masked: (String) -> String) {
        if let message = failure?.message { failure?.message = masked(message) }
        notes = notes.map(masked)
        var room = Self.diffLimit
        func mask(_ difference: inout Difference) {
            difference.detail = masked(difference.detail)
            guard let diff = difference.diff else { return }
            room -= diff.utf8.count
            difference.diff = room < 0 ? "(more differences than can be shown)\n" : masked(diff)
        }
        for index in differences.indices { mask(&differences[index]) }
        for index in repaired.indices { mask(&repaired[index]) }
    }
}
