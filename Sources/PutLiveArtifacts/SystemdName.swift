/// The names that systemd derives from paths.
public enum SystemdName {
    /// `path` as the name of a mount or swap unit, without its suffix: `/dev/shm` becomes `dev-shm`.
    ///
    /// systemd.unit(5), "String escaping for inclusion in unit names": slashes become dashes, and whatever is neither an
    /// ASCII letter, a digit, `:`, `_` nor a dot that doesn't come first becomes `\x` and two hexadecimal digits.
    /// Doubled slashes and those at the ends don't count; the root itself is `-`.
    public static func escape(path: String) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
        guard !parts.isEmpty else { return "-" }
        var name = ""
        for byte in parts.joined(separator: "/".utf8) {
            switch byte {
            case UInt8(ascii: "/"):
                name += "-"
            case UInt8(ascii: ".") where !name.isEmpty,
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                name += "\\x" + hexadecimal(byte)
            }
        }
        return name
    }
}
