import Synchronization

/// Templates that were parsed while the values for them were still being read, on a thread with nothing else to do.
final class ParsedAhead: Sendable {
    /// Of the program, which renders for one command.
    static let shared = ParsedAhead()

    private struct State {
        var parsed: [String: ParsedTemplate] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    /// Parses the templates of `artifacts` one after the other, until rendering begins. One that can't be parsed is left
    /// to its render, which says why.
    func parse(_ artifacts: [Artifact], of share: ShareFolder) {
        for artifact in artifacts where TemplateRenderer.isParsed(artifact.template) {
            guard !state.withLock({ $0.isOver }) else { return }
            guard let source = try? share.read(artifact.template),
                let parsed = try? ParsedTemplate(source, of: artifact.template, format: artifact.format)
            else { continue }
            let key = Self.key(artifact.template, artifact.format, share)
            state.withLock { $0.parsed[key] = parsed }
        }
    }

    /// Rendering begins: it needs the threads.
    func end() {
        state.withLock { $0.isOver = true }
    }

    /// The template, if it was parsed, and for one render alone: the next one reads the file as it is then.
    func take(_ template: String, format: Format, of share: ShareFolder) -> ParsedTemplate? {
        state.withLock { $0.parsed.removeValue(forKey: Self.key(template, format, share)) }
    }

    private static func key(_ template: String, _ format: Format, _ share: ShareFolder) -> String {
        "\(format.rawValue) \(share.path)/\(template)"
    }
}
