/// Where a program is fetched from, and how it is known to be the right one.
extension ValueType where Value == String {
    /// An `https` URL, or a `file` URL of this host. It has no character that means something to a shell's quotes, to
    /// curl's globs or to CloudFormation.
    public static var packageURL: ValueType<String> {
        let form = "https://host/file, or file:///absolute/path"
        return checked(
            "package URL", form: form, pattern: "^(https://[^/]+/|file:///).+$",
            userInfoRemedy: "write the URL without a user, or fetch the file by hand and write file:///path"
        ) { text in
            guard text.utf8.count <= 2048 else {
                return ("is longer than 2048 bytes", "use a shorter URL, or fetch the file and write file:///path")
            }
            if let path = dropScheme(text, ["file"]) { return fileProblem(String(path)) }
            guard let rest = dropScheme(text, ["https"]) else {
                return ("\(quoted(text)) is neither an https nor a file URL", "write \(form)")
            }
            guard let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) else {
                return ("\(quoted(text)) names no file", "add the path of the archive: \(form)")
            }
            guard isHostAndPort(rest[..<slash]) else {
                return ("\(quoted(text)) has no host, or not a right one", "write \(form)")
            }
            let path = rest[rest.utf8.index(after: slash)...].utf8
            if path.isEmpty { return ("\(quoted(text)) names no file", "add the path of the archive: \(form)") }
            guard path.allSatisfy({ isAlphanumeric($0) || "-._~/?&()*+,;=:%!".utf8.contains($0) }) else {
                return ("\(quoted(text)) has a character that a URL can't hold", "write it in percent-encoding: %20")
            }
            return nil
        }
    }

    private static func fileProblem(_ path: String) -> (message: String, remedy: String)? {
        if let problem = pathProblem(path) { return (problem.message, "write file:///absolute/path") }
        // curl would decode a percent sign, and take a question mark for the path's end.
        let fits = path.utf8.allSatisfy { isAlphanumeric($0) || "-._~/+,=:".utf8.contains($0) }
        return fits ? nil : ("\(quoted(path)) is more than letters, digits and - . _ ~ + , = :", "rename the file")
    }

    /// SHA-256 in hexadecimal, 64 digits; capitals are read as small letters.
    public static var sha256: ValueType<String> {
        var type = word(
            "SHA-256", form: "64 hexadecimal digits, as sha256sum prints them", pattern: "^[0-9A-Fa-f]{64}$", limit: 64,
            allowed: isHexDigit, fits: { $0.utf8.count == 64 })
        type.parse = { [parse = type.parse] (text) throws(ValueError) in try parse(text).lowercased() }
        return type
    }
}
