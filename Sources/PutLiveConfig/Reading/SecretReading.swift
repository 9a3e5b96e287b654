import YAML

/// Where a secret comes from: the text itself, a file, or an environment variable.
extension Section {
    /// A secret: `key: text`, `key: ${NAME}` or `key_file: /path`. Outside the local role a missing one is an error
    /// where `needed`, and so is one that nobody should run a public host with.
    func secret(_ key: String, minimumLength: Int, needed: Bool, _ doc: String) -> Secret? {
        let form = "text, ${ENV_NAME}, or \(key)_file: /path"
        describe(
            key, .secret, "secret", form, "", doc, ["type": .string("string")], nil)
        describe(
            key + "_file", .value, "path", "the path of a file that holds it", "",
            "File that holds `\(key)`, read when the config is loaded; instead of `\(key)`.", ["type": .string("string")], nil)
        if let inline = take(key) {
            session.mask(inline.value.range)
            if let file = take(key + "_file") {
                session.report(
                    .error, at: file.keyRange, key: name(key + "_file"), "stands beside \(key)",
                    remedy: "keep one of the two")
                return nil
            }
            guard case .scalar(let text, _) = inline.value.content else {
                session.report(
                    .error, at: inline.value.range, key: name(key), "is not a text", remedy: "write \(form)")
                return nil
            }
            return judged(resolve(text, key, inline), at: inline.value.range, key, minimumLength)
        }
        if let entry = take(key + "_file") {
            guard case .scalar(let path, _) = entry.value.content else {
                session.report(
                    .error, at: entry.value.range, key: name(key + "_file"), "is not a path",
                    remedy: "write the path of a file that holds the secret")
                return nil
            }
            return judged(contents(path, key, entry), at: entry.value.range, key + "_file", minimumLength)
        }
        if needed && !isLocal && !has(key) && !has(key + "_file") {
            session.report(
                .error, key: name(key), "is missing",
                remedy: "set it to a random text, \(key)_file: /path or ${ENV_NAME}; `putlive-gen init` makes one")
        }
        return nil
    }

    private func resolve(_ text: String, _ key: String, _ entry: YAMLEntry) -> Secret? {
        guard text.hasPrefix("${") else { return Secret(text) }
        let variable = text.dropFirst(2).dropLast()
        let isName =
            text.hasSuffix("}") && !variable.isEmpty && variable.utf8.count <= 128
            && variable.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName else {
            session.report(
                .error, at: entry.value.range, key: name(key), "begins like ${ENV_NAME} but is none",
                remedy: "write ${NAME} with letters, digits and underscores, and nothing after it")
            return nil
        }
        guard let found = session.environment.variable(String(variable)) else {
            session.report(
                .error, at: entry.value.range, key: name(key), "names the environment variable \(variable), which is not set",
                remedy: "export \(variable), or give the secret another way")
            return nil
        }
        return Secret(found)
    }

    private func contents(_ path: String, _ key: String, _ entry: YAMLEntry) -> Secret? {
        func fail(_ message: String, _ remedy: String) -> Secret? {
            session.report(.error, at: entry.value.range, key: name(key + "_file"), message, remedy: remedy)
            return nil
        }
        do {
            let checked = try ValueType<String>.path.parse(path)
            var bytes = try session.environment.readFile(checked, 4096)[...]
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self),
                !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else { return fail("names a file that holds no single line of text", "put the secret alone on its first line") }
            return Secret(text)
        } catch let problem as ValueError {
            return fail(problem.message, problem.remedy)
        } catch let problem as ConfigEnvironment.FileProblem {
            return fail("can't be read: \(problem.reason)", "check the path and its permissions")
        } catch {
            return fail("can't be read", "check the path and its permissions")
        }
    }

    private func judged(_ secret: Secret?, at range: YAMLRange, _ key: String, _ minimumLength: Int) -> Secret? {
        guard let secret else { return nil }
        if !isLocal, let weakness = secret.weakness(minimumLength: minimumLength) {
            session.report(
                .error, at: range, key: name(key), weakness,
                remedy: "set at least \(minimumLength) random characters; `openssl rand -base64 48` prints some")
        }
        return secret
    }
}
