import PutLiveArtifacts

/// Remembers that a server's package was no good, so that a run every half minute doesn't fetch it again each time.
struct SRSRefusal {
    /// Where that is noted.
    var path: String
    var url: String

    /// In seconds.
    static let pause = 300.0

    /// What was said of the same URL within the last minutes; nil to try again. Files of this host are always tried.
    func lately(on system: any System) -> String? {
        guard url.hasPrefix("https://"), let note = system.text(of: path) else { return nil }
        let lines = note.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, let time = Double(lines[0]), lines[1] == digest else { return nil }
        // A clock that was set back must not make it wait for longer.
        let age = system.now - time
        guard age >= 0, age < Self.pause else { return nil }
        return
            "\(lines[2]). It is tried again in \(Int((Self.pause - age).rounded(.up))) s, or as soon as the URL is another"
    }

    /// The error with these words, noted.
    func noted(_ message: String, on system: any System) -> SystemError {
        let note = "\(system.now)\n\(digest)\n\(message)"
        // A run that can't note it only tries again sooner.
        if url.hasPrefix("https://") { try? system.write(Array(note.utf8), to: path, mode: 0o600, owner: .root) }
        return SystemError(message)
    }

    /// The URL itself may hold a signature.
    private var digest: String { sha256(of: Array(url.utf8)) }
}
