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

/// RFC 4291, section 2.2, without a zone.
func isIPv6(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2, text.contains(":"), text.utf8.count <= 45 else { return false }
    func groups(_ half: Substring, isLast: Bool) -> Int? {
        if half.isEmpty { return halves.count == 2 ? 0 : nil }
        var count = 0
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast && index == parts.count - 1 && part.contains(".") {
                guard isIPv4(String(part)) else { return nil }
                count += 2
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit) else { return nil }
                count += 1
            }
        }
        return count
    }
    var total = 0
    for (index, half) in halves.enumerated() {
        guard let count = groups(half, isLast: index == halves.count - 1) else { return false }
        total += count
    }
    return halves.count == 2 ? total <= 7 : total == 8
}

func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
}
