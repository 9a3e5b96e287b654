/// Where SRS is installed from, which Debian doesn't package.
public struct SRSPackage: ConfigSection {
    /// `https://…` or `file:///…` of an archive that holds `objs/srs`; empty for an SRS that is there already.
    public var url: String
    /// SHA-256 of the archive in lower-case hexadecimal; empty without `url`.
    public var sha256: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        url = section.value(
            "package_url", .optional(.packageURL), default: "",
            "Archive that holds SRS 6 as objs/srs. Empty for an SRS of your own in /usr/local/srs.")
        sha256 = section.value(
            "package_sha256", .optional(.sha256), default: "",
            "SHA-256 of that archive, without which it isn't installed.")
    }
}
