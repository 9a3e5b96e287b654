/// Hosts, URLs, paths, networks and the like: strings with a strict grammar, so that none can break out of a format.
extension ValueType where Value == String {
    static func checked(
        _ name: String, form: String, pattern: String? = nil, userInfoRemedy: String? = nil,
        _ problem: @escaping @Sendable (String) -> (message: String, remedy: String)?
    ) -> ValueType<String> {
        ValueType(
            name: name, form: form,
            schema: ["type": .string("string")].merging(pattern.map { ["pattern": .string($0)] } ?? [:]) { $1 },
            parse: { (text) throws(ValueError) in
                if let userInfoRemedy, let secrets = userInfo(of: text) {
                    throw ValueError(
                        "has a user name or password before an @", remedy: userInfoRemedy, secrets: secrets)
                }
                if let found = problem(text) { throw ValueError(found.message, remedy: found.remedy) }
                return text
            },
            print: { $0 })
    }

    /// A host name (RFC 1123) or an IP address.
    public static var host: ValueType<String> {
        checked(
            "host", form: "a host name such as stream.example.com, or an IP address",
            userInfoRemedy: "write the host's name alone, such as stream.example.com"
        ) { text in
            if isHostName(text) || isIPv4(text) || isIPv6(text) { return nil }
            return (
                "\(quoted(text)) is not a host name", "write a name such as stream.example.com, without scheme or port"
            )
        }
    }

    /// `auto`, or the address that browsers reach the host at.
    public static var publicAddress: ValueType<String> {
        checked("IP address", form: "auto, or an IPv4 or IPv6 address") { text in
            if text == "auto" || isIPv4(text) || isIPv6(text) { return nil }
            return (
                "\(quoted(text)) is neither auto nor an IP address", "write auto, or an address such as 203.0.113.7"
            )
        }
    }

    /// An absolute path without `.` or `..` parts, control characters or a slash at the end.
    public static var path: ValueType<String> {
        checked("path", form: "an absolute path without ..", pattern: "^/[^\\u0000-\\u001f]*$") { text in
            pathProblem(text)
        }
    }

    /// A path, or empty for none.
    public static var optionalPath: ValueType<String> {
        checked("path", form: "an absolute path without .., or empty", pattern: "^(/[^\\u0000-\\u001f]*)?$") { text in
            text.isEmpty ? nil : pathProblem(text)
        }
    }

    /// A web origin (RFC 6454): scheme, host and, if not the scheme's own, a port.
    public static var origin: ValueType<String> {
        let remedy = "write scheme and host alone, such as https://www.example.com"
        return checked(
            "origin", form: "https://host or https://host:port", pattern: "^https?://[^/?#]+$", userInfoRemedy: remedy
        ) { text in
            if text == "*" || text == "null" {
                return ("\(quoted(text)) would let every site call the API", "list the sites: https://www.example.com")
            }
            guard let rest = dropScheme(text, ["https", "http"]) else {
                return ("\(quoted(text)) is not an origin: it lacks http:// or https://", remedy)
            }
            if rest.contains(where: { "/?#".contains($0) }) {
                return ("\(quoted(text)) is not an origin: it has a path", remedy)
            }
            guard isHostAndPort(rest) else { return ("\(quoted(text)) is not an origin", remedy) }
            // A browser sends it that way, and texts are compared.
            if text.utf8.contains(where: { isLetter($0) && !isLowercase($0) }) {
                return ("\(quoted(text)) has capital letters", "write it as browsers do: \(text.lowercased())")
            }
            if rest.hasSuffix(text.hasPrefix("https") ? ":443" : ":80") {
                return ("\(quoted(text)) names the scheme's own port, which browsers leave out", "remove the port")
            }
            return nil
        }
    }

    /// The URL of a STUN or TURN server (RFC 7064, RFC 7065).
    public static var iceURL: ValueType<String> {
        checked(
            "ICE URL", form: "stun:host:port, turn:host:port or turns:host:port?transport=tcp",
            pattern: "^(stun|stuns|turn|turns):.+$",
            userInfoRemedy: "use username and credential, and write turn:host:port here"
        ) { text in
            let problem = (
                "\(quoted(text)) is not the URL of a STUN or TURN server",
                "write stun:host:port, turn:host:port or turns:host:port?transport=tcp"
            )
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["stun", "stuns", "turn", "turns"].contains(parts[0]) else { return problem }
            let halves = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard isHostAndPort(halves[0]) else { return problem }
            guard halves.count == 2 else { return nil }
            let fits = parts[0].hasPrefix("turn") && ["transport=udp", "transport=tcp"].contains(halves[1])
            return fits ? nil : problem
        }
    }

    /// A network in CIDR notation.
    public static var cidr: ValueType<String> {
        checked("CIDR", form: "a network such as 203.0.113.0/24 or 2001:db8::/32") { text in
            let remedy = "write an address and a prefix length, such as 203.0.113.0/24"
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let length = parseDecimal(parts[1]) else {
                return ("\(quoted(text)) is not a network in CIDR notation", remedy)
            }
            let address = String(parts[0])
            guard (isIPv4(address) && length <= 32) || (isIPv6(address) && length <= 128) else {
                return ("\(quoted(text)) is not a network in CIDR notation", remedy)
            }
            return nil
        }
    }

    /// A network in CIDR notation that may belong to one owner. Behind larger ones any client could choose its address.
    public static var proxyNetwork: ValueType<String> {
        var type = cidr
        type.parse = { (text) throws(ValueError) in
            let network = try cidr.parse(text)
            let parts = network.split(separator: "/")
            guard let address = IPAddress(String(parts[0])), let length = parseDecimal(parts[1]) else { return network }
            let shortest = address.isVersion4 ? 8 : address.isLocalIPv6 ? 7 : 16
            guard length - address.prefixOffset < shortest else { return network }
            throw ValueError(
                "\(quoted(text)) takes in so many that any client could choose its address",
                remedy: "name the load balancers' own network, such as 10.0.0.0/16")
        }
        return type
    }

    /// A mail address, or empty for none.
    public static var email: ValueType<String> {
        checked("mail address", form: "name@host, or empty") { text in
            if text.isEmpty { return nil }
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let allowed: (UInt8) -> Bool = { isAlphanumeric($0) || ".!#&'*+/=?^_`{|}~-".utf8.contains($0) }
            let valid = parts.count == 2 && (1...64).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy(allowed)
            if valid && isHostName(String(parts[1])) && parts[1].contains(".") { return nil }
            return ("\(quoted(text)) is not a mail address", "write an address such as admin@example.com")
        }
    }

    /// A telephone number in E.164 form, or empty for none.
    public static var phoneNumber: ValueType<String> {
        var type = checked(
            "telephone number", form: "E.164, such as +15551234567, or empty", pattern: "^(\\+[1-9][0-9]{6,14})?$"
        ) { text in
            let digits = text.utf8.dropFirst()
            let isNumber =
                (7...15).contains(digits.count) && digits.allSatisfy(isDigit) && digits.first != UInt8(ascii: "0")
            if text.isEmpty || (text.hasPrefix("+") && isNumber) { return nil }
            return ("\(quoted(text)) is not a telephone number", "write it with the country code: +15551234567")
        }
        type.schema["type"] = stringOrNumber
        return type
    }

    /// The name of an S3 bucket, or empty for none. `ACCOUNT_ID` in it stands for the account's number.
    public static var bucket: ValueType<String> {
        checked(
            "S3 bucket",
            form: "3 to 63 lower-case letters, digits, dots or dashes, ACCOUNT_ID for the account; or empty"
        ) { text in
            if text.isEmpty { return nil }
            let name = text.replacing("ACCOUNT_ID", with: "123456789012")
            let edges = [name.utf8.first, name.utf8.last].allSatisfy {
                $0.map { isLowercase($0) || isDigit($0) } ?? false
            }
            if edges && (3...63).contains(name.utf8.count)
                && name.utf8.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: ".") })
                && !name.contains("..") && !isIPv4(name)
            {
                return nil
            }
            return (
                "\(quoted(text)) is not the name of an S3 bucket",
                "use 3 to 63 lower-case letters, digits, dots or dashes"
            )
        }
    }
}

func pathProblem(_ text: String) -> (message: String, remedy: String)? {
    if text.utf8.first != UInt8(ascii: "/") {
        return ("\(quoted(text)) is not an absolute path", "start it with /")
    }
    if !text.unicodeScalars.allSatisfy(isInert) {
        return ("\(quoted(text)) has an unprintable character", "remove it")
    }
    if text.utf8.contains(UInt8(ascii: "$")) {
        return ("\(quoted(text)) has a $, which nginx, systemd and SRS take for a variable", "use another name")
    }
    // By bytes, as the system does it: to `String` a slash can be part of a larger character.
    let parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if let dots = [".", ".."].first(where: { dots in parts.contains { $0.elementsEqual(dots.utf8) } }) {
        return ("\(quoted(text)) escapes with \(dots)", "write the path it leads to")
    }
    if parts.contains(where: \.isEmpty) {
        return ("\(quoted(text)) has an empty part", "remove the doubled or trailing slash")
    }
    if parts.contains(where: { $0.count > 255 }) {
        return ("a part of the path is longer than 255 bytes", "use a shorter name")
    }
    if text.utf8.count > 1024 {
        return ("the path is longer than 1024 bytes", "use a shorter path")
    }
    return nil
}

/// The secrets in a URL with a user in it, `turn:user:password@host`: all of it, and the password; nil without an `@`.
private func userInfo(of text: String) -> [String]? {
    guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    var user = Substring(text.utf8[..<at])
    for scheme in ["https://", "http://", "stuns:", "stun:", "turns:", "turn:"] where user.hasPrefix(scheme) {
        user = user.dropFirst(scheme.count)
        break
    }
    let password = user.utf8.firstIndex(of: UInt8(ascii: ":")).map { String(Substring(user.utf8[$0...].dropFirst())) }
    return [text, password ?? ""].filter { !$0.isEmpty }
}

func dropScheme(_ text: String, _ schemes: [String]) -> Substring? {
    for scheme in schemes where text.hasPrefix(scheme + "://") { return text.dropFirst(scheme.count + 3) }
    return nil
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
func isHostAndPort(_ text: Substring) -> Bool {
    var host = text
    var port: Substring?
    if text.hasPrefix("[") {
        guard let close = text.firstIndex(of: "]") else { return false }
        guard isIPv6(String(text[text.index(after: text.startIndex)..<close])) else { return false }
        let rest = text[text.index(after: close)...]
        if rest.isEmpty { return true }
        guard rest.hasPrefix(":") else { return false }
        port = rest.dropFirst()
    } else {
        if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard isHostName(String(host)) || isIPv4(String(host)) else { return false }
    }
    guard let port else { return true }
    return parseDecimal(port).map { (1...65535).contains($0) } == true
}
