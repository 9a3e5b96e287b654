import Mustache

/// Why a template can't be rendered, naming the template but never a value.
public struct TemplateError: Error, Sendable, CustomStringConvertible {
    /// The template below the share folder.
    public var template: String
    /// Everything that is wrong, a phrase each.
    public var problems: [String]

    /// The template and its problems on one line.
    public var description: String { "\(template): \(problems.joined(separator: "; "))" }
}

/// Renders the templates of a share folder.
public struct TemplateRenderer: Sendable {
    /// Where the templates are.
    public let share: ShareFolder

    /// Renders from `share`.
    public init(share: ShareFolder) {
        self.share = share
        Format.registered
    }

    /// Renders a tag of each kind: see `Catalog.prepare()`.
    static func prepare() {
        Format.registered
        let source = """
            {{%CONTENT_TYPE: SHELL}}
            {{text}}{{&number}}{{#yes}}{{/yes}}{{^no}}{{/no}}{{#list}}{{text}}{{^last()}}{{/last()}}{{/list}}
            """
        let view: [String: Any] = ["text": "", "number": 0, "yes": true, "no": false, "list": [[String: Any]()]]
        _ = try? render(source, of: "", format: .shell, view: view)
    }

    /// The text of `template`, a path below the share folder, with `view`'s values escaped for `format`. A template
    /// that isn't Mustache is copied as it is.
    func render(_ template: String, format: Format, view: [String: Any]) throws -> String {
        let source = try share.read(template)
        guard template.hasSuffix(".mustache") else { return source }
        return try Self.render(source, of: template, format: format, view: view)
    }

    private static func render(
        _ source: String, of template: String, format: Format, view: [String: Any]
    ) throws -> String {
        guard declares(source, format) else {
            throw TemplateError(template: template, problems: ["doesn't begin with CONTENT_TYPE: \(format.rawValue)"])
        }
        let scan = TemplateScan(source)
        guard !scan.resetsEscaping else {
            throw TemplateError(template: template, problems: ["a partial or parent would lose the format's escaping"])
        }
        let parsed: [MustacheTemplate]
        do {
            parsed = try scan.pieces.map { try MustacheTemplate(string: $0) }
        } catch {
            throw TemplateError(template: template, problems: [syntaxProblem(in: source) ?? "\(error)"])
        }
        let log = RenderLog()
        let scope = StrictScope(view, scan: scan, format: format)
        let text = RenderLog.$current.withValue(log) { parsed.map { $0.render(scope) }.joined() }
        let problems = log.problems
        guard problems.isEmpty else {
            throw TemplateError(template: template, problems: problems.map { words(for: $0) })
        }
        return text
    }

    /// The format in force must be the artifact's own: one of the first two lines says it.
    private static func declares(_ source: String, _ format: Format) -> Bool {
        let pragma = Array("CONTENT_TYPE: \(format.rawValue)".utf8)
        let head = source.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: 2).prefix(2)
        return head.contains { line in
            let start = line.drop(while: { $0 != UInt8(ascii: "C") })
            return start.starts(with: pragma)
        }
    }

    /// What Mustache says of the whole template, whose lines are those that a person sees.
    private static func syntaxProblem(in source: String) -> String? {
        do {
            _ = try MustacheTemplate(string: source)
            return nil
        } catch let error as MustacheTemplate.ParserError {
            return "line \(error.context.lineNumber): \(error.error)"
        } catch {
            return nil
        }
    }

    private static func words(for problem: RenderProblem) -> String {
        switch problem {
        case .unknownName(let name): "no value is named \(name)"
        case .absentValue(let name): "\(name) is absent, and no section asks whether it is there"
        case .unescapedText(let name): "\(name) is text that needs escaping, in an unescaped tag"
        case .unholdable(let format, let reason):
            "a value holds \(reason), so \(format.rawValue.lowercased()) can't hold it"
        }
    }
}
