/// A look at a datagram's records (RFC 6347, section 4.1) before OpenSSL gets them. It takes some records that are nonsense
/// for an error that ends the handshake, though anybody can send them before there are keys.
enum DTLSRecords {
    private static let headerLength = 13
    /// A flight's records at most; more is no handshake.
    private static let most = 64
    /// Longer than any chain of certificates that a browser sends.
    private static let longestMessage = 32_768

    /// Is it made of whole records that may be part of a handshake, or came after it?
    static func arePlausible(_ datagram: UnsafeRawBufferPointer) -> Bool {
        var rest = datagram[...]
        for _ in 0..<most where !rest.isEmpty {
            guard let record = first(of: rest), isPlausible(record) else { return false }
            rest = rest.dropFirst(record.count)
        }
        return !datagram.isEmpty && rest.isEmpty
    }

    private static func first(of rest: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer? {
        let bytes = UnsafeRawBufferPointer(rebasing: rest)
        guard bytes.count >= headerLength else { return nil }
        let count = headerLength + number(bytes, 11, bytes: 2)
        return count <= bytes.count ? UnsafeRawBufferPointer(rebasing: bytes[..<count]) : nil
    }

    private static func isPlausible(_ record: UnsafeRawBufferPointer) -> Bool {
        // DTLS 1.0, as a first ClientHello may say, or 1.2.
        guard number(record, 1, bytes: 2) == 0xfeff || number(record, 1, bytes: 2) == 0xfefd else { return false }
        let isEncrypted = number(record, 3, bytes: 2) > 0
        let body = record.count - headerLength
        switch record[0] {
        case 20: return isEncrypted || body == 1 && record[headerLength] == 1
        case 21: return isEncrypted || body == 2 && (1...2).contains(record[headerLength])
        case 22: return isEncrypted || isHandshake(UnsafeRawBufferPointer(rebasing: record[headerLength...]))
        // Nobody sends data in the clear.
        case 23: return isEncrypted
        default: return false
        }
    }

    /// The headers of the messages, or parts of them, that a record holds (RFC 6347, section 4.2.2).
    private static func isHandshake(_ body: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < body.count {
            guard body.count - offset >= 12 else { return false }
            let length = number(body, offset + 1, bytes: 3)
            let start = number(body, offset + 6, bytes: 3)
            let part = number(body, offset + 9, bytes: 3)
            guard body[offset] <= 24, length <= longestMessage, start + part <= length, part > 0 || length == 0 else {
                return false
            }
            offset += 12 + part
        }
        return offset == body.count && offset > 0
    }

    private static func number(_ buffer: UnsafeRawBufferPointer, _ offset: Int, bytes count: Int) -> Int {
        (0..<count).reduce(0) { $0 << 8 | Int(buffer[offset + $1]) }
    }
}
