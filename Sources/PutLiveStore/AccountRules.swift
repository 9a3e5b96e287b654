// For NFC; it is linked anyway, for GRDB.
import Foundation

/// What names, labels and passwords may be; for the API, the commands and the store alike.
public enum AccountRules {
    /// Users that there may be.
    public static let users = 10_000
    /// Keys of one user that are in force.
    public static let activeKeys = 100
    /// Keys of one user that are expired or revoked; older ones are forgotten.
    static let inactiveKeys = 100
    /// Tokens of one user that are valid at once; the oldest is revoked for one more.
    public static let liveSessions = 100
    /// Tokens of one user that haven't expired, revoked ones included, since each of those has to be remembered. For one
    /// more, the older half of them is made void.
    static let sessions = 2_000

    /// What is wrong with a user's name, as the rest of a sentence that begins with the field's name; or nil.
    public static func problem(username: String) -> String? {
        let isGood = (1...64).contains(username.utf8.count) && username.utf8.allSatisfy(isUsernameByte)
        return isGood ? nil : "must be 1 to 64 letters (a to z), digits, dots, dashes and underscores"
    }

    /// What is wrong with a stream's name.
    public static func problem(stream: String) -> String? {
        let isGood = (1...64).contains(stream.utf8.count) && stream.utf8.allSatisfy(isStreamByte)
        return isGood ? nil : "must be 1 to 64 lower-case letters, digits and dashes"
    }

    /// What is wrong with the label of a key.
    public static func problem(label: String) -> String? {
        if label.unicodeScalars.count > 100 { return "must not be longer than 100 characters" }
        return label.unicodeScalars.contains(where: isControl) ? "must not hold control characters" : nil
    }

    /// What is wrong with a password. Its characters are counted as Unicode scalars in NFC (see `normalized`).
    public static func problem(password: String) -> String? {
        // Bounded before it is normalized.
        if password.utf8.count > 512 { return "must not be longer than 512 bytes" }
        let password = normalized(password: password)
        if password.unicodeScalars.count < 8 { return "must be at least 8 characters long" }
        if password.unicodeScalars.count > 128 { return "must not be longer than 128 characters" }
        return password.unicodeScalars.contains(where: isControl) ? "must not hold control characters" : nil
    }

    /// The form that is hashed: an é is one, however a keyboard spells it (NFC, as RFC 8265, section 4.2 has it).
    static func normalized(password: String) -> String {
        password.utf8.allSatisfy { $0 < 0x80 } ? password : password.precomposedStringWithCanonicalMapping
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool { scalar.properties.generalCategory == .control }

    private static func isStreamByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isUsernameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: isStreamByte(byte)
        }
    }
}
