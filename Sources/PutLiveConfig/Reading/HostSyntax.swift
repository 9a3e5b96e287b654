#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// RFC 1123, section 2.1: labels of letters, digits and inner dashes; the last is no number.
func isHostName(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let valid = labels.allSatisfy { label in
        !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                isAlphanumeric(byte) || byte == UInt8(ascii: "-")
            }
    }
    return valid && labels.last?.utf8.allSatisfy(isDigit) == false
}

func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            parseDecimal(part).map { $0 <= 255 } == true
        }
}

func isIPv6(_ text: String) -> Bool { ipv6Bytes(text) != nil }

/// The 16 bytes of an IPv6 address, RFC 4291, section 2.2, without a zone.
func ipv6Bytes(_ text: String) -> [UInt8]? {
    // The C library's string would end at a NUL.
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    return withUnsafeBytes(of: address) { Array($0) }
}

func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
}
