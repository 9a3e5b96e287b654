/// What the user wrote, made fit for a message; and character classes that are ASCII and nothing else.
///
/// The classes look at bytes: a `Character` range such as "0"..."9" also holds digits with an accent, and string
/// comparison takes the Kelvin sign for a K.

/// Quotes what the user wrote, bounded and with control characters made visible, for use in a message. A number
/// stands as it is.
func quoted(_ text: String) -> String {
    if !text.isEmpty && text.utf8.count <= 18 && text.utf8.allSatisfy(isDigit) { return text }
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
        if isInert(scalar) {
            shown.unicodeScalars.append(scalar)
        } else {
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
    return "\"" + shown + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
}

/// `1 stream`, `3 streams`.
public func counted(_ count: Int, _ word: String) -> String {
    count == 1 ? "1 \(word)" : "\(count) \(word)s"
}

/// `a port`, `an origin`.
func article(_ word: String) -> String {
    "aeiouAEIOU".contains(word.first ?? "x") ? "an \(word)" : "a \(word)"
}

/// Whether a character can neither steer a terminal, nor turn the direction of a text, nor break a line.
func isInert(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
    default: true
    }
}

/// The text with each character that isn't inert replaced by one that is.
public func inert(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy(isInert) { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isInert($0) ? $0 : "\u{FFFD}" }))
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
func isLowercase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
func isLetter(_ byte: UInt8) -> Bool { isLowercase(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
/// Lower-case letters, digits and dashes.
@Sendable func isNameByte(_ byte: UInt8) -> Bool { isLowercase(byte) || isDigit(byte) || byte == UInt8(ascii: "-") }

/// A whole number in decimal, without sign or leading zeros, of at most 18 digits; nil for anything else.
func parseDecimal(_ text: some StringProtocol) -> Int? {
    let digits = text.utf8
    guard (1...18).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    return Int(text)
}
