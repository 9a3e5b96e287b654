extension Format {
    /// `text` as one whole word of the format: bare where nothing in it has a meaning there, quoted otherwise.
    public func word(_ text: String) throws(UnholdableValue) -> String {
        if self != .json && self != .yaml && self != .shell,
            text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        {
            throw UnholdableValue(reason: "a control character, such as a newline")
        }
        switch self {
        case .nginx: return try nginxWord(text)
        case .srs: return try srsWord(text)
        case .systemd: return try systemdWord(text)
        case .shell: return try shellWord(text)
        case .yaml, .json: return jsonString(text)
        case .ini: return try iniValue(text)
        case .logrotate: return try logrotateWord(text)
        case .tmpfiles: return tmpfilesWord(text)
        }
    }
}

/// Whether every character is an ASCII letter, a digit or one of `others`.
private func isPlain(_ text: String, _ others: String) -> Bool {
    !text.isEmpty
        && text.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || others.unicodeScalars.contains(scalar)
        }
}

private func refuse(_ text: String, _ characters: String, in format: String) throws(UnholdableValue) {
    for character in text where characters.contains(character) {
        throw UnholdableValue(reason: "\(character), which \(format) gives a meaning and no escape")
    }
}

/// ngx_conf_file.c: a token in double quotes, in which `\"` and `\\` stand for themselves. `$` begins a variable.
private func nginxWord(_ text: String) throws(UnholdableValue) -> String {
    if isPlain(text, "._:/@+,=-") { return text }
    try refuse(text, "$", in: "nginx")
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

/// srs_app_config.cpp: double or single quotes without any escape. `$` begins an environment variable.
private func srsWord(_ text: String) throws(UnholdableValue) -> String {
    if isPlain(text, "._:/@+,=?&[]-") { return text }
    try refuse(text, "$\\", in: "SRS")
    if !text.contains("\"") { return "\"\(text)\"" }
    if !text.contains("'") { return "'\(text)'" }
    throw UnholdableValue(reason: "both kinds of quotes, which SRS can't hold together")
}

/// systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers". `$` expands in some directives and not in others.
private func systemdWord(_ text: String) throws(UnholdableValue) -> String {
    try refuse(text, "$", in: "systemd")
    let specified = text.replacing("%", with: "%%")
    if isPlain(text, "._:/@+,=%-") { return specified }
    return "\"" + specified.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

/// A POSIX shell: everything but the single quote is itself between single quotes.
private func shellWord(_ text: String) throws(UnholdableValue) -> String {
    if text.unicodeScalars.contains("\0") { throw UnholdableValue(reason: "a NUL, which ends a shell's word") }
    if isPlain(text, "._:/@+,=%-") { return text }
    return "'" + text.replacing("'", with: "'\\''") + "'"
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
        case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.value == 0xFEFF
            || (0x2028...0x2029).contains(scalar.value) || (0xFFFE...0xFFFF).contains(scalar.value):
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// fail2ban's reader: `%` interpolates, `;` and `#` begin comments, `<name>` is a tag, and outer blanks are dropped.
private func iniValue(_ text: String) throws(UnholdableValue) -> String {
    try refuse(text, ";#<>[]", in: "an INI file")
    if text.hasPrefix(" ") || text.hasSuffix(" ") {
        throw UnholdableValue(reason: "a blank at its edge, which an INI file drops")
    }
    return text.replacing("%", with: "%%")
}

/// logrotate(8): a path in double quotes, with globs live and no escape for the quote.
private func logrotateWord(_ text: String) throws(UnholdableValue) -> String {
    if isPlain(text, "._:/@+,=-") { return text }
    try refuse(text, "\"\\*?[]{}", in: "logrotate")
    return "\"\(text)\""
}

/// tmpfiles.d(5) and sysusers.d(5): words as a shell's, with specifiers.
private func tmpfilesWord(_ text: String) -> String {
    let specified = text.replacing("%", with: "%%")
    if isPlain(text, "._:/@+,=%-") { return specified }
    return "\"" + specified.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}
