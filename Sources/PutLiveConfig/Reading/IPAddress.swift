/// An IP address as bytes: 4 of them, or 16. An IPv4 address within IPv6 (`::ffff:192.0.2.1`) is taken for what it is.
struct IPAddress {
    let bytes: [UInt8]
    /// How many bits of the text's own prefix lengths lie before these bytes.
    let prefixOffset: Int

    init?(_ text: String) {
        if isIPv4(text) {
            bytes = text.split(separator: ".").compactMap { UInt8($0) }
            prefixOffset = 0
            return
        }
        guard let all = ipv6Bytes(text) else { return nil }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10...11].allSatisfy { $0 == 0xFF }
        bytes = isMapped ? Array(all[12...]) : all
        prefixOffset = isMapped ? 96 : 0
    }

    var isVersion4: Bool { bytes.count == 4 }

    /// Why nobody reaches a host at it, to be read after it; nil for an address that may be a host's.
    var problem: String? {
        let isZeroUpToLast = bytes.dropLast().allSatisfy { $0 == 0 }
        if isVersion4 ? bytes[0] == 0 : isZeroUpToLast && bytes.last == 0 { return "is no host's address" }
        if isVersion4 ? bytes[0] == 127 : isZeroUpToLast && bytes.last == 1 { return "is this machine's alone" }
        if isVersion4 ? (224...239).contains(bytes[0]) : bytes[0] == 0xFF { return "is a group's address (multicast)" }
        if isVersion4 && bytes[0] >= 240 { return "is reserved, and no host's address" }
        return nil
    }

    /// Whether it is of a site's own network, fc00::/7 (RFC 4193), or of one link's, fe80::/10.
    var isLocalIPv6: Bool {
        !isVersion4 && (bytes[0] & 0xFE == 0xFC || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80))
    }
}
