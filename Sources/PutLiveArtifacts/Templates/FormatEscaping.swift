extension Format {
    /// `text` as one whole word of the format: bare where nothing in it has a meaning there, quoted otherwise.
    public func word(_ text: String) throws(UnholdableValue) -> String {
        if text.utf8.contains(0) { throw UnholdableValue(reason: "a NUL, which ends a text") }
        if self != .json && self != .yaml && self != .shell,
            text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        {
            throw UnholdableValue(reason: "a control character, such as a newline")
        }
        switch self {
        case .nginx: return try nginxWord(text)
        case .srs: return try srsWord(text)
        case .systemd: return try systemdWord(text)
        case .shell: return shellWord(text)
        case .yaml, .json: return jsonString(text)
        case .ini: return try iniValue(text)
        case .logrotate: return try logrotateWord(text)
        case .tmpfiles: return tmpfilesWord(text)
        }
    }

    /// Whether `text` is the same wherever it stands and whatever it is glued to, so that it needs no escaping: a name,
    /// a path or a network of plain characters. In YAML and JSON no text is, since a bare one may be read as no text.
    func needsNoEscaping(_ text: String) -> Bool {
        self != .yaml && self != .json && isPlain(text, "._:/-") && text.unicodeScalars.first != "-"
    }
}

// Everything here goes by Unicode scalars, as the readers go by bytes. To Swift a quote with a combining mark behind it is
// one Character that is no quote, and a search for the quote in the String misses it.

/// Whether every scalar is an ASCII letter, a digit or one of `others`.
private func isPlain(_ text: String, _ others: String) -> Bool {
    !text.isEmpty
        && text.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || others.unicodeScalars.contains(scalar)
        }
}

private func refuse(_ text: String, _ scalars: String, in format: String) throws(UnholdableValue) {
    for scalar in text.unicodeScalars where scalars.unicodeScalars.contains(scalar) {
        throw UnholdableValue(reason: "\(scalar), which \(format) gives a meaning and no escape")
    }
}

/// `text` with each `scalar` in it replaced.
private func replace(_ scalar: Unicode.Scalar, with replacement: String, in text: String) -> String {
    var result = String.UnicodeScalarView()
    for each in text.unicodeScalars {
        if each == scalar { result.append(contentsOf: replacement.unicodeScalars) } else { result.append(each) }
    }
    return String(result)
}

/// `text` in double quotes, with a backslash before each quote and backslash in it.
private func doubleQuoted(_ text: String) -> String {
    "\"" + replace("\"", with: "\\\"", in: replace("\\", with: "\\\\", in: text)) + "\""
}

/// ngx_conf_file.c: a token in double quotes, in which `\"` and `\\` stand for themselves. `$` begins a variable.
private func nginxWord(_ text: String) throws(UnholdableValue) -> String {
    try refuse(text, "$", in: "nginx")
    let word = isPlain(text, "._:/@+,=-") ? text : doubleQuoted(text)
    // Its buffer is 4096 bytes (NGX_CONF_BUFFER), which a token must fit in with what ends it.
    guard word.utf8.count < 4096 else { throw UnholdableValue(reason: "more than nginx reads as one word") }
    return word
}

/// srs_app_config.cpp: double or single quotes without any escape, and a backslash is a backslash. Empty words are lost.
/// `$` begins an environment variable.
private func srsWord(_ text: String) throws(UnholdableValue) -> String {
    guard !text.isEmpty else { throw UnholdableValue(reason: "nothing, which SRS leaves out") }
    if isPlain(text, "._:/@+,=?&[]-") { return text }
    try refuse(text, "$", in: "SRS")
    if !text.unicodeScalars.contains("\"") { return "\"\(text)\"" }
    if !text.unicodeScalars.contains("'") { return "'\(text)'" }
    throw UnholdableValue(reason: "both kinds of quotes")
}

/// systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers". `$` expands in some directives and not in others. For
/// directives that take a list of words: one that takes a single value, such as Where=, keeps the quotes.
private func systemdWord(_ text: String) throws(UnholdableValue) -> String {
    try refuse(text, "$", in: "systemd")
    return tmpfilesWord(text)
}

/// tmpfiles.d(5) and sysusers.d(5): words as a shell's, with specifiers. The last field of tmpfiles.d, the argument, is
/// the rest of the line and keeps the quotes.
private func tmpfilesWord(_ text: String) -> String {
    let specified = replace("%", with: "%%", in: text)
    return isPlain(text, "._:/@+,=%-") ? specified : doubleQuoted(specified)
}

/// A POSIX shell: everything but the single quote is itself between single quotes.
private func shellWord(_ text: String) -> String {
    if isPlain(text, "._:/@+,=%-") { return text }
    return "'" + replace("'", with: "'\\''", in: text) + "'"
}

/// RFC 8259, section 7; also YAML 1.2's double-quoted style, for which more than JSON asks is escaped.
private func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _
        where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.value == 0xFEFF
            || (0x2028...0x2029).contains(scalar.value) || (0xFFFE...0xFFFF).contains(scalar.value):
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// fail2ban's reader: `%` interpolates, `;` and `#` begin comments, `<name>` is a tag, and outer blanks are dropped, by
/// Python's idea of a blank.
private func iniValue(_ text: String) throws(UnholdableValue) -> String {
    try refuse(text, ";#<>[]", in: "an INI file")
    for edge in [text.unicodeScalars.first, text.unicodeScalars.last] where edge?.properties.isWhitespace == true {
        throw UnholdableValue(reason: "a blank at its edge, which an INI file drops")
    }
    return replace("%", with: "%%", in: text)
}

/// logrotate(8): a path in double quotes, with globs live and no escape for the quote. A `~` at its start is a home.
private func logrotateWord(_ text: String) throws(UnholdableValue) -> String {
    if isPlain(text, "._:/@+,=-") { return text }
    try refuse(text, "\"\\*?[]{}", in: "logrotate")
    if text.unicodeScalars.first == "~" { throw UnholdableValue(reason: "~ at its start, a home to logrotate") }
    return "\"\(text)\""
}
