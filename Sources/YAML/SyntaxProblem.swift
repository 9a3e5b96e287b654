/// Says in plain words, and at the place to look at, what libyaml says tersely where it stopped.
struct SyntaxProblem {
    /// The scalar that was read before the fault.
    struct Scalar {
        var range: YAMLRange
        var isQuoted: Bool
    }

    var fault: SyntaxFault
    let lastScalar: Scalar?
    /// The bracket of the innermost open collection, if it has one.
    let openBracket: YAMLMark?
    var source: SourceText

    /// Where libyaml's construct began, or where it stopped.
    private var context: YAMLMark { fault.contextMark ?? fault.mark }

    mutating func explained() -> YAMLProblem {
        tab() ?? runawayQuote() ?? scannerProblem() ?? parserProblem()
            ?? YAMLProblem(
                message: "this is not valid YAML: \(fault.problem)",
                remedy: "check quotes, brackets and indentation here and on the line above",
                range: YAMLRange(at: fault.mark))
    }

    private mutating func tab() -> YAMLProblem? {
        let isInBrackets = fault.context.contains("flow") || fault.context.contains("quoted")
        var mark = isInBrackets ? nil : source.tabInIndentation(ofLine: fault.mark.line)
        if source.byte(at: fault.mark) == Byte.tab {
            mark = mark ?? fault.mark
        }
        return mark.map {
            YAMLProblem(
                message: "a tab is used for indentation; YAML allows only spaces",
                remedy: "replace each tab by spaces (your editor can do it for the whole file)",
                range: YAMLRange(at: $0))
        }
    }

    /// A missing closing quote lets the text run on to the next quote, and the fault appears after that one.
    private func runawayQuote() -> YAMLProblem? {
        guard let scalar = lastScalar, scalar.isQuoted, scalar.range.start.line < scalar.range.end.line,
            [fault.mark.line, context.line].contains(scalar.range.end.line)
        else { return nil }
        return YAMLProblem(
            message: "the quoted text that starts here ends only on line \(scalar.range.end.line), and more follows it",
            remedy: "close the quote where the text should end", range: YAMLRange(at: scalar.range.start))
    }

    // MARK: - Scanner

    private mutating func scannerProblem() -> YAMLProblem? {
        switch (fault.context, fault.problem) {
        case ("while scanning a quoted scalar", "found unexpected end of stream"),
            ("while scanning a quoted scalar", "found unexpected document indicator"):
            return YAMLProblem(
                message: "the quote that opens here is never closed",
                remedy: "add the closing quote where the text ends", range: YAMLRange(at: context))
        case ("while parsing a quoted scalar", let problem), ("while scanning a quoted scalar", let problem):
            // Past the letter of the escape libyaml complains of its digits.
            if problem != "found unknown escape character" { fault.mark.column -= 2 }
            return YAMLProblem(
                message: "the backslash in this double-quoted text does not start a known escape",
                remedy: "write \\\\ for a backslash, or use single quotes", range: YAMLRange(at: fault.mark, columns: 2)
            )
        case (_, "found character that cannot start any token"):
            return startsBadly(at: fault.mark)
        case ("while scanning an alias", _), ("while scanning an anchor", _):
            return startsBadly(at: context)
        case (_, "mapping values are not allowed in this context"):
            return unexpectedColon()
        case (_, "found unexpected ':'"):
            return YAMLProblem(
                message: "a text in brackets needs quotes if it holds ':' here",
                remedy: "put the whole text in quotes, or put a space after the colon of a key",
                range: YAMLRange(at: fault.mark))
        case (_, "could not find expected ':'"):
            return missingColon(at: context)
        case (_, "block sequence entries are not allowed in this context"):
            return YAMLProblem(
                message: "a list item ('- ') cannot start here",
                remedy: "put each item on a line of its own below the key; quote the text if it is no list",
                range: source.restOfLine(from: fault.mark))
        case (_, "mapping keys are not allowed in this context"):
            return startsBadly(at: fault.mark)
        case ("while scanning a block scalar", _):
            return YAMLProblem(
                message: "only a line end may follow the '|' or '>' of a text block",
                remedy: "start the text on the next line, indented, or put it in quotes",
                range: source.restOfLine(from: fault.mark))
        case (let context, let problem) where context.contains("tag") || problem.contains("tag handle"):
            return YAMLProblem(
                message: "tags (!) are not supported",
                remedy: "remove the tag; if it is the beginning of a text, put the text in quotes",
                range: YAMLRange(at: self.context))
        default:
            return nil
        }
    }

    private mutating func startsBadly(at mark: YAMLMark) -> YAMLProblem {
        let character = source.byte(at: mark).map { String(UnicodeScalar($0)) } ?? ""
        return YAMLProblem(
            message: "a text without quotes cannot start with '\(character)'",
            remedy: "put the whole text in quotes", range: YAMLRange(at: mark))
    }

    /// A colon after a text that can't be a key: the text holds one itself, or its line is wrongly indented.
    private mutating func unexpectedColon() -> YAMLProblem {
        let line = source.line(fault.mark.line)
        let indentation = source.indentation(ofLine: fault.mark.line)
        let colon = source.offset(of: fault.mark)
        if source.separatesKey(line.lowerBound..<colon) {
            return YAMLProblem(
                message: "': ' may stand only after a key or inside quotes",
                remedy: "put the whole text in quotes, or start a new line for the next key",
                range: YAMLRange(at: fault.mark))
        }
        if let above = keylessLineAbove() { return missingColon(at: above) }
        let start = YAMLMark(line: fault.mark.line, column: indentation.count + 1)
        return YAMLProblem(
            message: "this line is indented as if it belonged to the value above it",
            remedy: "indent it like the other keys of its group", range: YAMLRange(start: start, end: fault.mark))
    }

    /// The start of the line above if it is indented like the fault's and yet no key: what follows it then seems to
    /// continue it.
    private func keylessLineAbove() -> YAMLMark? {
        let above = source.textLine(above: fault.mark.line)
        let indentation = source.indentation(ofLine: above)
        guard above > 0, indentation.count == source.indentation(ofLine: fault.mark.line).count,
            !source.separatesKey(source.line(above)), source.bytes[indentation.upperBound] != Byte.dash
        else { return nil }
        return YAMLMark(line: above, column: indentation.count + 1)
    }

    private mutating func missingColon(at mark: YAMLMark) -> YAMLProblem {
        let range = source.restOfLine(from: mark)
        let text = source.offset(of: range.start)..<source.offset(of: range.end)
        guard source.bytes[text].contains(Byte.colon) else {
            return YAMLProblem(
                message: "a key and a colon are expected here",
                remedy: "write it as 'key: value', or indent it if it continues the value above", range: range)
        }
        return YAMLProblem(
            message: "there is no space after the colon", remedy: "write it as 'key: value'", range: range)
    }
}

// MARK: - Parser

extension SyntaxProblem {
    private mutating func parserProblem() -> YAMLProblem? {
        switch fault.problem {
        case "did not find expected <document start>" where source.endsDocument(above: fault.mark.line):
            return YAMLProblem(
                message: "a second document starts here; only one is read",
                remedy: "remove the '...' line above, or what follows it", range: source.restOfLine(from: fault.mark))
        case "did not find expected key", "did not find expected '-' indicator",
            "did not find expected <document start>":
            return isFirstOnLine(fault.mark) ? misplacedLine() : textAfterValue()
        case "did not find expected ',' or ']'":
            return unclosed("[", closing: "]")
        case "did not find expected ',' or '}'":
            return unclosed("{", closing: "}")
        case "did not find expected node content" where fault.context == "while parsing a block node":
            return startsBadly(at: fault.mark)
        case "did not find expected node content":
            if let start = openBracket, source.isEnd(fault.mark) {
                fault.contextMark = start
                return source.byte(at: start) == UInt8(ascii: "{")
                    ? unclosed("{", closing: "}") : unclosed("[", closing: "]")
            }
            let character = source.byte(at: fault.mark).map { "'\(UnicodeScalar($0))'" } ?? "the end of the line"
            return YAMLProblem(
                message: "a value is expected before \(character)",
                remedy: "add the value, or put a text that starts this way in quotes", range: YAMLRange(at: fault.mark))
        default:
            return nil
        }
    }

    private func isFirstOnLine(_ mark: YAMLMark) -> Bool {
        source.indentation(ofLine: mark.line).count == mark.column - 1
    }

    private mutating func misplacedLine() -> YAMLProblem {
        let range = source.restOfLine(from: fault.mark)
        let byte = source.byte(at: fault.mark)
        if let byte, "]},".utf8.contains(byte) {
            return YAMLProblem(
                message: "'\(UnicodeScalar(byte))' closes or separates nothing that is open here",
                remedy: "remove it, or add the bracket that opens the list", range: YAMLRange(at: fault.mark))
        }
        if byte == Byte.colon {
            return YAMLProblem(
                message: "the key before the colon is missing", remedy: "write a key before the colon",
                range: YAMLRange(at: fault.mark))
        }
        if fault.problem == "did not find expected '-' indicator", fault.mark.column == context.column {
            return YAMLProblem(
                message: "a list item is expected here, as on line \(context.line)",
                remedy: "start the line with '- ', or indent it to where it belongs", range: range)
        }
        if fault.problem == "did not find expected key", byte == Byte.dash, fault.mark.column == context.column {
            return YAMLProblem(
                message: "a key is expected here, not a list item",
                remedy: "indent the list below the key that it belongs to", range: range)
        }
        if fault.problem == "did not find expected key", let above = keylessLineAbove() {
            return missingColon(at: above)
        }
        return YAMLProblem(
            message: "this line does not line up with the lines above it",
            remedy: "indent it like the other lines of its group, by spaces", range: range)
    }

    private mutating func textAfterValue() -> YAMLProblem {
        guard let scalar = lastScalar, scalar.isQuoted, scalar.range.end.line == fault.mark.line else {
            return YAMLProblem(
                message: "nothing may follow the value on this line",
                remedy: "remove the rest, or put the whole text in quotes", range: source.restOfLine(from: fault.mark))
        }
        return YAMLProblem(
            message: "there is text after the closing quote",
            remedy: "quote the whole text; a quote inside is written '' in single quotes and \\\" in double quotes",
            range: source.restOfLine(from: fault.mark))
    }

    private mutating func unclosed(_ opening: String, closing: String) -> YAMLProblem {
        let byte = source.byte(at: fault.mark)
        if let byte, "]}".utf8.contains(byte) {
            return YAMLProblem(
                message: "'\(UnicodeScalar(byte))' does not match the '\(opening)' on line \(context.line)",
                remedy: "close with '\(closing)'", range: YAMLRange(at: fault.mark))
        }
        guard fault.mark.line == context.line, byte != nil else {
            let comma = byte == nil ? "" : ", or a missing comma before line \(fault.mark.line)"
            return YAMLProblem(
                message: "the '\(opening)' that opens here is not closed",
                remedy: "add the missing '\(closing)'\(comma)", range: YAMLRange(at: context))
        }
        return YAMLProblem(
            message: "a comma or '\(closing)' is missing here",
            remedy: "separate the values by commas, and close with '\(closing)'", range: YAMLRange(at: fault.mark))
    }
}
