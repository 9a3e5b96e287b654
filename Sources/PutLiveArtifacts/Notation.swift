import Crypto

/// Permission bits as they are written: `0640`.
public func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// Two lower-case digits.
public func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return byte < 16 ? "0" + text : text
}

/// SHA-256, in lower-case hexadecimal.
public func sha256(of bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map(hexadecimal).joined()
}
