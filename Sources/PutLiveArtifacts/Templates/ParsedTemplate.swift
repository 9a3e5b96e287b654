import Mustache

/// A template that was read and parsed, before there are values to fill in.
struct ParsedTemplate: Sendable {
    /// What its tags say.
    let scan: TemplateScan
    /// One after the other they are the template.
    let pieces: [MustacheTemplate]

    /// Parses `source`, the text of `template`, which must declare `format` and keep to its escaping.
    init(_ source: String, of template: String, format: Format) throws(TemplateError) {
        guard Self.declares(source, format) else {
            throw TemplateError(template: template, problems: ["doesn't begin with CONTENT_TYPE: \(format.rawValue)"])
        }
        scan = TemplateScan(source)
        guard !scan.resetsEscaping else {
            throw TemplateError(template: template, problems: ["a partial or parent would lose the format's escaping"])
        }
        do {
            pieces = try scan.pieces.map { try MustacheTemplate(string: $0) }
        } catch {
            throw TemplateError(template: template, problems: [Self.syntaxProblem(in: source) ?? "\(error)"])
        }
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
}
