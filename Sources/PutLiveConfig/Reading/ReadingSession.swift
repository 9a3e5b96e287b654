import YAML

/// One reading of one file: where it stands, what was found wrong, what is known of its keys.
final class ReadingSession {
    /// The first character of a file.
    static let start = YAMLRange(start: YAMLMark(line: 1, column: 1), end: YAMLMark(line: 1, column: 2))
    /// How many problems are reported: nobody needs more at once, and a hostile file could hold many.
    static let problemLimit = 200

    let file: String
    let lines: SourceLines
    let root: YAMLNode
    let environment: ConfigEnvironment
    /// The role, read ahead of everything, for defaults and checks depend on it.
    let role: Deployment.Role
    /// The version, read ahead likewise.
    let version: ConfigVersion
    /// The folder of the config file: where the local role keeps its data.
    let directory: String
    /// Whether this reading only asks which keys there are.
    let isDescribing: Bool
    /// Whether there is more in the file than in its tree.
    var isBroken = false
    private(set) var specs: [KeySpec] = []
    private var hiddenRanges: [YAMLRange] = []
    private var secretTexts: Set<String> = []
    private var pending: [Pending] = []
    private var deferred: [(ReadingSession) -> Void] = []
    private var silence = 0
    /// Keys with an error, and keys that a misspelt or misplaced one was meant to be.
    private var doubtful: Set<String> = []

    private struct Pending {
        var severity: Diagnostic.Severity
        var range: YAMLRange
        var key: String
        var message: String
        var remedy: String
        /// The value that the message may quote.
        var value = ""
        /// Whether there is a line to show.
        var hasLine = true
    }

    init(
        file: String, source: [UInt8], root: YAMLNode, environment: ConfigEnvironment, role: Deployment.Role,
        version: ConfigVersion, directory: String, isDescribing: Bool = false
    ) {
        self.file = file
        self.lines = SourceLines(source)
        self.root = root
        self.environment = environment
        self.role = role
        self.version = version
        self.directory = directory
        self.isDescribing = isDescribing
    }

    /// Notes a problem at `range`; `value` is the text of the value concerned.
    func report(
        _ severity: Diagnostic.Severity, at range: YAMLRange, key: String, _ message: String, remedy: String,
        value: String = ""
    ) {
        guard silence == 0, pending.count <= Self.problemLimit else { return }
        if severity == .error && !key.isEmpty { doubtful.insert(key) }
        pending.append(
            Pending(severity: severity, range: range, key: key, message: message, remedy: remedy, value: value))
    }

    /// Notes what a rule found at the value of `key`, or where the key would stand; unless that key, or one of
    /// the `others` that the rule looked at, is wrong in itself.
    func report(
        _ severity: Diagnostic.Severity, key: String, with others: String..., message: String, remedy: String
    ) {
        guard !([key] + others).contains(where: isDoubtful) else { return }
        let range = KeyPath.locate(key, in: root)
        report(severity, at: range ?? Self.start, key: key, message, remedy: remedy)
        // The file's first line would say nothing on a section that isn't there.
        if range == nil && !pending.isEmpty { pending[pending.count - 1].hasLine = false }
    }

    /// Whether `key`, a section above it or a key below it has an error, so that its value says nothing.
    func isDoubtful(_ key: String) -> Bool {
        doubtful.contains { KeyPath.isAtOrBelow(key, $0) || KeyPath.isAtOrBelow($0, key) }
    }

    /// Whether `fits` holds for a key with an error.
    func hasError(where fits: (String) -> Bool) -> Bool { doubtful.contains(where: fits) }

    /// Notes that `key` was meant by a misspelt or misplaced one.
    func doubt(_ key: String) { doubtful.insert(key) }

    /// Whether the file sets `key`.
    func isGiven(_ key: String) -> Bool { KeyPath.exists(key, in: root) }

    /// Puts a check off until every section has been read, and with them all that was misspelt.
    func later(_ check: @escaping (ReadingSession) -> Void) {
        if silence == 0 { deferred.append(check) }
    }

    func runDeferred() {
        for check in deferred { check(self) }
        deferred = []
    }

    /// Whether no more problems are reported.
    var isFull: Bool { pending.count > Self.problemLimit }

    /// Reads something that isn't in the file, without a word on what it lacks.
    func silently<Result>(_ read: () -> Result) -> Result {
        silence += 1
        defer { silence -= 1 }
        return read()
    }

    /// Keeps the text in `range` out of every excerpt.
    func hide(_ range: YAMLRange) { hiddenRanges.append(range) }

    /// Keeps a secret out of every excerpt and message.
    func hide(text: String) { secretTexts.insert(text) }

    func record(_ spec: KeySpec) { specs.append(spec) }

    /// All problems in the order of the file. Only now are the excerpts cut, when every secret is known.
    func finish() -> [Diagnostic] {
        if pending.isEmpty { return [] }
        let redaction = Redaction(secretTexts)
        var excerpts = Excerpts(
            lines: lines, hiding: hiddenRanges + redaction.ranges(in: root), isBroken: isBroken)
        var found = pending.prefix(Self.problemLimit).map { item in
            let excerpt = item.hasLine ? excerpts.excerpt(at: item.range) : Excerpts.none
            let message = redaction.isIn(item.value) ? "has a value that doesn't belong here" : item.message
            return Diagnostic(
                severity: item.severity, file: file, line: item.range.start.line, column: item.range.start.column,
                key: Self.shown(item.key), message: inert(redaction.redacted(message)),
                remedy: inert(redaction.redacted(item.remedy)), excerpt: excerpt.text, caret: excerpt.caret,
                width: excerpt.width)
        }
        // By place; what was found first comes first where two share one.
        found = found.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset) < (
                right.element.line, right.element.column, right.offset
            )
        }.map(\.element)
        if isFull {
            found.append(
                Diagnostic(
                    severity: .error, file: file, line: 0, column: 0, key: "",
                    message: "has more than \(Self.problemLimit) problems; the rest are not shown",
                    remedy: "correct those above first", excerpt: "", caret: 1, width: 1))
        }
        return found
    }

    /// A path as far as it looks like one: one with other characters may be a key and its secret.
    private static func shown(_ key: String) -> String {
        let good = key.unicodeScalars.prefix(100).prefix {
            $0.properties.isAlphabetic || "0123456789_-.[]<".unicodeScalars.contains($0)
        }
        return String(good) + (good.endIndex < key.unicodeScalars.endIndex ? "…" : "")
    }
}
