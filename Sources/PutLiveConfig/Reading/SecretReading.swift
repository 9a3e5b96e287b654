import YAML

/// Where a secret comes from: the text itself, a file, or an environment variable.
extension Section {
    /// A secret: `key: text`, `key: ${NAME}` or `key_file: /path`. Outside the local role a missing one is an error
    /// where `needed`, and so is one that nobody should run a public host with. In the local role an empty one counts
    /// as not given.
    func secret(_ key: String, minimumLength: Int, needed: Bool, _ doc: String) -> Secret? {
        let form = "text, ${ENV_NAME}, or \(key)_file: /path"
        describe(key, .secret, "secret", form, "", doc, ["type": stringOrNumber], nil)
        describe(
            key + "_file", .value, "path", "the path of a file that holds it", "",
            "File that holds `\(key)`, read when the config is loaded; instead of `\(key)`.",
            ["type": .string("string")], nil)
        let inline = take(key)
        let file = take(key + "_file")
        // Someone may have put the secret itself where its file belongs.
        for entry in [inline, file].compactMap(\.self) { session.hide(entry.value.range) }
        switch (inline, file) {
        case (_?, let file?):
            session.report(
                .error, at: file.keyRange, key: name(key + "_file"), "stands beside \(key)",
                remedy: "keep one of the two")
            return nil
        case (let inline?, nil):
            guard case .scalar(let text, _) = inline.value.content else {
                session.report(
                    .error, at: inline.value.range, key: name(key), "is not a text", remedy: "write \(form)")
                return nil
            }
            return judged(resolve(text, key, inline), at: inline.value.range, key, minimumLength)
        case (nil, let file?):
            guard case .scalar(let path, _) = file.value.content else {
                session.report(
                    .error, at: file.value.range, key: name(key + "_file"), "is not a path",
                    remedy: "write the path of a file that holds the secret")
                return nil
            }
            return judged(contents(path, key, file), at: file.value.range, key + "_file", minimumLength)
        case (nil, nil):
            if needed { reportMissing(key) }
            return nil
        }
    }

    /// Once all is read: the key may turn out misspelt, or put elsewhere; so may the role.
    private func reportMissing(_ key: String) {
        session.later { [name = name(key), isLocal] session in
            guard !isLocal, !session.isDoubtful(name + "_file") else { return }
            session.report(
                .error, key: name, with: "deployment.role", message: "is missing",
                remedy: "set it to a random text, \(key)_file: /path or ${ENV_NAME}; `putlive-gen init` makes one")
        }
    }

    private func resolve(_ text: String, _ key: String, _ entry: YAMLEntry) -> Source? {
        func fail(_ message: String, _ remedy: String) -> Source? {
            session.report(.error, at: entry.value.range, key: name(key), message, remedy: remedy)
            return nil
        }
        guard text.hasPrefix("${") else { return Source(text: text, origin: "") }
        let variable = String(text.dropFirst(2).dropLast())
        let isName =
            text.hasSuffix("}") && !variable.isEmpty && variable.utf8.count <= 128
            && variable.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        guard isName else {
            return fail(
                "begins like ${ENV_NAME} but is none",
                "write ${NAME} with letters, digits and underscores, and nothing after it")
        }
        // Only what looks like a variable's usual name is repeated: a secret may have been put between the braces.
        let shown = variable.utf8.contains(where: isLowercase) || variable.utf8.count > 40 ? nil : variable
        guard let found = session.environment.variable(variable) else {
            return fail(
                "names \(shown.map { "the environment variable \($0), which" } ?? "an environment variable that") is not set",
                "\(shown.map { "export \($0)" } ?? "export the variable"), or give the secret another way")
        }
        return Source(text: found, origin: shown.map { ", as the environment variable \($0) has it" } ?? "")
    }

    private func contents(_ path: String, _ key: String, _ entry: YAMLEntry) -> Source? {
        func fail(_ message: String, _ remedy: String) -> Source? {
            session.report(.error, at: entry.value.range, key: name(key + "_file"), message, remedy: remedy)
            return nil
        }
        guard let checked = try? ValueType<String>.path.parse(path) else {
            return fail("is not an absolute path without ..", "write the path of a file that holds the secret")
        }
        do {
            let bytes = try session.environment.readFile(checked, 4096)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return fail("names a file that holds no text in UTF-8", "put the secret alone on its first line")
            }
            return Source(text: text, origin: ", as its file has it")
        } catch {
            return fail("can't be read: \(error.reason)", "check the path and its permissions")
        }
    }

    private func judged(_ source: Source?, at range: YAMLRange, _ key: String, _ minimumLength: Int) -> Secret? {
        guard var text = source?.text, let origin = source?.origin else { return nil }
        // An editor ends a file with a line end, and a block in YAML has one.
        while text.unicodeScalars.last == "\n" || text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
        guard text.utf8.count <= Redaction.longest else {
            session.report(
                .error, at: range, key: name(key), "is longer than \(Redaction.longest) bytes\(origin)",
                remedy: "use a shorter one: 64 random characters are plenty")
            return nil
        }
        session.hide(text: text)
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            session.report(
                .error, at: range, key: name(key), "has several lines, or a control character\(origin)",
                remedy: "write the secret on one line of text")
            return nil
        }
        if isLocal { return text.isEmpty ? nil : Secret(text) }
        let secret = Secret(text)
        if let weakness = secret.weakness(minimumLength: minimumLength) {
            session.later { [name = name(key)] session in
                guard !session.isDoubtful("deployment.role") else { return }
                session.report(
                    .error, at: range, key: name, weakness + origin,
                    remedy: minimumLength > 1
                        ? "set at least \(minimumLength) random characters; `openssl rand -base64 48` prints some"
                        : "set the one that the server knows")
            }
        }
        return secret
    }
}

/// A secret's text, and words on where it came from unless from the file itself.
private struct Source {
    var text: String
    var origin: String
}
