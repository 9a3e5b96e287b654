/// Why a session description can't be taken, in words that a person understands.
public enum SDPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It isn't SDP: the number of the line, from 1 (0: the whole), the line itself, shortened, and what is wrong.
    case malformed(line: Int, text: String, problem: String)
    /// It is good SDP, but of a session that can't be had here.
    case unacceptable(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .malformed(0, _, let problem): "The session description \(problem)."
        case .malformed(let line, let text, let problem):
            "Line \(line) of the session description (\(text)) \(problem)."
        case .unacceptable(let words): words
        }
    }

    /// At a line. A password isn't repeated: errors end up in logs.
    static func malformed(_ line: SDPLine, _ problem: String) -> SDPError {
        let whole = line.text
        let isSecret = whole.lowercased().hasPrefix("a=ice-pwd")
        let text = isSecret ? "a=ice-pwd:…" : whole.count > 60 ? whole.prefix(60) + "…" : whole
        return .malformed(line: line.number, text: text, problem: problem)
    }
}
